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
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import EmailField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from commentsite import clock
from commentsite.accounts import invitations, sessions
from commentsite.accounts import queries as account_queries
from commentsite.accounts import services as accounts
from commentsite.accounts.permissions import Permission, RoleName
from commentsite.db.session import transaction
from commentsite.errors import Invalid, SiteError
from commentsite.letters.queries import list_letters
from commentsite.moderation.conflicts.queries import list_declarations
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.errors import field_error, sentence, status_of
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.labels import ROLES

bp = Blueprint("desk_people", __name__, url_prefix="/desk/people")
bp.before_request(require_staff(Permission.MANAGE_PEOPLE))


class InvitationForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Somebody who may join the staff."""

    email = EmailField(_l("Email address"), [InputRequired(_l("Enter an email address."))])
    role = RadioField(
        _l("Role"),
        choices=[SelectChoice(value=role.value, label=ROLES[role]) for role in RoleName],
        default="moderator",
        validate_choice=False,
    )


@bp.get("/")
def index() -> Response:
    """List everybody and every open invitation, and offer to invite somebody."""
    return _page(InvitationForm())


@bp.post("/")
def invite() -> AnyResponse:
    """Send an invitation."""
    form = InvitationForm()
    if not form.validate():
        return _page(form, 422)
    try:
        with transaction():
            invitations.invite_staff(
                form.email.data,
                _role(form.role.data),
                _letters(),
                by=current_actor(),
                encryption=runtime().encryption,
            )
    except SiteError as error:
        return _page(form, status_of(error), field_error(form, error))
    flash(_("The invitation is on its way. It can be used once, within 72 hours."))
    return redirect(url_for("desk_people.index"), 303)


@bp.post("/invitations/<int:invitation_id>/take-back")
def take_back(invitation_id: int) -> AnyResponse:
    """Make an invitation worthless."""
    with transaction():
        invitations.revoke_invitation(invitation_id, by=current_actor())
    flash(_("The invitation is taken back."))
    return redirect(url_for("desk_people.index"), 303)


@bp.get("/<int:user_id>")
def person(user_id: int) -> Response:
    """Show one person: the letters they look after, how and where they sign in."""
    return _person(user_id)


@bp.post("/<int:user_id>/role")
def role(user_id: int) -> AnyResponse:
    """Give somebody another role."""
    with transaction():
        user = accounts.change_role(
            user_id, _role(request.form.get("role", "")), by=current_actor()
        )
    flash(_("%(name)s: %(role)s", name=user.name, role=ROLES[RoleName(user.roles[0].name)]))
    return redirect(url_for("desk_people.index"), 303)


@bp.post("/<int:user_id>/active")
def active(user_id: int) -> AnyResponse:
    """Let somebody in, or keep them out."""
    is_active = request.form.get("active") == "yes"
    with transaction():
        user = accounts.set_active(user_id, is_active=is_active, by=current_actor())
    words = _("%(name)s can sign in.") if is_active else _("%(name)s is signed out and kept out.")
    flash(words % {"name": user.name})
    return redirect(url_for("desk_people.index"), 303)


@bp.post("/<int:user_id>/letters")
def letters(user_id: int) -> AnyResponse:
    """Limit somebody to certain letters, or let them look after all."""
    try:
        with transaction():
            user = accounts.limit_to_letters(user_id, _letters(), by=current_actor())
    except Invalid as error:
        return _person(user_id, status_of(error), sentence(error))
    flash(
        _("%(name)s looks after certain letters only.", name=user.name)
        if user.scope
        else _("%(name)s looks after all letters.", name=user.name)
    )
    return redirect(url_for("desk_people.person", user_id=user_id), 303)


@bp.post("/<int:user_id>/sessions")
def sign_out(user_id: int) -> AnyResponse:
    """End every session of somebody."""
    with transaction():
        user = accounts.sign_out_everywhere(user_id, by=current_actor())
    flash(_("%(name)s is signed out everywhere.", name=user.name))
    return redirect(url_for("desk_people.person", user_id=user_id), 303)


@bp.post("/<int:user_id>/factor")
def factor(user_id: int) -> AnyResponse:
    """Take somebody's lost second factor away."""
    with transaction():
        user = accounts.reset_second_factor(
            user_id, by=current_actor(), encryption=runtime().encryption
        )
    flash(
        _(
            "%(name)s has no second factor now, is signed out, and is told by message.",
            name=user.name,
        )
    )
    return redirect(url_for("desk_people.person", user_id=user_id), 303)


def _role(text: str) -> RoleName:
    try:
        return RoleName(text)
    except ValueError:
        msg = "Choose a role."
        raise Invalid(msg, field="role") from None


def _letters() -> frozenset[int]:
    """Return the letters that were chosen. Raises Invalid on one that is none."""
    chosen = {parse_id(text) for text in request.form.getlist("letters")}
    if not chosen <= {letter.id for letter in list_letters()}:
        msg = "A letter you chose is not there. Choose again."
        raise Invalid(msg, field="letters")
    return frozenset(number for number in chosen if number is not None)


def _page(form: InvitationForm, status: int = 200, problem: str = "") -> Response:
    vault = runtime().encryption
    page = render_template(
        "desk/admin/people.html",
        actor=current_actor(),
        people=account_queries.list_staff(),
        has_factor=account_queries.has_second_factor,
        invited=[
            (found, invitations.decrypt_address(found, vault))
            for found in account_queries.list_open_invitations(clock.now())
        ],
        letters=list_letters(),
        chosen=request.form.getlist("letters"),
        form=form,
        problem=problem,
    )
    return make_response(page, status)


def _person(user_id: int, status: int = 200, problem: str = "") -> Response:
    user = account_queries.get_staff_member(user_id)
    page = render_template(
        "desk/admin/person.html",
        actor=current_actor(),
        person=user,
        has_factor=account_queries.has_second_factor(user),
        sessions=sessions.list_sessions(user.id),
        letters=list_letters(),
        declared=list_declarations(user.id),
        chosen=[str(entry.letter_id) for entry in user.scope],
        problem=problem,
    )
    return make_response(page, status)
