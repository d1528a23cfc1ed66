"""Put on and off what helps in a flood; each ends by itself."""

from datetime import timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid
from commentsite.site import queries as site_queries
from commentsite.site.models import SwitchState
from commentsite.site.premoderation import MAX_SWITCH_HOURS, EmergencySwitch
from commentsite.text.plain_text import clean_single_line

MAX_REASON_LENGTH = 300


def switch_on(kind: str, hours: int | None, reason: str, *, by: Actor) -> SwitchState:
    """Put a switch on for so many hours from now, whether it was on or not.

    Raises Invalid on a switch there is not, hours outside 1 to 168, or without a reason.
    """
    by.require_everywhere(Permission.USE_EMERGENCY_SWITCHES)
    if kind not in set(EmergencySwitch):
        msg = "Choose what to switch on."
        raise Invalid(msg, field="kind")
    if hours is None or not 1 <= hours <= MAX_SWITCH_HOURS:
        msg = "Choose a number of hours from 1 to %(most)d."
        raise Invalid(msg, field="hours", most=MAX_SWITCH_HOURS)
    said = clean_single_line(reason)
    if not 3 <= len(said) <= MAX_REASON_LENGTH:
        msg = "Say in a sentence why, for the others at the desk."
        raise Invalid(msg, field="reason")
    row = site_queries.get_settings_for_update()
    switch = session().get(SwitchState, kind) or SwitchState(kind=kind)
    switch.set_at = clock.now()
    switch.until = switch.set_at + timedelta(hours=hours)
    switch.reason, switch.set_by_name = said, by.name
    session().add(switch)
    row.version += 1
    record_event(by.label, "switch.on", "site:1", kind=kind, hours=hours)
    return switch


def switch_off(kind: str, *, by: Actor) -> None:
    """Put a switch off before its time. Raises Conflict when it is off already."""
    by.require_everywhere(Permission.USE_EMERGENCY_SWITCHES)
    row = site_queries.get_settings_for_update()
    switch = session().get(SwitchState, kind) if kind in set(EmergencySwitch) else None
    if switch is None or switch.until <= clock.now():
        msg = "It is off already."
        raise Conflict(msg)
    switch.until = clock.now()
    row.version += 1
    record_event(by.label, "switch.off", "site:1", kind=kind)
