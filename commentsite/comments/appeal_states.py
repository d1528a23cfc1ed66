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


S = AppealState
#: What somebody decides an appeal to be.
OUTCOMES = frozenset({S.UPHELD, S.OVERTURNED, S.VARIED, S.INADMISSIBLE})
_ENDS = OUTCOMES | {S.WITHDRAWN}

WAYS: dict[AppealState, frozenset[AppealState]] = {
    S.FILED: _ENDS | {S.ASKED},
    S.ASKED: _ENDS | {S.ANSWERED},
    S.ANSWERED: _ENDS,  # one question only
    **{end: frozenset() for end in _ENDS},
}

OPEN = frozenset(state for state, after in WAYS.items() if after)
AT_THE_DESK = frozenset({S.FILED, S.ANSWERED})  # the others that are open wait for the author
MONTHS = 6


def last_day(told_at: datetime) -> date:
    """Return the last day on which a decision told at this moment can be appealed, in UTC.

    Six calendar months: the same day of the month, or its last one where there is no such day.
    """
    told = told_at.astimezone(UTC).date()
    months = told.year * 12 + told.month - 1 + MONTHS
    year, month = divmod(months, 12)
    return date(year, month + 1, min(told.day, monthrange(year, month + 1)[1]))


def is_in_time(told_at: datetime, now: datetime) -> bool:
    """Say whether a decision told at one moment can be appealed at another."""
    return now.astimezone(UTC).date() <= last_day(told_at)
