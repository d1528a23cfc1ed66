"""Take a decision back within seconds: nobody has been told yet, and everything is as it was."""

from datetime import datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.comments.appeals.queries import list_open_appeals
from commentsite.comments.emails.subscriptions import delete_notifications_about_reply
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.reports.queries import list_reports
from commentsite.comments.states import UNREVIEWED, CommentState
from commentsite.comments.transitions import change_state, record_unchanged
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, NotAllowed
from commentsite.moderation.decisions import queries as decision_queries
from commentsite.moderation.decisions.outcomes import EMAIL_KIND
from commentsite.moderation.decisions.quorum import update_awaiting
from commentsite.moderation.models import Decision
from commentsite.notifications.outbox import cancel_messages

UNDO_WINDOW = timedelta(seconds=10)


def undo_decision(decision_id: int, *, by: Actor, encryption: Encryption) -> Comment:
    """Take back what the actor decided a moment ago; the log keeps both, and votes before it stand again.

    Raises NotAllowed when somebody else decided it; Conflict when its time is over, when it is
    undone already, or when anything has happened to the comment since.
    """
    decision = decision_queries.load_decision_for_update(decision_id)
    comment = get_comment_for_update(decision.comment_id)
    decision = decision_queries.load_decision_for_update(
        decision_id
    )  # as it is now that nobody changes it
    by.require(Permission.MODERATE, comment.letter_id)
    _check_undoable(decision, comment, by)
    decision.undone_at = clock.now()
    if not decision.is_applied:
        state = str(comment.state)
        about = f"comment:{comment.id}"
        record_event(by.label, "comment.undone", about, state=state, decision=decision.id)
        update_awaiting(comment, encryption)
        return comment
    decision.is_applied = False
    if not cancel_messages(
        f"comment:{comment.id}", frozenset(EMAIL_KIND.values()), decision.decided_at
    ):
        msg = "Its author has been told already. Decide anew."
        raise Conflict(msg)
    _restore_state(decision, comment, by)
    for vote in decision_queries.list_earlier_votes(decision):
        vote.comment_version = comment.version  # the words they are about have not changed
    update_awaiting(comment, encryption)
    if decision.details.get("unread"):
        comment.awaiting = UNREVIEWED
    return comment


def can_undo(decision: Decision, by: Actor, now: datetime) -> bool:
    """Say whether somebody can still take this decision back."""
    is_theirs = decision.moderator_id is not None and decision.moderator_id == by.user_id
    return (
        is_theirs
        and decision.undone_at is None
        and now <= (decision.undo_until or now - UNDO_WINDOW)
    )


def _check_undoable(decision: Decision, comment: Comment, by: Actor) -> None:
    if decision.moderator_id is None or decision.moderator_id != by.user_id:
        msg = "Only who decided it can undo it. You can decide anew."
        raise NotAllowed(msg)
    if decision.undone_at is not None:
        msg = "This is undone already."
        raise Conflict(msg)
    if not can_undo(decision, by, clock.now()):
        msg = "The ten seconds are over and its author is told. You can decide anew."
        raise Conflict(msg)
    is_last = comment.version == decision.comment_version + int(decision.is_applied)
    if not is_last or list_open_appeals(comment.id) or decision_queries.list_later_votes(decision):
        msg = "Something has happened to this comment since. It is shown here as it is now."
        raise Conflict(msg)


def _restore_state(decision: Decision, comment: Comment, by: Actor) -> None:
    state = CommentState(decision.details["from"])
    if comment.state == state:
        record_unchanged(comment, by=by, action="comment.undone", decision=decision.id)
        return
    change_state(
        comment, state, by=by, action="comment.undone", is_reversal=True, decision=decision.id
    )
    if comment.published_at is not None and comment.published_at >= decision.decided_at:
        comment.published_at = None  # it was not public before
    delete_notifications_about_reply(comment.id)
    for report in list_reports(comment.id):
        if report.closed_at is not None and report.closed_at >= decision.decided_at:
            report.state, report.closed_at = "open", None
