"""Move appeals between their states, and close them when their comment is withdrawn or erased."""

from typing import Any

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.queries import list_appeals, list_open_appeals
from commentsite.comments.appeals.states import TRANSITIONS, AppealState
from commentsite.comments.models import Comment
from commentsite.errors import Conflict


def change_appeal_state(appeal: Appeal, state: AppealState) -> None:
    """Move an appeal to another state. No other function does. Raises Conflict if there is no such transition."""
    if state not in TRANSITIONS[AppealState(appeal.state)]:
        msg = "This appeal is now in the state “%(state)s”, which does not allow this action. Reload the page."
        raise Conflict(msg, state=AppealState(appeal.state))
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


def erase_appeals(comment: Comment, *, by: Actor) -> None:
    """Withdraw the open appeals about a comment, and delete the texts of all of them."""
    withdraw_open_appeals(comment, by=by)
    for appeal in list_appeals(comment.id):
        appeal.text = appeal.question = appeal.answer = appeal.facts = ""
