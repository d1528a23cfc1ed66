"""From when until when a letter takes comments; every moment is in UTC and said so."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM, Actor, Permission
from commentsite.audit.services import record_event
from commentsite.errors import Invalid
from commentsite.letters import queries as letter_queries
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.publication.corrections import _past_grace
from commentsite.letters.states import LetterState


def set_comment_window(
    slug: str, opens_at: datetime | None, closes_at: datetime | None, grace_hours: int, *, by: Actor
) -> Letter:
    """Say from when until when a letter takes comments; a later closing time opens it again.

    Raises Invalid on moments that do not follow each other or a grace that is too long.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    if closes_at is not None and closes_at <= max(opens_at or clock.now(), clock.now()):
        msg = "The closing time must lie ahead, after the opening."
        raise Invalid(msg, field="closes")
    if not 0 <= grace_hours <= MAX_GRACE_HOURS:
        msg = "A grace has at most 168 hours."
        raise Invalid(msg, field="grace_hours")
    letter.comments_open_at, letter.comments_close_at = opens_at, closes_at
    letter.grace_hours, letter.comments_open = grace_hours, True
    bump_page_version(letter)
    moments = {"opens": opens_at, "closes": closes_at}
    said = {name: at.isoformat() for name, at in moments.items() if at is not None}
    record_event(by.label, "letter.window_set", f"letter:{letter.id}", grace=grace_hours, **said)
    return letter


def apply_due_window_changes(now: datetime) -> int:
    """Close the letters whose time and grace are over, and let the pages of those that opened know."""
    closed = _past_grace(now)
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


def set_comments_open(slug: str, *, is_open: bool, by: Actor) -> Letter:
    """Open or close a letter for comments; what is published stays readable."""
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


@dataclass(frozen=True)
class CommentWindow:
    """Whether comments are taken now, and whether they come after the closing time."""

    is_open: bool
    is_late: bool


def current_window(letter: Letter) -> CommentWindow:
    """Return whether the letter takes comments now."""
    return evaluate_window(
        state=letter.state,
        comments_open=letter.comments_open,
        opens_at=letter.comments_open_at,
        closes_at=letter.comments_close_at,
        grace_hours=letter.grace_hours,
        now=clock.now(),
    )


MAX_GRACE_HOURS = 168  # hours


def evaluate_window(  # noqa: PLR0913  # each is a fact about the letter
    *,
    state: str,
    comments_open: bool,
    opens_at: datetime | None,
    closes_at: datetime | None,
    grace_hours: int,
    now: datetime,
) -> CommentWindow:
    """Return what holds at a moment; within the grace after closing, comments are taken and marked late."""
    if state != LetterState.PUBLISHED or not comments_open:
        return CommentWindow(is_open=False, is_late=False)
    if opens_at is not None and now < opens_at:
        return CommentWindow(is_open=False, is_late=False)
    if closes_at is None or now <= closes_at:
        return CommentWindow(is_open=True, is_late=False)
    within = now <= closes_at + timedelta(hours=grace_hours)
    return CommentWindow(is_open=within, is_late=within)
