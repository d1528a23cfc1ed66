"""Move appeals between their states, and close them when their comment is withdrawn or erased."""

from datetime import datetime
from typing import Any

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.queries import list_appeals, list_open_appeals
from commentsite.comments.appeals.states import TRANSITIONS, AppealState
from commentsite.comments.models import Comment
from commentsite.errors import Conflict


def change_appeal_state(appeal: Appeal, state: AppealState, *, is_reversal: bool = False) -> None:
    """Move an appeal to another state. No other function does.

    With `is_reversal`, the transition is the opposite of one that exists. Raises Conflict when there is no such
    transition.
    """
    old_state = AppealState(appeal.state)
    is_possible = (
        old_state in TRANSITIONS[state] if is_reversal else state in TRANSITIONS[old_state]
    )
    if not is_possible:
        msg = "This appeal is now in the state “%(state)s”, which does not allow this action. Reload the page."
        raise Conflict(msg, state=old_state)
    appeal.state = state
    appeal.version += 1
    appeal.awaiting = ""
    appeal.changed_at = clock.now()


def record_appeal_event(
    appeal: Appeal, comment: Comment, action: str, *, by: Actor, **details: Any
) -> None:
    """Record an audit event of an appeal. Its object is the comment, whose state does not change."""
    record_event(
        by.label,
        action,
        f"comment:{comment.id}",
        state=str(comment.state),
        appeal=appeal.id,
        **details,
    )


def mark_appeal_withdrawn(appeal: Appeal, comment: Comment, *, by: Actor) -> None:
    change_appeal_state(appeal, AppealState.WITHDRAWN)
    record_appeal_event(appeal, comment, "appeal.withdrawn", by=by)


def withdraw_open_appeals(comment: Comment, *, by: Actor) -> None:
    for appeal in list_open_appeals(comment.id):
        mark_appeal_withdrawn(appeal, comment, by=by)


def reopen_appeals(comment: Comment, since: datetime, *, by: Actor) -> None:
    """Open the appeals again that were withdrawn with their comment, at or after `since`."""
    for appeal in list_appeals(comment.id):
        if appeal.state != AppealState.WITHDRAWN or appeal.changed_at < since:
            continue
        state = AppealState.FILED
        if appeal.asked_at is not None:
            state = AppealState.ANSWERED if appeal.answered_at is not None else AppealState.ASKED
        change_appeal_state(appeal, state, is_reversal=True)
        record_appeal_event(appeal, comment, "appeal.reopened", by=by)


def erase_appeals(comment: Comment, *, by: Actor) -> None:
    """Withdraw the open appeals about a comment, and delete the texts of all of them."""
    withdraw_open_appeals(comment, by=by)
    for appeal in list_appeals(comment.id):
        appeal.text = appeal.question = appeal.answer = appeal.facts = ""
