"""Compare the age of a waiting comment with the time in which the site promises a decision: pure rules."""

from datetime import datetime, timedelta
from enum import StrEnum

#: A comment is due soon once this part of the promised time has passed.
SOON = 0.75


class Urgency(StrEnum):
    NONE = ""
    SOON = "soon"
    OVERDUE = "overdue"


def determine_urgency(submitted_at: datetime, answer_hours: int, now: datetime) -> Urgency:
    """Return how urgent a decision is. `answer_hours` is the promise of the site."""
    age, promised = now - submitted_at, timedelta(hours=answer_hours)
    if age > promised:
        return Urgency.OVERDUE
    return Urgency.SOON if age >= promised * SOON else Urgency.NONE
