"""Manage the staff: invite people, change roles and letters, deactivate accounts, end sessions."""

from dataclasses import dataclass

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
from commentsite.accounts.models import User
from commentsite.accounts.permissions import Permission, RoleName
from commentsite.db.session import transaction
from commentsite.errors import Invalid, SiteError
from commentsite.moderation.conflicts.queries import list_declarations
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.desk.letter_choices import (
    build_letter_choices,
    is_letter_search,
    list_ticked_letters,
    read_chosen_letters,
)
from commentsite.web.errors import add_field_error, get_status, translate_error
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import ROLE_LABELS

PEOPLE_PER_PAGE = 50
MAX_QUERY_LENGTH = 200

bp = Blueprint("desk_people", __name__, url_prefix="/desk/people")
bp.before_request(require_staff(Permission.MANAGE_PEOPLE))


class InvitationForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The address and the role of a person to invite. The letters are read separately."""

    email = EmailField(_l("Email address"), [InputRequired(_l("Enter an email address."))])
    role = RadioField(
        _l("Role"),
        choices=[SelectChoice(value=role.value, label=ROLE_LABELS[role]) for role in RoleName],
        default=RoleName.MODERATOR.value,
        validate_choice=False,
    )


@dataclass(frozen=True)
class StaffRow:
    """A row of the table of staff."""

    person: User
    role: str
    is_actor: bool  # the steward who looks at the page, and who cannot change their own account
    has_second_factor: bool


@bp.get("/")
def index() -> Response:
    """List the staff and the open invitations, and offer a form to invite another person."""
    return _render_staff(InvitationForm())


@bp.post("/")
def invite() -> AnyResponse:
    form = InvitationForm()
    if is_letter_search():
        return _render_staff(form)
    if not form.validate():
        return _render_staff(form, 422)
    try:
        with transaction():
            invitations.invite_staff(
                form.email.data,
                _parse_role(form.role.data),
                read_chosen_letters(),
                by=current_actor(),
                encryption=runtime().encryption,
            )
    except SiteError as error:
        return _render_staff(form, get_status(error), add_field_error(form, error))
    flash(_("The invitation is sent. Its link works once, within 72 hours."))
    return redirect(url_for("desk_people.index"), 303)


@bp.post("/invitations/<int:invitation_id>/take-back")
def withdraw_invitation(invitation_id: int) -> AnyResponse:
    """Make the link of an invitation invalid."""
    with transaction():
        invitations.revoke_invitation(invitation_id, by=current_actor())
    flash(_("The invitation is withdrawn."))
    return redirect(url_for("desk_people.index"), 303)


@bp.get("/<int:user_id>")
def show(user_id: int) -> Response:
    return _render_person(user_id)


@bp.post("/<int:user_id>/role")
def change_role(user_id: int) -> AnyResponse:
    role = _parse_role(request.form.get("role", ""))
    with transaction():
        user = accounts.change_role(user_id, role, by=current_actor())
    flash(_("The role of %(name)s is now: %(role)s.", name=user.name, role=ROLE_LABELS[role]))
    return redirect(url_for("desk_people.show", user_id=user_id), 303)


@bp.post("/<int:user_id>/active")
def set_active(user_id: int) -> AnyResponse:
    """Activate or deactivate an account. Deactivation ends every session of it."""
    is_active = request.form.get("active") == "yes"
    with transaction():
        user = accounts.set_active(user_id, is_active=is_active, by=current_actor())
    flash(
        _("The account of %(name)s is activated.", name=user.name)
        if is_active
        else _("The account of %(name)s is deactivated and signed out.", name=user.name)
    )
    return redirect(url_for("desk_people.show", user_id=user_id), 303)


@bp.post("/<int:user_id>/letters")
def limit_letters(user_id: int) -> AnyResponse:
    """Limit a person to the chosen letters. Without a choice the person has all letters."""
    if is_letter_search():
        return _render_person(user_id)
    try:
        with transaction():
            user = accounts.limit_to_letters(user_id, read_chosen_letters(), by=current_actor())
    except Invalid as error:
        return _render_person(user_id, get_status(error), translate_error(error))
    flash(
        _("%(name)s now has certain letters only.", name=user.name)
        if user.scope
        else _("%(name)s now has all letters.", name=user.name)
    )
    return redirect(url_for("desk_people.show", user_id=user_id), 303)


@bp.post("/<int:user_id>/sessions")
def end_sessions(user_id: int) -> AnyResponse:
    with transaction():
        user = accounts.sign_out_everywhere(user_id, by=current_actor())
    flash(_("All sessions of %(name)s are ended.", name=user.name))
    return redirect(url_for("desk_people.show", user_id=user_id), 303)


@bp.post("/<int:user_id>/factor")
def reset_second_factor(user_id: int) -> AnyResponse:
    """Remove the second factor of a person who lost it. Ends their sessions and notifies them."""
    with transaction():
        user = accounts.reset_second_factor(
            user_id, by=current_actor(), encryption=runtime().encryption
        )
    flash(
        _(
            "Two-step verification of %(name)s is reset. All sessions are ended, and %(name)s gets an email.",
            name=user.name,
        )
    )
    return redirect(url_for("desk_people.show", user_id=user_id), 303)


def _parse_role(text: str) -> RoleName:
    try:
        return RoleName(text)
    except ValueError:
        msg = "Choose a role."
        raise Invalid(msg, field="role") from None


def _role_of(user: User) -> str:
    return user.roles[0].name if user.roles else ""


def _render_staff(form: InvitationForm, status: int = 200, problem: str = "") -> Response:
    actor, encryption = current_actor(), runtime().encryption
    q = request.args.get("q", "")[:MAX_QUERY_LENGTH].strip()
    after = parse_id(request.args.get("after", ""))
    staff = account_queries.list_staff_page(q=q, after_id=after, limit=PEOPLE_PER_PAGE + 1)
    rows = [
        StaffRow(
            person=user,
            role=_role_of(user),
            is_actor=user.id == actor.user_id,
            has_second_factor=account_queries.has_second_factor(user),
        )
        for user in staff[:PEOPLE_PER_PAGE]
    ]
    page = render_template(
        "desk/admin/people.html",
        actor=actor,
        rows=rows,
        q=q,
        is_first_page=after is None,
        next_after=rows[-1].person.id if len(staff) > PEOPLE_PER_PAGE else None,
        invitations=[
            (invitation, invitations.decrypt_address(invitation, encryption))
            for invitation in account_queries.list_open_invitations(clock.now())
        ],
        letters=build_letter_choices(list_ticked_letters()),
        form=form,
        problem=problem,
    )
    return make_response(page, status)


def _render_person(user_id: int, status: int = 200, problem: str = "") -> Response:
    actor, user = current_actor(), account_queries.get_staff_member(user_id)
    is_actor, role = user.id == actor.user_id, _role_of(user)
    page = render_template(
        "desk/admin/person.html",
        actor=actor,
        person=user,
        role=role,
        is_actor=is_actor,
        has_all_letters=is_actor or role == RoleName.STEWARD,
        has_second_factor=account_queries.has_second_factor(user),
        sessions=sessions.list_sessions(user.id),
        letters=build_letter_choices(
            list_ticked_letters()
            if is_letter_search()
            else [entry.letter_id for entry in user.scope]
        ),
        declarable=build_letter_choices(),
        declarations=list_declarations(user.id),
        problem=problem,
    )
    return make_response(page, status)
