"""Move an appeal between its states, and end it when there is nothing left to decide."""

from typing import Any

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record
from commentsite.comments.appeal import Appeal
from commentsite.comments.appeal_states import WAYS, AppealState
from commentsite.comments.appealed import appeals_of, open_appeals
from commentsite.comments.models import Comment
from commentsite.errors import Conflict


def move_appeal(appeal: Appeal, state: AppealState) -> None:
    """Bring an appeal into another state: the only place that does. Raises Conflict on a way that does not exist."""
    if state not in WAYS[AppealState(appeal.state)]:
        msg = "This appeal is %(state)s; that cannot be done to it any more."
        raise Conflict(msg, state=str(appeal.state))
    appeal.state = state
    appeal.version += 1
    appeal.waits_for = ""
    appeal.changed_at = clock.now()


def record_appeal(appeal: Appeal, comment: Comment, action: str, *, by: Actor, **more: Any) -> None:
    """Write into the log what was done about an appeal; the comment stands as it stood."""
    record(
        by.label,
        action,
        f"comment:{comment.id}",
        state=str(comment.state),
        appeal=appeal.id,
        **more,
    )


def take_back(appeal: Appeal, comment: Comment, *, by: Actor) -> None:
    """End an appeal on its author's word."""
    move_appeal(appeal, AppealState.WITHDRAWN)
    record_appeal(appeal, comment, "appeal.withdrawn", by=by)


def end_appeals(comment: Comment, *, by: Actor) -> None:
    """End what is open about a comment that its author took back."""
    for appeal in open_appeals(comment.id):
        take_back(appeal, comment, by=by)


def forget_appeals(comment: Comment, *, by: Actor) -> None:
    """End what is open about a comment, and keep no word of its author, nor of the desk about theirs."""
    end_appeals(comment, by=by)
    for appeal in appeals_of(comment.id):
        appeal.words = appeal.question = appeal.answer = appeal.facts = ""
