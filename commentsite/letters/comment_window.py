"""Open and close letters for comments: by hand, or at set times.

All times are in UTC. After the closing time, a grace period may follow in which comments are
accepted and marked late. The current state is computed from the times (evaluate_window), so a letter
closes on the second. The worker only records it afterwards and invalidates the cached page.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM, Actor, Permission
from commentsite.audit.services import record_event
from commentsite.errors import Invalid
from commentsite.letters import queries as letter_queries
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import CommentableLetter
from commentsite.letters.states import LetterState

MAX_GRACE_HOURS = 168


@dataclass(frozen=True)
class CommentWindow:
    is_open: bool
    is_late: bool  # within the grace period


def get_current_window(letter: Letter | CommentableLetter) -> CommentWindow:
    return evaluate_window(
        state=letter.state,
        comments_open=letter.comments_open,
        opens_at=letter.comments_open_at,
        closes_at=letter.comments_close_at,
        grace_hours=letter.grace_hours,
        now=clock.now(),
    )


def evaluate_window(  # noqa: PLR0913  # one for each setting of the letter
    *,
    state: str,
    comments_open: bool,
    opens_at: datetime | None,
    closes_at: datetime | None,
    grace_hours: int,
    now: datetime,
) -> CommentWindow:
    if state != LetterState.PUBLISHED or not comments_open:
        return CommentWindow(is_open=False, is_late=False)
    if opens_at is not None and now < opens_at:
        return CommentWindow(is_open=False, is_late=False)
    if closes_at is None or now <= closes_at:
        return CommentWindow(is_open=True, is_late=False)
    is_in_grace = now <= closes_at + timedelta(hours=grace_hours)
    return CommentWindow(is_open=is_in_grace, is_late=is_in_grace)


def set_comment_window(
    slug: str, opens_at: datetime | None, closes_at: datetime | None, grace_hours: int, *, by: Actor
) -> Letter:
    """Set opening and closing time, None for no limit, and open the letter between them.

    Raises Invalid when the closing time is not after now and the opening, or the grace period
    is too long.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    if closes_at is not None and closes_at <= max(opens_at or clock.now(), clock.now()):
        msg = "Choose a closing time in the future, after the opening time."
        raise Invalid(msg, field="closes")
    if not 0 <= grace_hours <= MAX_GRACE_HOURS:
        msg = "Enter a grace period from 0 to %(limit)d hours."
        raise Invalid(msg, field="grace_hours", limit=MAX_GRACE_HOURS)
    letter.comments_open_at, letter.comments_close_at = opens_at, closes_at
    letter.grace_hours, letter.comments_open = grace_hours, True
    bump_page_version(letter)
    times = {"opens": opens_at, "closes": closes_at}
    details = {name: at.isoformat() for name, at in times.items() if at is not None}
    record_event(by.label, "letter.window_set", f"letter:{letter.id}", grace=grace_hours, **details)
    return letter


def set_comments_open(slug: str, *, is_open: bool, by: Actor) -> Letter:
    """Open or close a letter now. The set times that this contradicts are deleted."""
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    if letter.comments_open != is_open:
        letter.comments_open = is_open
        letter.comments_open_at = None
        if is_open:
            letter.comments_close_at = None
        bump_page_version(letter)
        action = "letter.comments_opened" if is_open else "letter.comments_closed"
        record_event(by.label, action, f"letter:{letter.id}")
    return letter


def is_window_change_due(now: datetime) -> bool:
    """Return whether apply_due_window_changes would open or close a letter."""
    return bool(_lock_letters_past_grace(now) or letter_queries.lock_letters_due_to_open(now))


def apply_due_window_changes(now: datetime) -> int:
    """Record the letters whose opening or closing time has passed. Return their number."""
    closed = _lock_letters_past_grace(now)
    for letter in closed:
        letter.comments_open = False
        bump_page_version(letter)
        record_event(SYSTEM.label, "letter.comments_closed", f"letter:{letter.id}")
    opened = letter_queries.lock_letters_due_to_open(now)
    for letter in opened:
        letter.comments_open_at = None
        bump_page_version(letter)
        record_event(SYSTEM.label, "letter.comments_opened", f"letter:{letter.id}")
    return len(closed) + len(opened)


def _lock_letters_past_grace(now: datetime) -> list[Letter]:
    return [
        letter
        for letter in letter_queries.lock_letters_due_to_close(now)
        if letter.comments_close_at is not None
        and letter.comments_close_at + timedelta(hours=letter.grace_hours) < now
    ]
