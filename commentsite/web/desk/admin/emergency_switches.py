"""Turn the emergency controls of the site on and off: hold all comments, require confirmation, close.

Each control ends by itself at a time that the editor chooses.
"""

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
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.site import emergency_switches
from commentsite.site.premoderation import (
    MAX_SWITCH_HOURS,
    ActiveSwitch,
    EmergencySwitch,
    list_active_switches,
)
from commentsite.web.context import current_actor, current_site, require_staff
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.filters import format_moment
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import EMERGENCY_SWITCH_LABELS

DEFAULT_HOURS = "6"
EXPLANATIONS = {
    EmergencySwitch.HOLD_ALL: _l(
        "No comment is published before a moderator has read it. This overrides the settings of every letter."
    ),
    EmergencySwitch.REQUIRE_CONFIRMATION: _l(
        "Moderators get a comment only after its author has confirmed the email address. This includes "
        "addresses that were confirmed before."
    ),
    EmergencySwitch.CLOSE_COMMENTS: _l(
        "No comments can be sent. Readers see when comments open again. Text already typed stays in the form."
    ),
}
ON_LABELS = {
    EmergencySwitch.HOLD_ALL: _l("Hold all comments"),
    EmergencySwitch.REQUIRE_CONFIRMATION: _l("Require confirmed addresses"),
    EmergencySwitch.CLOSE_COMMENTS: _l("Close comments"),
}
OFF_LABELS = {
    EmergencySwitch.HOLD_ALL: _l("Stop holding all comments"),
    EmergencySwitch.REQUIRE_CONFIRMATION: _l("Stop requiring confirmed addresses"),
    EmergencySwitch.CLOSE_COMMENTS: _l("Open comments again"),
}
bp = Blueprint("desk_emergency_switches", __name__, url_prefix="/desk/switchboard")
bp.before_request(require_staff(Permission.USE_EMERGENCY_SWITCHES))


@dataclass(frozen=True)
class Control:
    """One switch on the page, with the editor's input and its error, if the form was refused."""

    kind: EmergencySwitch
    label: str
    explanation: str
    on_label: str
    off_label: str
    active: ActiveSwitch | None  # None while the switch is off
    hours: str
    reason: str
    hours_problem: str
    reason_problem: str


@bp.get("/")
def index() -> Response:
    return _render_page()


@bp.get("/<action>")
def leave_action(action: str) -> AnyResponse:  # noqa: ARG001  # part of the address
    """Lead to the page. A browser gets here when an editor had to sign in again, or reloads an error."""
    return redirect(url_for("desk_emergency_switches.index"), 303)


@bp.post("/on")
def switch_on() -> AnyResponse:
    kind, hours = request.form.get("kind", ""), parse_id(request.form.get("hours", ""))
    try:
        with transaction():
            switch = emergency_switches.switch_on(
                kind, hours, request.form.get("reason", ""), by=current_actor()
            )
            until = switch.until
    except SiteError as error:
        return _render_page(error)
    flash(
        _(
            "“%(control)s” is on until %(time)s.",
            control=EMERGENCY_SWITCH_LABELS[kind],
            time=format_moment(until),
        )
    )
    return redirect(url_for("desk_emergency_switches.index"), 303)


@bp.post("/off")
def switch_off() -> AnyResponse:
    kind = request.form.get("kind", "")
    try:
        with transaction():
            emergency_switches.switch_off(kind, by=current_actor())
    except SiteError as error:
        return _render_page(error)
    flash(_("“%(control)s” is off.", control=EMERGENCY_SWITCH_LABELS[kind]))
    return redirect(url_for("desk_emergency_switches.index"), 303)


@bp.post("/")
def run_named_action() -> AnyResponse:
    """Turn a switch off if the field `act` says so, else on. Scripts may still rely on this address."""
    return switch_off() if request.form.get("act") == "off" else switch_on()


def _build_controls(error: SiteError | None) -> list[Control]:
    switches = list_active_switches(current_site().active_switches, clock.now())
    active = {switch.kind: switch for switch in switches}
    controls = []
    for kind in EmergencySwitch:
        is_typed = request.form.get("kind") == kind
        problem = translate_error(error) if error and is_typed else ""
        field = error.field if error else None
        controls.append(
            Control(
                kind=kind,
                label=EMERGENCY_SWITCH_LABELS[kind],
                explanation=EXPLANATIONS[kind],
                on_label=ON_LABELS[kind],
                off_label=OFF_LABELS[kind],
                active=active.get(kind),
                hours=request.form.get("hours", "") if is_typed else DEFAULT_HOURS,
                reason=request.form.get("reason", "") if is_typed else "",
                hours_problem=problem if field == "hours" else "",
                reason_problem=problem if field == "reason" else "",
            )
        )
    return controls


def _render_page(error: SiteError | None = None) -> Response:
    controls = _build_controls(error)
    is_shown_at_field = any(c.hours_problem or c.reason_problem for c in controls)
    page = render_template(
        "desk/admin/emergency_switches.html",
        actor=current_actor(),
        controls=controls,
        max_hours=MAX_SWITCH_HOURS,
        problem=translate_error(error) if error and not is_shown_at_field else "",
    )
    return make_response(page, get_status(error) if error else 200)
