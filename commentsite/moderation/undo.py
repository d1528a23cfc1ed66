"""Take a decision back within seconds: nobody has been told yet, and everything is as it was."""

from datetime import datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record
from commentsite.comments.appealed import open_appeals
from commentsite.comments.mailing import forget_notices_of
from commentsite.comments.models import Comment
from commentsite.comments.moving import change_state, let_stand
from commentsite.comments.queries import comment_for_update
from commentsite.comments.reported import reports_of
from commentsite.comments.states import LOOK, CommentState
from commentsite.errors import Conflict, NotAllowed
from commentsite.moderation import queries
from commentsite.moderation.models import Decision
from commentsite.moderation.outcomes import TOLD
from commentsite.moderation.waiting import look_for_others
from commentsite.notifications.services import take_back
from commentsite.vault import Vault

UNDO = timedelta(seconds=10)


def undo(decision_id: int, *, by: Actor, vault: Vault) -> Comment:
    """Take back what the actor decided a moment ago; the log keeps both, and votes before it stand again.

    Raises NotAllowed when somebody else decided it; Conflict when its time is over, when it is
    undone already, or when anything has happened to the comment since.
    """
    decision = queries.decision_for_update(decision_id)
    comment = comment_for_update(decision.comment_id)
    decision = queries.decision_for_update(decision_id)  # as it is now that nobody changes it
    by.require(Permission.MODERATE, comment.letter_id)
    _check(decision, comment, by)
    decision.undone_at = clock.now()
    if not decision.is_settling:
        state = str(comment.state)
        about = f"comment:{comment.id}"
        record(by.label, "comment.undone", about, state=state, decision=decision.id)
        look_for_others(comment, vault)
        return comment
    decision.is_settling = False
    if not take_back(f"comment:{comment.id}", frozenset(TOLD.values()), decision.decided_at):
        msg = "Its author has been told already. Decide anew."
        raise Conflict(msg)
    _bring_back(decision, comment, by)
    for vote in queries.votes_before(decision):
        vote.comment_version = comment.version  # the words they are about have not changed
    look_for_others(comment, vault)
    if decision.details.get("unread"):
        comment.waits_for = LOOK
    return comment


def is_undoable(decision: Decision, by: Actor, now: datetime) -> bool:
    """Say whether somebody can still take this decision back."""
    is_theirs = decision.moderator_id is not None and decision.moderator_id == by.user_id
    return is_theirs and decision.undone_at is None and now <= (decision.undo_until or now - UNDO)


def _check(decision: Decision, comment: Comment, by: Actor) -> None:
    if decision.moderator_id is None or decision.moderator_id != by.user_id:
        msg = "Only who decided it can undo it. You can decide anew."
        raise NotAllowed(msg)
    if decision.undone_at is not None:
        msg = "This is undone already."
        raise Conflict(msg)
    if not is_undoable(decision, by, clock.now()):
        msg = "The ten seconds are over and its author is told. You can decide anew."
        raise Conflict(msg)
    is_last = comment.version == decision.comment_version + int(decision.is_settling)
    if not is_last or open_appeals(comment.id) or queries.votes_after(decision):
        msg = "Something has happened to this comment since. It is shown here as it is now."
        raise Conflict(msg)


def _bring_back(decision: Decision, comment: Comment, by: Actor) -> None:
    state = CommentState(decision.details["from"])
    if comment.state == state:
        let_stand(comment, by=by, action="comment.undone", decision=decision.id)
        return
    change_state(comment, state, by=by, action="comment.undone", is_back=True, decision=decision.id)
    if comment.published_at is not None and comment.published_at >= decision.decided_at:
        comment.published_at = None  # it was not public before
    forget_notices_of(comment.id)
    for report in reports_of(comment.id):
        if report.settled_at is not None and report.settled_at >= decision.decided_at:
            report.state, report.settled_at = "open", None
