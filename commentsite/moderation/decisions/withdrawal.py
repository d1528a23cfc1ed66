"""Let the author of a comment undo its withdrawal within a day.

The withdrawal takes effect at once, as a decision does. For a day the author can take it back: the
state, the place in the queue, the votes, the reports and the appeals are then as they were. The audit log keeps
both the withdrawal and the undo.
"""

from datetime import datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.comments.appeals.transitions import reopen_appeals
from commentsite.comments.models import Comment
from commentsite.comments.reports.models import ReportState
from commentsite.comments.reports.queries import list_reports
from commentsite.comments.states import UNREAD, Awaiting, CommentState
from commentsite.comments.transitions import change_state
from commentsite.encryption import Encryption
from commentsite.errors import Conflict
from commentsite.moderation.decisions import queries as decision_queries
from commentsite.moderation.decisions.quorum import update_awaiting
from commentsite.moderation.models import Decision

#: Long enough for a person who reads slowly or is interrupted: WCAG 2.2 (2.2.1) asks for more than 20 hours.
WITHDRAWAL_UNDO_WINDOW = timedelta(hours=24)


def find_withdrawal_end(comment: Comment) -> datetime | None:
    """Return until when the author can undo the withdrawal of a comment, or None if they cannot."""
    if comment.state != CommentState.WITHDRAWN or comment.withdrawn_from is None:
        return None
    until: datetime = comment.changed_at + WITHDRAWAL_UNDO_WINDOW
    return until if clock.now() <= until else None


def undo_withdrawal(comment: Comment, *, by: Actor, encryption: Encryption) -> None:
    """Give a withdrawn comment its earlier state again. Raises Conflict after a day."""
    if find_withdrawal_end(comment) is None or comment.withdrawn_from is None:
        msg = "The time to undo this is over. You can send your comment again."
        raise Conflict(msg)
    state, awaiting = CommentState(comment.withdrawn_from), comment.withdrawn_awaiting
    withdrawn_at = comment.changed_at
    open_votes = _list_votes_before_withdrawal(comment)
    comment.withdrawn_from = comment.withdrawn_awaiting = None
    change_state(comment, state, by=by, action="comment.withdrawal_undone", is_reversal=True)
    for report in list_reports(comment.id):
        is_closed_with_it = report.closed_at is not None and report.closed_at >= withdrawn_at
        if is_closed_with_it and report.state == ReportState.COMMENT_WITHDRAWN:
            report.state, report.closed_at = ReportState.OPEN, None
    reopen_appeals(comment, withdrawn_at, by=by)
    # Withdrawal and undo each raised the version, but the text is the one that the voters read.
    for vote in open_votes:
        vote.comment_version = comment.version
    update_awaiting(comment, encryption)
    if awaiting in UNREAD:
        comment.awaiting = Awaiting(awaiting)


def _list_votes_before_withdrawal(comment: Comment) -> list[Decision]:
    return [
        vote
        for vote in decision_queries.list_votes(comment.id)
        if vote.comment_version == comment.version - 1
        and not vote.is_applied
        and vote.undone_at is None
    ]
