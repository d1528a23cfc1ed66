"""Take letters in, and let everything that shows them know of a change."""

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.db.session import session
from commentsite.errors import Conflict
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_related_pages
from commentsite.letters.states import TRANSITIONS, LetterState
from commentsite.search.index import remove_from_index
from commentsite.text.plain_text import clean_single_line


def revert_to_draft(letter: Letter, *, by: Actor) -> None:
    """Take a letter out of review or off the schedule; whoever looked at it looks again."""
    change_state(letter, LetterState.DRAFT, by, "letter.back_to_draft")
    letter.scheduled_for = letter.sent_to_review_by_id = None


def withdraw_from_public(letter: Letter, reason: str, *, by: Actor) -> None:
    """Take a letter from the public for good: its reason and its comments stay, its words are found no more."""
    letter.withdrawal_reason, letter.withdrawn_at = clean_single_line(reason), clock.now()
    letter.comments_open, letter.comments_open_at = False, None
    remove_from_index("search_letter", letter.id)
    change_state(letter, LetterState.WITHDRAWN, by, "letter.withdrawn")
    bump_related_pages()


def change_state(
    letter: Letter, state: LetterState, by: Actor, action: str, **details: str | int
) -> None:
    """Move a letter to another state: the only place that does. Raises Conflict on a way that does not exist."""
    if state not in TRANSITIONS[LetterState(letter.state)]:
        msg = "This letter is %(state)s; that cannot be done to it."
        raise Conflict(msg, state=str(letter.state))
    letter.state = state
    session().flush()
    record_event(by.label, action, f"letter:{letter.id}", state=state.value, **details)
