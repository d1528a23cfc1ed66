"""Move comments between their states: the only place that does."""

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record
from commentsite.comments import campaigns
from commentsite.comments.appealing import end_appeals
from commentsite.comments.models import Comment
from commentsite.comments.reported import settle_reports
from commentsite.comments.states import TRANSITIONS, CommentState
from commentsite.errors import Conflict
from commentsite.letters.models import Letter
from commentsite.letters.queries import letter_by_id
from commentsite.letters.services import mark_changed
from commentsite.search.services import forget, index_comment


def change_state(
    comment: Comment,
    state: CommentState,
    *,
    by: Actor,
    action: str,
    is_back: bool = False,
    **details: str | int,
) -> None:
    """Move a comment to another state: the only place that does.

    Raises Conflict on a way that does not exist; `is_back` goes one back that does.
    """
    old = CommentState(comment.state)
    is_way = old in TRANSITIONS[state] if is_back else state in TRANSITIONS[old]
    if not is_way or comment.erased_at is not None:
        msg = "This comment is %(state)s now; that cannot be done to it any more."
        raise Conflict(msg, state=old.value)
    comment.state = state
    comment.version += 1
    comment.waits_for = None  # what was said about it before was about what it was
    comment.changed_at = clock.now()
    letter = letter_by_id(comment.letter_id)
    if state == CommentState.PUBLISHED and comment.published_at is None:
        comment.published_at = comment.changed_at
    if CommentState.PUBLISHED in {old, state}:
        campaigns.settle(comment, old)
        letter.published_comments = Letter.published_comments + (
            1 if state == CommentState.PUBLISHED else -1
        )
    if state == CommentState.PUBLISHED:
        index_comment(comment.id, f"{comment.name} {comment.organisation} {comment.body}")
    elif old == CommentState.PUBLISHED:
        forget("search_comment", comment.id)
    if comment.published_at is not None:
        settle_reports(comment, state)
        mark_changed(letter)
    record(
        by.label,
        action,
        f"comment:{comment.id}",
        state=state.value,
        version=comment.version,
        **details,
    )
    if state == CommentState.WITHDRAWN:
        end_appeals(comment, by=by)


def let_stand(comment: Comment, *, by: Actor, action: str, **details: str | int) -> None:
    """Record that a comment stays as it is, so that nothing said about it before counts any more."""
    comment.version += 1
    comment.waits_for = None
    state = str(comment.state)
    obj = f"comment:{comment.id}"
    record(by.label, action, obj, state=state, version=comment.version, **details)
