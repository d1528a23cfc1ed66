"""Take the request for a link to reset a password. The worker sends the link (see `accounts.password_resets`)."""

from email_validator import EmailNotValidError
from email_validator import validate_email as check_email
from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_security import current_user
from flask_security.recoverable import generate_reset_password_token
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField
from wtforms.validators import InputRequired, Length, ValidationError

from commentsite.accounts.models import User
from commentsite.accounts.password_resets import MAX_ADDRESS_LENGTH, request_password_reset
from commentsite.db.session import transaction
from commentsite.web.context import runtime
from commentsite.web.rendering.i18n import gettext as _


class ResetRequestForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """An address. The form does not look up its account."""

    email = EmailField(
        _l("Email address"),
        [
            InputRequired(_l("Enter your email address.")),
            Length(max=MAX_ADDRESS_LENGTH, message=_l("Enter a shorter email address.")),
        ],
        filters=[lambda text: text.strip() if text else text],
    )

    def validate_email(self, field: EmailField) -> None:
        """Refuse what no account can have. It does not look at the accounts."""
        try:
            check_email(field.data, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            msg = _("Enter an email address such as name@example.org.")
            raise ValidationError(msg) from None


def ask_for_reset_link() -> Response:
    """Show the form, or store the request. The answer is the same for every address."""
    form = ResetRequestForm()
    if form.validate_on_submit():
        with transaction():
            request_password_reset(form.email.data, encryption=runtime().encryption)
        flash(
            _(
                "If %(email)s belongs to a staff account, an email with a link follows within a minute."
                " If we sent one in the last four hours, we may not send another: use the link that you have.",
                email=form.email.data,
            ),
            "info",
        )
        return redirect(url_for("security.forgot_password"), 303)
    if request.method == "GET" and current_user.is_authenticated:
        form.email.data = current_user.email
    page = render_template("security/forgot_password.html", forgot_password_form=form)
    return make_response(page, 422 if form.is_submitted() else 200)


def make_reset_token(user: User) -> str:
    """Return the token of a link to reset this password. It hashes, so call it outside a transaction."""
    return str(generate_reset_password_token(user))  # type: ignore[no-untyped-call]  # Flask-Security is not typed
