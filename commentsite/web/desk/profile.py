"""Let staff manage their own account: security, sessions, time zone, notifications and shortcuts."""

from collections.abc import Mapping
from dataclasses import dataclass

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
from flask_security import current_user
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts import sessions
from commentsite.accounts.digest_preferences import (
    save_digest_schedule,
    save_language,
    save_time_zone,
)
from commentsite.accounts.digest_schedule import DigestSchedule, Frequency
from commentsite.accounts.permissions import Permission
from commentsite.accounts.queries import has_second_factor, load_digest_schedule, load_shortcuts
from commentsite.accounts.services import save_shortcuts
from commentsite.accounts.shortcuts import DEFAULT_SHORTCUTS
from commentsite.db.session import transaction
from commentsite.errors import Invalid
from commentsite.letters.queries import list_letter_choices
from commentsite.moderation.conflicts.queries import list_declarations
from commentsite.text.languages import INTERFACE_LANGUAGES
from commentsite.text.plain_text import clean_single_line
from commentsite.web.context import current_actor, require_staff
from commentsite.web.desk.letter_choices import build_letter_choices
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.languages import get_site_language, use_language
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.language_names import get_own_name
from commentsite.web.rendering.time_zones import get_listed_name, list_zone_regions

NO_HOUR = -1  # for an hour that is missing or no number; the service refuses it
bp = Blueprint("desk_profile", __name__, url_prefix="/desk/me")
bp.before_request(require_staff(Permission.MODERATE))


@dataclass(frozen=True)
class ShortcutsForm:
    """The keyboard shortcuts as the form shows them, with the error of a field."""

    keys: Mapping[str, str]  # by action
    is_off: bool
    problem: str = ""
    wrong: str | None = None  # the action whose key cannot be saved


@dataclass(frozen=True)
class DigestForm:
    """The schedule of email notifications as the form shows it, with the error of a field."""

    schedule: DigestSchedule
    problem: str = ""
    wrong: str | None = None  # the field that cannot be saved


@bp.get("/")
def show() -> Response:
    return _render_page()


@bp.post("/keys")
def update_shortcuts() -> AnyResponse:
    """Save the shortcuts of the form. Scripts may still reset them here, by `act=reset`."""
    if request.form.get("act") == "reset":
        return reset_shortcuts()
    keys, is_off = request.form, "off" in request.form
    try:
        with transaction():
            save_shortcuts(keys, is_off=is_off, by=current_actor())
    except Invalid as error:
        form = ShortcutsForm(keys, is_off, problem=translate_error(error), wrong=error.field)
        return _render_page(shortcuts=form, status=get_status(error))
    flash(_("Your shortcuts are saved."))
    return redirect(url_for("desk_profile.show", _anchor="keys"), 303)


@bp.post("/keys/reset")
def reset_shortcuts() -> AnyResponse:
    """Save the default shortcuts. They stay off if the form says so."""
    with transaction():
        save_shortcuts(DEFAULT_SHORTCUTS, is_off="off" in request.form, by=current_actor())
    flash(_("Your shortcuts are reset to the defaults."))
    return redirect(url_for("desk_profile.show", _anchor="keys"), 303)


@bp.post("/time-zone")
def update_time_zone() -> AnyResponse:
    zone = clean_single_line(request.form.get("zone", ""))
    try:
        with transaction():
            save_time_zone(zone, by=current_actor())
    except Invalid as error:
        problem = translate_error(error)
        return _render_page(zone=zone, zone_problem=problem, status=get_status(error))
    flash(_("Your time zone is saved. The desk shows all times in it."))
    return redirect(url_for("desk_profile.show", _anchor="time-zone"), 303)


@bp.post("/language")
def update_language() -> AnyResponse:
    """Save the language. The answer is already in it."""
    language = request.form.get("language", "")
    with transaction():
        save_language(language, by=current_actor())
    with use_language(language):
        flash(_("Your language is saved. The desk and your emails are in it."))
    return redirect(url_for("desk_profile.show", _anchor="language"), 303)


@bp.post("/messages")
def update_notifications() -> AnyResponse:
    schedule = _read_digest_schedule()
    try:
        with transaction():
            save_digest_schedule(schedule, by=current_actor())
    except Invalid as error:
        form = DigestForm(schedule, problem=translate_error(error), wrong=error.field)
        return _render_page(digest=form, status=get_status(error))
    flash(_("Your email notifications are saved."))
    return redirect(url_for("desk_profile.show", _anchor="messages"), 303)


@bp.post("/sessions/<int:session_id>/end")
def end_session(session_id: int) -> AnyResponse:
    with transaction():
        sessions.revoke_session_by_id(current_user.id, session_id)
    flash(_("The session is ended."))
    return redirect(url_for("desk_profile.show"), 303)


@bp.post("/sessions/end-others")
def end_other_sessions() -> AnyResponse:
    with transaction():
        sessions.revoke_all_sessions(current_user.id, except_key=session.get("key", ""))
    flash(_("All other sessions are ended."))
    return redirect(url_for("desk_profile.show"), 303)


def _read_digest_schedule() -> DigestSchedule:
    form = request.form
    frequency, hour = form.get("how", ""), parse_id(form.get("hour", ""))
    return DigestSchedule(
        frequency=Frequency(frequency) if frequency in set(Frequency) else Frequency.OFF,
        hour=NO_HOUR if hour is None else hour,
        quiet_from=parse_id(form.get("quiet_from", "")),
        quiet_until=parse_id(form.get("quiet_until", "")),
        subjects=tuple(form.getlist("subjects")),
    )


def _render_page(
    *,
    shortcuts: ShortcutsForm | None = None,
    digest: DigestForm | None = None,
    zone: str = "",
    zone_problem: str = "",
    status: int = 200,
) -> Response:
    """Render the page. A form with an error takes the place of what is stored."""
    actor = current_actor()
    if shortcuts is None:
        stored = load_shortcuts(actor.user_id)
        shortcuts = ShortcutsForm(stored.by_action, stored.is_off)
    page = render_template(
        "desk/profile.html",
        actor=actor,
        role=current_user.roles[0].name if current_user.roles else "",
        letters=list_letter_choices(actor.letter_ids or ()),
        has_authenticator=bool(current_user.tf_primary_method),
        passkey_count=len(current_user.webauthn),
        has_second_factor=has_second_factor(current_user),
        recovery_code_count=len(current_user.mf_recovery_codes or ()),
        sessions=sessions.list_sessions(current_user.id),
        current_session_id=sessions.find_session_id(session.get("key", "")),
        declarations=list_declarations(current_user.id),
        declarable=build_letter_choices(scope=actor.letter_ids),
        shortcuts=shortcuts,
        digest=digest or DigestForm(load_digest_schedule(actor.user_id)),
        zone_regions=list_zone_regions(),
        time_zone=zone or get_listed_name(current_user.time_zone),
        zone_problem=zone_problem,
        languages=[(code, get_own_name(code)) for code in INTERFACE_LANGUAGES],
        site_language=get_own_name(get_site_language()),
        language=current_user.language,
    )
    return make_response(page, status)
