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
from commentsite.accounts.keys import AS_THEY_COME
from commentsite.accounts.permissions import Permission
from commentsite.accounts.queries import has_second_factor, keys_of, messages_of
from commentsite.accounts.rhythm import How, Rhythm
from commentsite.accounts.services import choose_keys
from commentsite.accounts.telling import choose_messages
from commentsite.db import transaction
from commentsite.errors import Invalid
from commentsite.letters.queries import all_letters
from commentsite.moderation.ties import interests_of
from commentsite.plain import one_line, small_number
from commentsite.web.errors import sentence, status_of
from commentsite.web.identity import current_actor, require_staff

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
    typed = AS_THEY_COME if sent.get("act") == "reset" else sent
    try:
        with transaction():
            choose_keys(typed, is_off="off" in sent, by=current_actor())
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
        None if not sent.get(name) else small_number(sent[name])
        for name in ("quiet_from", "quiet_until")
    ]
    hour = small_number(sent.get("hour", ""))
    rhythm = Rhythm(
        how=How(how) if how in set(How) else How.OFF,
        hour=NO_HOUR if hour is None else hour,
        quiet_from=quiet[0],
        quiet_until=quiet[1],
        zone=one_line(sent.get("zone", "")),
        subjects=tuple(sent.getlist("subjects")),
    )
    try:
        with transaction():
            choose_messages(rhythm, by=current_actor())
    except Invalid as error:
        return _page(error, rhythm)
    flash(_("You hear from us as you chose."))
    return redirect(url_for("desk_me.show", _anchor="messages"), 303)


def _page(error: Invalid | None = None, rhythm: Rhythm | None = None) -> Response:
    actor = current_actor()
    page = render_template(
        "desk/profile.html",
        actor=actor,
        role=current_user.roles[0].name if current_user.roles else "",
        letters=all_letters(actor.letters) if actor.letters else (),
        has_code=bool(current_user.tf_primary_method),
        passkeys=len(current_user.webauthn),
        has_factor=has_second_factor(current_user),
        codes_left=len(current_user.mf_recovery_codes or ()),
        sessions=sessions.of(current_user.id),
        declared=interests_of(current_user.id),
        choosable=all_letters(actor.letters),
        keys=keys_of(actor.user_id),
        rhythm=rhythm or messages_of(actor.user_id),
        zones=sorted(available_timezones()),
        messages_problem=sentence(error) if error and rhythm else "",
        messages_wrong=error.field if error and rhythm else "",
        typed=request.form if error and not rhythm else None,
        problem=sentence(error) if error and not rhythm else "",
        wrong=error.field if error and not rhythm else "",
        mine=sessions.number(session.get("key", "")),
    )
    return make_response(page, status_of(error) if error else 200)


@bp.post("/sessions/<int:session_id>/end")
def end(session_id: int) -> AnyResponse:
    """End one of this person's sessions."""
    with transaction():
        sessions.end_one(current_user.id, session_id)
    flash(_("That session has ended."))
    return redirect(url_for("desk_me.show"), 303)


@bp.post("/sessions/end-others")
def end_others() -> AnyResponse:
    """End all of this person's sessions but this one."""
    with transaction():
        sessions.end_all(current_user.id, but=session.get("key", ""))
    flash(_("You are signed in only here."))
    return redirect(url_for("desk_me.show"), 303)
