"""Pre-moderation: which comments wait for a moderator, and the emergency switches.

The policy of the site, or of a letter, decides whether a comment without a hold reason is
published before a moderator has read it. A comment that screening held always waits. In an
attack, staff need not change the policy, and cannot forget to change it back: each emergency
switch makes the whole site stricter until a set time, at most MAX_SWITCH_HOURS ahead, and then
turns itself off. Switches add to the policy and never relax it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MAX_SWITCH_HOURS = 168


class PremoderationPolicy(StrEnum):
    HOLD_ALL = "hold_all"
    # Publish comments of authors who confirmed an address that has published before.
    HOLD_NEW_AUTHORS = "hold_unknown"
    PUBLISH_THEN_REVIEW = "publish_and_look"


class EmailConfirmation(StrEnum):
    """The cases in which an author must confirm the email address before moderation."""

    OFF = "off"
    FIRST_TIME = "first_time"  # an address that was never confirmed
    BEFORE_QUEUE = "before_queue"  # every comment


class EmergencySwitch(StrEnum):
    HOLD_ALL = "hold"  # all comments wait for a moderator, whatever the policy
    REQUIRE_CONFIRMATION = "confirmed"  # moderators see comments after email confirmation only
    CLOSE_COMMENTS = "closed"  # no comments are accepted


@dataclass(frozen=True)
class ActiveSwitch:
    kind: EmergencySwitch
    until: datetime
    reason: str
    set_by_name: str
    set_at: datetime


def list_active_switches(switches: Iterable[ActiveSwitch], now: datetime) -> list[ActiveSwitch]:
    """Filter out the switches that have ended. Callers may hold a cached list."""
    return [switch for switch in switches if now < switch.until]
