"""An invitation to the staff: the page its link opens. Only the form on it changes anything."""

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import PasswordUtil, hash_password
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from commentsite.accounts import invitations
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.letters.queries import list_letters
from commentsite.text.plain_text import clean_single_line
from commentsite.web.context import current_site, runtime
from commentsite.web.errors import field_error, status_of
from commentsite.web.http.extensions import limiter
from commentsite.web.http.rate_limits import SIGN_IN_LIMIT

bp = Blueprint("invitations", __name__, url_prefix="/account/invitation")


class JoinForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Who joins, and the password they choose."""

    name = StringField(_l("Name"), [InputRequired(_l("Enter a name."))])
    group = SelectField(_l("Stakeholder group"), validate_choice=False)
    organisation = StringField(_l("Organisation"))
    password = PasswordField(_l("Password"), [InputRequired(_l("Choose a password."))])
    again = PasswordField(_l("The same again"))

    def validate_password(self, field: PasswordField) -> None:
        """Ask of it what is asked of every password here."""
        wrong, _normal = PasswordUtil(current_app).validate(field.data or "", is_register=True)
        if wrong:
            raise ValidationError(wrong[0])
        if field.data != self.again.data:
            raise ValidationError(_("The two are not the same."))


@bp.route("/<token>", methods=["GET", "POST"])
@limiter.limit(SIGN_IN_LIMIT, methods=["POST"])
def join(token: str) -> AnyResponse:
    """Show who is invited to what; take them on when they send the form."""
    form = JoinForm()
    offered = current_site().offered_groups
    form.group.choices = [SelectChoice(value=code, label=name) for code, name in offered.items()]
    form.group.data = form.group.data if form.group.data in offered else "UND"
    if not form.is_submitted():
        return _page(token, form)
    if not form.validate():
        return _page(token, form, 422)
    _wrong, password = PasswordUtil(current_app).validate(form.password.data, is_register=True)
    hashed = hash_password(password)
    try:
        with transaction():
            user = invitations.accept_invitation(
                token,
                name=clean_single_line(form.name.data),
                password_hash=hashed,
                group=form.group.data,
                organisation=clean_single_line(form.organisation.data or ""),
                encryption=runtime().encryption,
            )
    except SiteError as error:
        return _page(token, form, status_of(error), field_error(form, error))
    flash(_("You are on the staff, %(name)s. Sign in.", name=user.name))
    return redirect(url_for("security.login"), 303)


def _page(token: str, form: JoinForm, status: int = 200, problem: str = "") -> Response:
    found = invitations.find_invitation(token)
    letters = list_letters(frozenset(found.letters)) if found.letters else ()
    page = render_template(
        "account/join.html",
        token=token,
        form=form,
        problem=problem,
        invitation=found,
        email=invitations.decrypt_address(found, runtime().encryption),
        letters=letters,
    )
    response = make_response(page, status)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is a key
    return response
