"""Turn the emergency switches of the site on and off (see premoderation)."""

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
    """Turn a switch on for a number of hours from now. If it is on already, this replaces its end.

    Raises Invalid on an unknown switch, on hours outside 1 to MAX_SWITCH_HOURS, and without a
    reason.
    """
    by.require_everywhere(Permission.USE_EMERGENCY_SWITCHES)
    if kind not in set(EmergencySwitch):
        msg = "Choose what to switch on."
        raise Invalid(msg, field="kind")
    if hours is None or not 1 <= hours <= MAX_SWITCH_HOURS:
        msg = "Choose a number of hours from 1 to %(limit)d."
        raise Invalid(msg, field="hours", limit=MAX_SWITCH_HOURS)
    clean_reason = clean_single_line(reason)
    if not 3 <= len(clean_reason) <= MAX_REASON_LENGTH:
        msg = (
            "Give the reason in a sentence, for the other moderators. Write at most 300 characters."
        )
        raise Invalid(msg, field="reason")
    settings = site_queries.get_settings_for_update()
    switch = session().get(SwitchState, kind) or SwitchState(kind=kind)
    switch.set_at = clock.now()
    switch.until = switch.set_at + timedelta(hours=hours)
    switch.reason, switch.set_by_name = clean_reason, by.name
    session().add(switch)
    settings.version += 1
    record_event(by.label, "switch.on", "site:1", kind=kind, hours=hours)
    return switch


def switch_off(kind: str, *, by: Actor) -> None:
    """Turn a switch off before its end. Raises Conflict when it is off already."""
    by.require_everywhere(Permission.USE_EMERGENCY_SWITCHES)
    settings = site_queries.get_settings_for_update()
    switch = session().get(SwitchState, kind) if kind in set(EmergencySwitch) else None
    if switch is None or switch.until <= clock.now():
        msg = "This switch is already off."
        raise Conflict(msg)
    switch.until = clock.now()
    settings.version += 1
    record_event(by.label, "switch.off", "site:1", kind=kind)
