"""The page on which an empty site gets its first steward and its title. `commentsite run` prints its address."""

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
from flask_security import PasswordUtil, hash_password, login_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, ValidationError

from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.letters.language_tags import parse_language
from commentsite.site.services import record_mail_test
from commentsite.site.setup import SetupForm, check_setup_token, complete_setup
from commentsite.text.plain_text import clean_single_line
from commentsite.web.context import current_site
from commentsite.web.email_tests import send_test_email
from commentsite.web.errors import add_field_error, get_status
from commentsite.web.http.languages import LanguageBlueprint, use_language
from commentsite.web.http.rate_limits import SETUP_LIMITS, limit_by_network
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.language_names import list_language_choices

bp = LanguageBlueprint("setup", __name__, url_prefix="/setup")


class FirstForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The first account and the facts of the site."""

    title = StringField(_l("Title of the site"), [InputRequired(_l("Enter a title."))])
    tagline = StringField(_l("Description of the site in one sentence"))
    contact = StringField(_l("Contact address for readers"))
    language = SelectField(_l("Language of the site"), validate_choice=False)
    name = StringField(_l("Your name"), [InputRequired(_l("Enter your name."))])
    email = StringField(_l("Your email address"), [InputRequired(_l("Enter your email address."))])
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter a password."))])
    again = PasswordField(_l("Repeat password"))
    mail_test = BooleanField(_l("Send me a test message"))

    def validate_password(self, field: PasswordField) -> None:
        """Apply the same rules as for every other password of staff."""
        errors, _normalised = PasswordUtil(current_app).validate(field.data or "", is_register=True)
        if errors:
            raise ValidationError(errors[0])
        if field.data != self.again.data:
            raise ValidationError(_("The two passwords are different."))


@bp.route("/<token>", methods=["GET", "POST"])
@limit_by_network(SETUP_LIMITS)
def show(token: str) -> AnyResponse:
    """Show the form, and set up the site when it is sent. Then its sender is signed in."""
    check_setup_token(token)
    site = current_site()
    form = FirstForm(
        data={
            "title": site.title,
            "tagline": site.tagline,
            "language": site.language,
            "mail_test": True,
        }
    )
    if not form.is_submitted():
        return _render_page(token, form)
    if not form.validate():
        return _render_page(token, form, 422)
    _errors, password = PasswordUtil(current_app).validate(form.password.data, is_register=True)
    password_hash = hash_password(password)  # slow, so before the transaction
    try:
        facts = _read_form(form)
        with transaction():
            steward = complete_setup(token, facts, password_hash=password_hash)
    except SiteError as error:
        return _render_page(token, form, get_status(error), add_field_error(form, error))
    with use_language(facts.language):  # that of the next page
        flash(_("The site is set up. You are signed in as %(name)s.", name=steward.name))
        if form.mail_test.data:
            _test_email(steward.email, facts.title)
    login_user(steward, authn_via=["password"])
    return redirect(url_for("desk_home.index"), 303)


def _read_form(form: FirstForm) -> SetupForm:
    return SetupForm(
        name=clean_single_line(form.name.data or ""),
        email=(form.email.data or "").strip(),
        title=clean_single_line(form.title.data or ""),
        tagline=clean_single_line(form.tagline.data or ""),
        contact=clean_single_line(form.contact.data or ""),
        language=parse_language(form.language.data or "") or "en",
    )


def _test_email(address: str, title: str) -> None:
    result = send_test_email(address, title)
    if result.is_sent:
        with transaction():
            record_mail_test()
    flash(result.sentence, "error" if result.is_failed else "info")


def _render_page(token: str, form: FirstForm, status: int = 200, problem: str = "") -> Response:
    form.language.choices = list_language_choices(form.language.data or "")
    page = render_template("account/setup.html", token=token, form=form, problem=problem)
    return make_response(page, status)
