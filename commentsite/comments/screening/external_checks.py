"""Have an external service check the text of comments for spam: queue, run and store the checks.

A submission only adds a row to the table of external checks, in its own transaction. The worker
sends the requests later, so that no reader waits for the service and no check is lost when a
process stops. For each check the worker uses two transactions, and none is open during the request:
the first counts the attempt and schedules the next one, the second stores the result. If the worker
stops in between, the check is simply due again. A check is repeated after each of RETRY_DELAYS and
then marked as failed. The result never changes the state of a comment. It adds a hold reason, or
clears the comment for automatic publication.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.screening import queries as screening_queries
from commentsite.comments.screening.checks import CheckCode, Finding, build_hold_reason
from commentsite.comments.screening.models import ExternalCheck, ExternalCheckState
from commentsite.comments.states import CommentState
from commentsite.db.session import session, transaction
from commentsite.integrations.akismet import AkismetUnavailable, CheckRequest
from commentsite.letters.queries import get_letter

RETRY_DELAYS = tuple(timedelta(minutes=minutes) for minutes in (2, 10, 60, 360))
CHECK_VERSION = 1
MAX_CHECKS_PER_PASS = 10  # so that the worker's other tasks do not wait too long


class _DueCheck(NamedTuple):
    comment_id: int
    body_hash: str  # of the text in the request
    request: CheckRequest


def enqueue_check(comment: Comment) -> None:
    session().add(ExternalCheck(comment_id=comment.id, next_attempt_at=clock.now()))


def requeue_check(comment: Comment) -> None:
    """Check an edited text again, if its earlier text was checked."""
    check = session().get(ExternalCheck, comment.id)
    if check is not None:
        check.state, check.attempts = ExternalCheckState.WAITING, 0
        check.next_attempt_at = clock.now()


def cancel_check(comment: Comment) -> None:
    check = session().get(ExternalCheck, comment.id)
    if check is not None:
        session().delete(check)


def find_check_state(comment: Comment) -> str | None:
    check = session().get(ExternalCheck, comment.id)
    return check.state if check else None


def run_due_checks(
    is_spam: Callable[[CheckRequest], bool],
    *,
    base_url: str,
    by: Actor,
    on_cleared: Callable[[int], None],
) -> int:
    """Run the due checks one by one and return how many got an answer.

    The pass ends at the first check without an answer, because the service is then probably down.
    `on_cleared` is called with the id of each comment that is not spam, after the result is stored.
    """
    for answered_count in range(MAX_CHECKS_PER_PASS):
        if screening_queries.find_next_due_check(clock.now()) is None:
            return answered_count
        with transaction():
            due = _start_next_check(base_url)
        if due is None:
            return answered_count
        try:
            is_flagged = is_spam(due.request)
        except AkismetUnavailable:
            return answered_count
        with transaction():
            is_cleared = _store_result(due.comment_id, due.body_hash, is_flagged=is_flagged, by=by)
        if is_cleared:
            on_cleared(due.comment_id)
    return MAX_CHECKS_PER_PASS


def _start_next_check(base_url: str) -> _DueCheck | None:
    """Count an attempt of the next due check and build its request."""
    while check := screening_queries.find_next_due_check(clock.now()):
        if check.attempts <= len(RETRY_DELAYS):
            break
        check.state = ExternalCheckState.FAILED
        session().flush()
    else:
        return None
    delay = RETRY_DELAYS[min(check.attempts, len(RETRY_DELAYS) - 1)]
    # Counted before the request, so that a check during which the worker crashes is not repeated
    # for ever.
    check.attempts += 1
    check.next_attempt_at = clock.now() + delay
    comment = session().get_one(Comment, check.comment_id)
    letter = get_letter(comment.letter_id)
    permalink = f"{base_url}/letters/{letter.slug}"
    language = (comment.language or letter.language).lower().replace("-", "_")
    request = CheckRequest(base_url, permalink, language, comment.body)
    return _DueCheck(comment.id, comment.body_hash, request)


def _store_result(comment_id: int, body_hash: str, *, is_flagged: bool, by: Actor) -> bool:
    """Store a result. Return whether the comment is pending and not flagged."""
    comment = get_comment_for_update(comment_id)
    check = session().get(ExternalCheck, comment_id)
    if check is None or comment.body_hash != body_hash:
        return False  # The comment was erased or edited during the request.
    check.state = ExternalCheckState.SPAM if is_flagged else ExternalCheckState.CLEAN
    if comment.state != CommentState.PENDING:
        return False
    if not is_flagged:
        return True
    comment.hold_reasons = [
        *comment.hold_reasons,
        build_hold_reason(CheckCode.AKISMET, CHECK_VERSION, Finding(field="body")),
    ]
    if comment.held_by_check == CheckCode.PREMODERATION:
        comment.held_by_check = CheckCode.AKISMET
    record_event(
        by.label,
        "comment.screened",
        f"comment:{comment.id}",
        state=str(comment.state),
        rule_version=CHECK_VERSION,
    )
    return False
