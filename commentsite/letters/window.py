"""From when until when a letter takes comments; every moment is in UTC and said so."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from commentsite.letters.states import LetterState

LONGEST_GRACE = 168  # hours


@dataclass(frozen=True)
class Window:
    """Whether comments are taken now, and whether they come after the closing time."""

    is_open: bool
    is_late: bool


def window(  # noqa: PLR0913  # each is a fact about the letter
    *,
    state: str,
    comments_open: bool,
    opens: datetime | None,
    closes: datetime | None,
    grace_hours: int,
    now: datetime,
) -> Window:
    """Return what holds at a moment; within the grace after closing, comments are taken and marked late."""
    if state != LetterState.PUBLISHED or not comments_open:
        return Window(is_open=False, is_late=False)
    if opens is not None and now < opens:
        return Window(is_open=False, is_late=False)
    if closes is None or now <= closes:
        return Window(is_open=True, is_late=False)
    within = now <= closes + timedelta(hours=grace_hours)
    return Window(is_open=within, is_late=within)
