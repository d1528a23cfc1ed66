"""Move comments between their states: the only place that does."""

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM, Actor
from commentsite.audit.services import record_event
from commentsite.comments.appeals.transitions import withdraw_open_appeals
from commentsite.comments.campaigns import services as campaigns
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.reports import queries as report_queries
from commentsite.comments.reports.queries import list_open_reports
from commentsite.comments.screening.checks import REPORTED, Finding, build_hold_reason
from commentsite.comments.states import TRANSITIONS, CommentState
from commentsite.errors import Conflict
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_letter, lock_letter_row
from commentsite.search.index import index_comment, remove_from_index


def change_state(
    comment: Comment,
    state: CommentState,
    *,
    by: Actor,
    action: str,
    is_reversal: bool = False,
    **details: str | int,
) -> None:
    """Move a comment to another state: the only place that does.

    Raises Conflict on a way that does not exist; `is_back` goes one back that does.
    """
    old = CommentState(comment.state)
    is_way = old in TRANSITIONS[state] if is_reversal else state in TRANSITIONS[old]
    if not is_way or comment.erased_at is not None:
        msg = "This comment is %(state)s now; that cannot be done to it any more."
        raise Conflict(msg, state=old.value)
    comment.state = state
    comment.version += 1
    comment.awaiting = None  # what was said about it before was about what it was
    comment.changed_at = clock.now()
    letter = get_letter(comment.letter_id)
    if state == CommentState.PUBLISHED and comment.published_at is None:
        comment.published_at = comment.changed_at
    if CommentState.PUBLISHED in {old, state}:
        campaigns.update_representative(comment, old)
        letter.published_comment_count = Letter.published_comment_count + (
            1 if state == CommentState.PUBLISHED else -1
        )
    if state == CommentState.PUBLISHED:
        index_comment(comment.id, f"{comment.name} {comment.organisation} {comment.body}")
    elif old == CommentState.PUBLISHED:
        remove_from_index("search_comment", comment.id)
    if comment.published_at is not None:
        _close_reports(comment, state)
        bump_page_version(letter)
    record_event(
        by.label,
        action,
        f"comment:{comment.id}",
        state=state.value,
        version=comment.version,
        **details,
    )
    if state == CommentState.WITHDRAWN:
        withdraw_open_appeals(comment, by=by)


def record_unchanged(comment: Comment, *, by: Actor, action: str, **details: str | int) -> None:
    """Record that a comment stays as it is, so that nothing said about it before counts any more."""
    comment.version += 1
    comment.awaiting = None
    state = str(comment.state)
    obj = f"comment:{comment.id}"
    record_event(by.label, action, obj, state=state, version=comment.version, **details)


def _close_reports(comment: Comment, state: CommentState) -> None:
    """Close what readers reported about a comment that was public, now that it moves to another state.

    While a moderator is to look at it they stay open.
    """
    if state == CommentState.PENDING:
        return
    became = {CommentState.PUBLISHED: "kept", CommentState.WITHDRAWN: "gone"}.get(state, "upheld")
    for report in list_open_reports(comment.id):
        report.state, report.closed_at = became, clock.now()


def hold_reported_comment(comment_id: int, threshold: int) -> None:
    """Hold a published comment until a moderator has looked, once reports from so many network addresses wait.

    In a transaction of its own, since it touches the letter's page; 0 holds none.
    """
    if not threshold or report_queries.count_reporters(comment_id) < threshold:
        return
    comment = get_comment_for_update(comment_id)
    lock_letter_row(comment.letter_id)
    reporters = report_queries.count_reporters(comment_id)
    if comment.state != CommentState.PUBLISHED or reporters < threshold:
        return
    comment.hold_reasons = [
        build_hold_reason(REPORTED, 1, Finding(str(reporters))),
        *comment.hold_reasons,
    ]
    comment.held_by_check = REPORTED
    change_state(comment, CommentState.PENDING, by=SYSTEM, action="comment.held_by_reports")
