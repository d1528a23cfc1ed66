"""Move comments between their states.

Only `examination`, which gives a received comment its first state, changes `Comment.state` without this module.
"""

from sqlalchemy import update

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM, Actor
from commentsite.audit.services import record_event
from commentsite.comments.appeals.transitions import withdraw_open_appeals
from commentsite.comments.campaigns import services as campaigns
from commentsite.comments.commitment import commit_words
from commentsite.comments.indexing import index_state
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.reports import queries as report_queries
from commentsite.comments.reports.models import ReportState
from commentsite.comments.screening.checks import CheckCode, Finding, build_hold_reason
from commentsite.comments.states import TRANSITIONS, CommentState
from commentsite.db.session import session
from commentsite.errors import Conflict
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_letter, lock_letter_row
from commentsite.letters.webhook_facts import describe_letter
from commentsite.webhooks.events import record_webhook_event
from commentsite.webhooks.states import EventType


def change_state(
    comment: Comment,
    state: CommentState,
    *,
    by: Actor,
    action: str,
    is_reversal: bool = False,
    **details: str | int,
) -> None:
    """Move a comment to another state, with everything that depends on the state.

    `details` are stored in the audit event. With `is_reversal`, the transition is the opposite of
    one that exists, as for undo. Raises Conflict when there is no such transition.
    """
    old_state = CommentState(comment.state)
    is_possible = (
        old_state in TRANSITIONS[state] if is_reversal else state in TRANSITIONS[old_state]
    )
    if not is_possible or comment.erased_at is not None:
        msg = "This comment is now in the state “%(state)s”, which does not allow this action. Reload the page."
        raise Conflict(msg, state=old_state)
    comment.state = state
    comment.version += 1
    comment.awaiting = None  # open votes were about the earlier version
    comment.changed_at = clock.now()
    letter = get_letter(comment.letter_id)
    if state == CommentState.PUBLISHED and comment.published_at is None:
        comment.published_at = comment.changed_at
    if CommentState.PUBLISHED in {old_state, state}:
        campaigns.update_representative(comment, old_state)
        change = 1 if state == CommentState.PUBLISHED else -1
        letter.published_comment_count = Letter.published_comment_count + change
        _count_reply(comment, change)
    index_state(comment, old_state)
    if comment.published_at is not None:
        _close_reports(comment)
        bump_page_version(letter)
        _record_webhook_events(comment, letter, old_state)
    record_event(
        by.label,
        action,
        f"comment:{comment.id}",
        state=state.value,
        version=comment.version,
        **commit_words(comment),
        **details,
    )
    if state == CommentState.WITHDRAWN:
        withdraw_open_appeals(comment, by=by)


def _record_webhook_events(comment: Comment, letter: Letter, old_state: CommentState) -> None:
    """Tell webhooks that a comment became public, or that it is public no longer."""
    facts = {
        "letter": describe_letter(letter),
        "comment": {
            "id": comment.id,
            "state": str(comment.state),
            "stakeholder_group": comment.stakeholder_group,
            "in_reply_to": comment.parent_id,
        },
    }
    if comment.state == CommentState.PUBLISHED:
        record_webhook_event(EventType.COMMENT_PUBLISHED, **facts)
        if comment.parent_id is not None:
            record_webhook_event(EventType.COMMENT_REPLIED, **facts)
    elif comment.state == CommentState.RESTRICTED:
        record_webhook_event(EventType.COMMENT_RESTRICTED, **facts)
    elif old_state == CommentState.PUBLISHED:
        record_webhook_event(EventType.COMMENT_REMOVED, **facts)


def record_unchanged(comment: Comment, *, by: Actor, action: str, **details: str | int) -> None:
    """Record an action that changes the version of a comment and not its state.

    Open votes were about the earlier version, so they no longer count.
    """
    comment.version += 1
    comment.awaiting = None
    record_event(
        by.label,
        action,
        f"comment:{comment.id}",
        state=str(comment.state),
        version=comment.version,
        **commit_words(comment),
        **details,
    )


def hold_reported_comment(comment_id: int, threshold: int) -> None:
    """Send a published comment back to the queue when enough readers have reported it.

    `threshold` is the number of network addresses from which reports are needed, or 0 to hold no
    comment. It runs in a transaction of its own, because it locks the letter, which a report does
    not.
    """
    if not threshold or report_queries.count_reporters(comment_id) < threshold:
        return
    comment = get_comment_for_update(comment_id)
    lock_letter_row(comment.letter_id)
    # Counted again, because a moderator may have closed reports before the lock was taken.
    reporter_count = report_queries.count_reporters(comment_id)
    if comment.state != CommentState.PUBLISHED or reporter_count < threshold:
        return
    comment.hold_reasons = [
        build_hold_reason(CheckCode.REPORTED, 1, Finding(str(reporter_count))),
        *comment.hold_reasons,
    ]
    comment.held_by_check = CheckCode.REPORTED
    change_state(comment, CommentState.PENDING, by=SYSTEM, action="comment.held_by_reports")


def _count_reply(comment: Comment, change: int) -> None:
    """Add to the number of replies of the comment that this one answers, and of the first in its thread."""
    answered = {comment.parent_id, comment.root_id} - {None}
    if answered:
        query = update(Comment).where(Comment.id.in_(answered))
        session().execute(query.values(reply_count=Comment.reply_count + change))


def _close_reports(comment: Comment) -> None:
    """Close the open reports of a comment that was public, unless a moderator is still to review it."""
    if comment.state == CommentState.PENDING:
        return
    results = {
        CommentState.PUBLISHED: ReportState.DISMISSED,
        CommentState.WITHDRAWN: ReportState.COMMENT_WITHDRAWN,
    }
    result = results.get(comment.state, ReportState.UPHELD)
    for report in report_queries.list_open_reports(comment.id):
        report.state, report.closed_at = result, clock.now()
