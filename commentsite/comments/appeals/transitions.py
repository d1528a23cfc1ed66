"""Move an appeal between its states, and end it when there is nothing left to decide."""

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
    """Bring an appeal into another state: the only place that does. Raises Conflict on a way that does not exist."""
    if state not in TRANSITIONS[AppealState(appeal.state)]:
        msg = "This appeal is %(state)s; that cannot be done to it any more."
        raise Conflict(msg, state=str(appeal.state))
    appeal.state = state
    appeal.version += 1
    appeal.awaiting = ""
    appeal.changed_at = clock.now()


def record_appeal_event(
    appeal: Appeal, comment: Comment, action: str, *, by: Actor, **details: Any
) -> None:
    """Write into the log what was done about an appeal; the comment stands as it stood."""
    record_event(
        by.label,
        action,
        f"comment:{comment.id}",
        state=str(comment.state),
        appeal=appeal.id,
        **details,
    )


def mark_appeal_withdrawn(appeal: Appeal, comment: Comment, *, by: Actor) -> None:
    """End an appeal on its author's word."""
    change_appeal_state(appeal, AppealState.WITHDRAWN)
    record_appeal_event(appeal, comment, "appeal.withdrawn", by=by)


def withdraw_open_appeals(comment: Comment, *, by: Actor) -> None:
    """End what is open about a comment that its author took back."""
    for appeal in list_open_appeals(comment.id):
        mark_appeal_withdrawn(appeal, comment, by=by)


def erase_appeals(comment: Comment, *, by: Actor) -> None:
    """End what is open about a comment, and keep no word of its author, nor of the desk about theirs."""
    withdraw_open_appeals(comment, by=by)
    for appeal in list_appeals(comment.id):
        appeal.text = appeal.question = appeal.answer = appeal.facts = ""
