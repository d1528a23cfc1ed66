"""Define the states of an appeal, the transitions between them, and the deadline for filing one."""

from calendar import monthrange
from datetime import UTC, date, datetime
from enum import StrEnum


class AppealState(StrEnum):
    FILED = "filed"
    ASKED = "asked"  # the reviewer asked the author a question
    ANSWERED = "answered"
    UPHELD = "upheld"  # the decision stands
    OVERTURNED = "overturned"  # the decision is reversed
    VARIED = "varied"  # another decision replaces it
    INADMISSIBLE = "inadmissible"
    WITHDRAWN = "withdrawn"


_S = AppealState

#: The rulings of a reviewer.
OUTCOMES = frozenset({_S.UPHELD, _S.OVERTURNED, _S.VARIED, _S.INADMISSIBLE})
_FINAL_STATES = OUTCOMES | {_S.WITHDRAWN}

TRANSITIONS: dict[AppealState, frozenset[AppealState]] = {
    _S.FILED: _FINAL_STATES | {_S.ASKED},
    _S.ASKED: _FINAL_STATES | {_S.ANSWERED},
    _S.ANSWERED: _FINAL_STATES,  # the reviewer may ask one question only
    **{state: frozenset() for state in _FINAL_STATES},
}

OPEN_STATES = frozenset(state for state, targets in TRANSITIONS.items() if targets)
#: Open appeals on which a reviewer can act. The others wait for the author.
AWAITING_MODERATORS = frozenset({_S.FILED, _S.ANSWERED})
APPEAL_PERIOD_MONTHS = 6


def appeal_deadline(notified_at: datetime) -> date:
    """Return the last day, in UTC, for an appeal against a decision of which the author was notified.

    It is the same day of the month six months later, or the last day of that month if it is
    shorter.
    """
    notified_on = notified_at.astimezone(UTC).date()
    months = notified_on.year * 12 + notified_on.month - 1 + APPEAL_PERIOD_MONTHS
    year, month_index = divmod(months, 12)
    month = month_index + 1
    return date(year, month, min(notified_on.day, monthrange(year, month)[1]))


def is_before_deadline(notified_at: datetime, now: datetime) -> bool:
    return now.astimezone(UTC).date() <= appeal_deadline(notified_at)
