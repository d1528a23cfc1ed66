"""The page that a staff invitation links to, on which the invited person creates their account."""

from flask import (
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask_babel import lazy_gettext as _l
from flask_security import PasswordUtil, hash_password
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from commentsite.accounts import invitations
from commentsite.accounts.models import UNDISCLOSED_GROUP
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.letters.queries import list_letter_choices
from commentsite.text.plain_text import clean_single_line
from commentsite.web.context import current_site, runtime
from commentsite.web.errors import add_field_error, get_status
from commentsite.web.http.languages import LanguageBlueprint, get_requested_language
from commentsite.web.http.rate_limits import SIGN_IN_LIMITS, limit_by_network
from commentsite.web.rendering.default_texts import list_group_labels
from commentsite.web.rendering.i18n import gettext as _

bp = LanguageBlueprint("invitations", __name__, url_prefix="/account/invitation")


class JoinForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    name = StringField(_l("Name"), [InputRequired(_l("Enter your name."))])
    group = SelectField(_l("Stakeholder group"), validate_choice=False)
    organisation = StringField(_l("Organisation"))
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter a password."))])
    again = PasswordField(_l("Repeat password"))

    def validate_password(self, field: PasswordField) -> None:
        """Apply the same rules as for every other password of staff."""
        errors, _normalised = PasswordUtil(current_app).validate(field.data or "", is_register=True)
        if errors:
            raise ValidationError(errors[0])
        if field.data != self.again.data:
            raise ValidationError(_("The two passwords are different."))


@bp.route("/<token>", methods=["GET", "POST"])
@limit_by_network(SIGN_IN_LIMITS, methods=["POST"])
def join(token: str) -> AnyResponse:
    """Show the invitation, and create the account when the form is sent. The link alone changes nothing."""
    form = JoinForm()
    groups = current_site().offered_groups
    form.group.choices = [
        SelectChoice(value=code, label=name) for code, name in list_group_labels(groups)
    ]
    form.group.data = form.group.data if form.group.data in groups else UNDISCLOSED_GROUP
    if not form.is_submitted():
        return _render_page(token, form)
    if not form.validate():
        return _render_page(token, form, 422)
    _errors, password = PasswordUtil(current_app).validate(form.password.data, is_register=True)
    password_hash = hash_password(password)  # slow, so before the transaction
    try:
        with transaction():
            user = invitations.accept_invitation(
                token,
                name=clean_single_line(form.name.data),
                password_hash=password_hash,
                group=form.group.data,
                organisation=clean_single_line(form.organisation.data or ""),
                language=get_requested_language(),
                encryption=runtime().encryption,
            )
    except SiteError as error:
        return _render_page(token, form, get_status(error), add_field_error(form, error))
    flash(_("Your account is ready, %(name)s. Sign in.", name=user.name))
    return redirect(url_for("security.login"), 303)


def _render_page(token: str, form: JoinForm, status: int = 200, error: str = "") -> Response:
    invitation = invitations.find_invitation(token)
    page = render_template(
        "account/join.html",
        token=token,
        form=form,
        error=error,
        invitation=invitation,
        email=invitations.decrypt_address(invitation, runtime().encryption),
        letters=list_letter_choices(invitation.letters),
    )
    response = make_response(page, status)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address of the page is a secret
    return response
