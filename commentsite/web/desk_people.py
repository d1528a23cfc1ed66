"""The staff: who they are, what they may do, and how somebody joins or leaves."""

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import hash_password
from flask_security.recoverable import send_reset_password_instructions
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import EmailField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from commentsite import tokens
from commentsite.accounts import queries, services
from commentsite.accounts.permissions import Permission, RoleName
from commentsite.db import transaction
from commentsite.errors import Invalid, SiteError
from commentsite.web.errors import field_error, status_of
from commentsite.web.filters import ROLES
from commentsite.web.identity import current_actor, current_site, require_staff

bp = Blueprint("desk_people", __name__, url_prefix="/desk/people")
bp.before_request(require_staff(Permission.MANAGE_PEOPLE))


class PersonForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Somebody who joins the staff."""

    name = StringField(_l("Name"), [InputRequired(_l("Enter a name."))])
    email = EmailField(_l("Email address"), [InputRequired(_l("Enter an email address."))])
    role = RadioField(
        _l("Role"),
        choices=[SelectChoice(value=role.value, label=ROLES[role]) for role in RoleName],
        default="moderator",
        validate_choice=False,
    )
    group = SelectField(_l("Stakeholder group"), validate_choice=False)
    organisation = StringField(_l("Organisation"))


@bp.get("/")
def index() -> Response:
    """List everybody, and offer to add somebody."""
    return _page(_form())


@bp.post("/")
def add() -> AnyResponse:
    """Add a person, and write to them how to choose a password."""
    form = _form()
    if not form.validate():
        return _page(form, 422)
    hashed = hash_password(tokens.password())  # nobody ever learns this one
    try:
        with transaction():
            user = services.add_staff(
                by=current_actor(),
                email=form.email.data,
                name=form.name.data,
                role=_role(form.role.data),
                password_hash=hashed,
                group=form.group.data if form.group.data in current_site().offered else "UND",
                organisation=form.organisation.data or "",
            )
    except SiteError as error:
        return _page(form, status_of(error), field_error(form, error))
    send_reset_password_instructions(user)  # type: ignore[no-untyped-call]  # Flask-Security is half typed
    flash(
        _(
            "%(name)s is on the staff. A message tells them how to choose a password.",
            name=user.name,
        )
    )
    return redirect(url_for("desk_people.index"), 303)


@bp.post("/<int:user_id>/role")
def role(user_id: int) -> AnyResponse:
    """Give somebody another role."""
    with transaction():
        user = services.change_role(
            user_id, _role(request.form.get("role", "")), by=current_actor()
        )
    flash(_("%(name)s: %(role)s", name=user.name, role=ROLES[RoleName(user.roles[0].name)]))
    return redirect(url_for("desk_people.index"), 303)


@bp.post("/<int:user_id>/active")
def active(user_id: int) -> AnyResponse:
    """Let somebody in, or keep them out."""
    is_active = request.form.get("active") == "yes"
    with transaction():
        user = services.set_active(user_id, is_active=is_active, by=current_actor())
    words = _("%(name)s can sign in.") if is_active else _("%(name)s is signed out and kept out.")
    flash(words % {"name": user.name})
    return redirect(url_for("desk_people.index"), 303)


def _role(text: str) -> RoleName:
    try:
        return RoleName(text)
    except ValueError:
        msg = "Choose a role."
        raise Invalid(msg, field="role") from None


def _form() -> PersonForm:
    form = PersonForm()
    offered = current_site().offered.items()
    form.group.choices = [SelectChoice(value=code, label=label) for code, label in offered]
    form.group.data = form.group.data or "UND"
    return form


def _page(form: PersonForm, status: int = 200, problem: str = "") -> Response:
    page = render_template(
        "desk/people.html",
        actor=current_actor(),
        people=queries.staff(),
        form=form,
        problem=problem,
    )
    return make_response(page, status)
