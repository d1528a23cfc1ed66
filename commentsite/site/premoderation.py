"""How comments come in: what waits for a moderator, and the switches for a flood."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

#: For how many hours a switch may be on; nothing stays switched by being forgotten.
MAX_SWITCH_HOURS = 168


class PremoderationPolicy(StrEnum):
    """What is published before a moderator has read it; what a check pointed out never is."""

    HOLD_ALL = "hold_all"
    HOLD_NEW_AUTHORS = "hold_unknown"  # all but those of who confirms an address published before
    PUBLISH_THEN_REVIEW = "publish_and_look"  # all, and a moderator looks afterwards


class EmergencySwitch(StrEnum):
    """What can be switched on for the whole site, each until a moment."""

    HOLD_ALL = "hold"  # everything waits, whatever the policy
    REQUIRE_CONFIRMATION = "confirmed"  # nothing is read before its address is confirmed
    CLOSE_COMMENTS = "closed"  # nothing is taken


@dataclass(frozen=True)
class ActiveSwitch:
    """One switch that was put on: by whom, why, and until when it holds."""

    kind: EmergencySwitch
    until: datetime
    reason: str
    set_by_name: str
    set_at: datetime


def active_switches(switches: Iterable[ActiveSwitch], now: datetime) -> list[ActiveSwitch]:
    """Return the switches that hold at a moment."""
    return [switch for switch in switches if now < switch.until]
