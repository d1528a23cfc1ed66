"""My own account: how I sign in, and where I am signed in."""

from zoneinfo import available_timezones

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts import sessions
from commentsite.accounts.digest_preferences import save_digest_schedule
from commentsite.accounts.digest_schedule import DigestSchedule, Frequency
from commentsite.accounts.permissions import Permission
from commentsite.accounts.queries import has_second_factor, load_digest_schedule, load_shortcuts
from commentsite.accounts.services import save_shortcuts
from commentsite.accounts.shortcuts import DEFAULT_SHORTCUTS
from commentsite.db.session import transaction
from commentsite.errors import Invalid
from commentsite.letters.queries import list_letters
from commentsite.moderation.conflicts.queries import list_declarations
from commentsite.text.plain_text import clean_single_line
from commentsite.web.context import current_actor, require_staff
from commentsite.web.errors import sentence, status_of
from commentsite.web.http.parameters import parse_id

NO_HOUR = -1
bp = Blueprint("desk_me", __name__, url_prefix="/desk/me")
bp.before_request(require_staff(Permission.MODERATE))


@bp.get("/")
def show() -> Response:
    """Show how this person signs in, which letters they look after, and where they are signed in."""
    return _page()


@bp.post("/keys")
def keys() -> AnyResponse:
    """Take over the keys this person wants at the desk, or those that come with it."""
    sent = request.form
    typed = DEFAULT_SHORTCUTS if sent.get("act") == "reset" else sent
    try:
        with transaction():
            save_shortcuts(typed, is_off="off" in sent, by=current_actor())
    except Invalid as error:
        return _page(error)
    flash(_("These are your keys now."))
    return redirect(url_for("desk_me.show", _anchor="keys"), 303)


@bp.post("/messages")
def messages() -> AnyResponse:
    """Take over what this person wants to hear of, and when."""
    sent = request.form
    how = sent.get("how", "")
    quiet = [
        None if not sent.get(name) else parse_id(sent[name])
        for name in ("quiet_from", "quiet_until")
    ]
    hour = parse_id(sent.get("hour", ""))
    rhythm = DigestSchedule(
        frequency=Frequency(how) if how in set(Frequency) else Frequency.OFF,
        hour=NO_HOUR if hour is None else hour,
        quiet_from=quiet[0],
        quiet_until=quiet[1],
        zone=clean_single_line(sent.get("zone", "")),
        subjects=tuple(sent.getlist("subjects")),
    )
    try:
        with transaction():
            save_digest_schedule(rhythm, by=current_actor())
    except Invalid as error:
        return _page(error, rhythm)
    flash(_("You hear from us as you chose."))
    return redirect(url_for("desk_me.show", _anchor="messages"), 303)


def _page(error: Invalid | None = None, rhythm: DigestSchedule | None = None) -> Response:
    actor = current_actor()
    page = render_template(
        "desk/profile.html",
        actor=actor,
        role=current_user.roles[0].name if current_user.roles else "",
        letters=list_letters(actor.letter_ids) if actor.letter_ids else (),
        has_code=bool(current_user.tf_primary_method),
        passkeys=len(current_user.webauthn),
        has_factor=has_second_factor(current_user),
        codes_left=len(current_user.mf_recovery_codes or ()),
        sessions=sessions.list_sessions(current_user.id),
        declared=list_declarations(current_user.id),
        choosable=list_letters(actor.letter_ids),
        keys=load_shortcuts(actor.user_id),
        rhythm=rhythm or load_digest_schedule(actor.user_id),
        zones=sorted(available_timezones()),
        messages_problem=sentence(error) if error and rhythm else "",
        messages_wrong=error.field if error and rhythm else "",
        typed=request.form if error and not rhythm else None,
        problem=sentence(error) if error and not rhythm else "",
        wrong=error.field if error and not rhythm else "",
        mine=sessions.find_session_id(session.get("key", "")),
    )
    return make_response(page, status_of(error) if error else 200)


@bp.post("/sessions/<int:session_id>/end")
def end(session_id: int) -> AnyResponse:
    """End one of this person's sessions."""
    with transaction():
        sessions.revoke_session_by_id(current_user.id, session_id)
    flash(_("That session has ended."))
    return redirect(url_for("desk_me.show"), 303)


@bp.post("/sessions/end-others")
def end_others() -> AnyResponse:
    """End all of this person's sessions but this one."""
    with transaction():
        sessions.revoke_all_sessions(current_user.id, except_key=session.get("key", ""))
    flash(_("You are signed in only here."))
    return redirect(url_for("desk_me.show"), 303)
