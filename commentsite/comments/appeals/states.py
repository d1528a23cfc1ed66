"""What can become of an appeal: the states, the only ways between them, and until when one can be filed."""

from calendar import monthrange
from datetime import UTC, date, datetime
from enum import StrEnum


class AppealState(StrEnum):
    """Where an appeal stands."""

    FILED = "filed"
    ASKED = "asked"
    ANSWERED = "answered"
    UPHELD = "upheld"
    OVERTURNED = "overturned"
    VARIED = "varied"
    INADMISSIBLE = "inadmissible"
    WITHDRAWN = "withdrawn"


_S = AppealState
#: What somebody decides an appeal to be.
OUTCOMES = frozenset({_S.UPHELD, _S.OVERTURNED, _S.VARIED, _S.INADMISSIBLE})
_FINAL_STATES = OUTCOMES | {_S.WITHDRAWN}

TRANSITIONS: dict[AppealState, frozenset[AppealState]] = {
    _S.FILED: _FINAL_STATES | {_S.ASKED},
    _S.ASKED: _FINAL_STATES | {_S.ANSWERED},
    _S.ANSWERED: _FINAL_STATES,  # one question only
    **{end: frozenset() for end in _FINAL_STATES},
}

OPEN_STATES = frozenset(state for state, after in TRANSITIONS.items() if after)
AWAITING_MODERATORS = frozenset(
    {_S.FILED, _S.ANSWERED}
)  # the others that are open wait for the author
APPEAL_PERIOD_MONTHS = 6


def appeal_deadline(notified_at: datetime) -> date:
    """Return the last day on which a decision told at this moment can be appealed, in UTC.

    Six calendar months: the same day of the month, or its last one where there is no such day.
    """
    told = notified_at.astimezone(UTC).date()
    months = told.year * 12 + told.month - 1 + APPEAL_PERIOD_MONTHS
    year, month = divmod(months, 12)
    return date(year, month + 1, min(told.day, monthrange(year, month + 1)[1]))


def is_before_deadline(notified_at: datetime, now: datetime) -> bool:
    """Say whether a decision told at one moment can be appealed at another."""
    return now.astimezone(UTC).date() <= appeal_deadline(notified_at)
