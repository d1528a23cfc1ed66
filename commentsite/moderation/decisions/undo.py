"""Undo a decision within seconds, before any email about it has left.

A decision takes effect at once, and readers may see its result. The emails to the author and to
subscribers are enqueued with `not_before` set to the end of the undo window (ten seconds, and
longer for bulk decisions). During the window the moderator who decided can undo it: the emails
are cancelled, and the state, the publication date, the closed reports and the earlier votes come
back. The audit log keeps both the decision and the undo. Once an email is being sent, or anything
else has happened to the comment, there is no undo. A new decision replaces the old one then.
"""

from datetime import datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.comments.access import load_comment_for_staff
from commentsite.comments.appeals.queries import list_open_appeals
from commentsite.comments.emails.subscriptions import delete_notifications_about_reply
from commentsite.comments.models import Comment
from commentsite.comments.reports.queries import list_reports
from commentsite.comments.states import Awaiting, CommentState
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
    """Undo the actor's own decision or vote, and return the restored comment.

    Raises NotAllowed when another moderator decided; Conflict when the window is over, when the
    decision is undone already, or when anything else has happened to the comment since.
    """
    decision = decision_queries.load_decision_for_update(decision_id)
    comment = load_comment_for_staff(decision.comment_id, by)
    # Read the decision again: another request may have changed it before the comment was locked.
    decision = decision_queries.load_decision_for_update(decision_id)
    _check_undoable(decision, comment, by)
    decision.undone_at = clock.now()
    about = f"comment:{comment.id}"
    if not decision.is_applied:
        state = str(comment.state)
        record_event(by.label, "comment.undone", about, state=state, decision=decision.id)
        update_awaiting(comment, encryption)
        return comment
    decision.is_applied = False
    if not cancel_messages(about, frozenset(EMAIL_KIND.values()), decision.decided_at):
        msg = "The author has already been notified. Take a new decision instead."
        raise Conflict(msg)
    if comment.state == CommentState.PUBLISHED:
        decision.details = {**decision.details, "shown": "yes"}
    _restore_state(decision, comment, by)
    # Decision and undo each raised the version, but the text is the one that the voters read.
    for vote in decision_queries.list_earlier_votes(decision):
        vote.comment_version = comment.version
    update_awaiting(comment, encryption)
    if unread := decision.details.get("unread"):
        # Decisions of earlier versions say "yes".
        comment.awaiting = Awaiting.REVIEW if unread == "yes" else Awaiting(unread)
    return comment


def can_undo(decision: Decision, by: Actor, now: datetime) -> bool:
    """Return whether the actor decided this and the undo window is still open."""
    is_own_decision = decision.moderator_id is not None and decision.moderator_id == by.user_id
    return (
        is_own_decision
        and decision.undone_at is None
        and now <= (decision.undo_until or now - UNDO_WINDOW)
    )


def _check_undoable(decision: Decision, comment: Comment, by: Actor) -> None:
    if decision.moderator_id is None or decision.moderator_id != by.user_id:
        msg = "Only the moderator who decided can undo this. You can take a new decision."
        raise NotAllowed(msg)
    if decision.undone_at is not None:
        msg = "This decision is already undone."
        raise Conflict(msg)
    if not can_undo(decision, by, clock.now()):
        msg = "The time to undo this decision is over. You can take a new decision."
        raise Conflict(msg)
    # An applied decision raises the version of the comment by one. A vote leaves it unchanged.
    is_latest = comment.version == decision.comment_version + int(decision.is_applied)
    has_followers = list_open_appeals(comment.id) or decision_queries.list_later_votes(decision)
    if not is_latest or has_followers:
        msg = "This comment has changed since you decided. It is shown here as it is now."
        raise Conflict(msg)


def _restore_state(decision: Decision, comment: Comment, by: Actor) -> None:
    """Bring back the state before an applied decision, with everything that followed from it."""
    state = CommentState(decision.details["from"])
    if comment.state == state:
        record_unchanged(comment, by=by, action="comment.undone", decision=decision.id)
        return
    change_state(
        comment, state, by=by, action="comment.undone", is_reversal=True, decision=decision.id
    )
    if comment.published_at is not None and comment.published_at >= decision.decided_at:
        comment.published_at = None  # the decision had published it for the first time
    delete_notifications_about_reply(comment.id)
    for report in list_reports(comment.id):
        if report.closed_at is not None and report.closed_at >= decision.decided_at:
            report.state, report.closed_at = "open", None
