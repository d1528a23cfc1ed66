"""Move letters between states. No other module assigns a letter's state."""

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.db.session import session
from commentsite.errors import Conflict
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_related_pages
from commentsite.letters.states import TRANSITIONS, LetterState
from commentsite.letters.webhook_facts import describe_letter
from commentsite.search.index import remove_from_index
from commentsite.text.plain_text import clean_single_line
from commentsite.webhooks.events import record_webhook_event
from commentsite.webhooks.states import EventType

_WEBHOOK_EVENTS = {
    LetterState.PUBLISHED: EventType.LETTER_PUBLISHED,
    LetterState.SUPERSEDED: EventType.LETTER_SUPERSEDED,
    LetterState.WITHDRAWN: EventType.LETTER_WITHDRAWN,
}


def change_state(
    letter: Letter, state: LetterState, by: Actor, action: str, **details: str | int
) -> None:
    """Change the state and record the audit event `action`.

    Raises Conflict when TRANSITIONS has no such transition.
    """
    if state not in TRANSITIONS[LetterState(letter.state)]:
        msg = "This letter is in the state “%(state)s”, which does not allow this action. Reload the page."
        raise Conflict(msg, state=LetterState(letter.state))
    letter.state, letter.updated_at = state, clock.now()
    session().flush()
    if state in _WEBHOOK_EVENTS and not letter.is_page:
        record_webhook_event(_WEBHOOK_EVENTS[state], letter=describe_letter(letter))
    record_event(by.label, action, f"letter:{letter.id}", state=state.value, **details)


def revert_to_draft(letter: Letter, *, by: Actor) -> None:
    """Cancel the review or the schedule. An earlier review no longer counts."""
    change_state(letter, LetterState.DRAFT, by, "letter.back_to_draft")
    letter.scheduled_for = letter.sent_to_review_by_id = None


def withdraw_from_public(letter: Letter, reason: str, *, by: Actor) -> None:
    """Withdraw a letter.

    Its address then shows the reason and the comments. Search no longer finds its text.
    """
    letter.withdrawal_reason, letter.withdrawn_at = clean_single_line(reason), clock.now()
    letter.comments_open, letter.comments_open_at = False, None
    remove_from_index("search_letter", letter.id)
    change_state(letter, LetterState.WITHDRAWN, by, "letter.withdrawn")
    bump_related_pages()
