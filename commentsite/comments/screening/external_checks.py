"""Ask a service of others about the words of a comment: promised when it comes, kept by the worker.

The answer only points the comment out to its moderator. No answer changes nothing, and is
asked for again a few times.
"""

from collections.abc import Callable
from datetime import timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.screening import queries as screening_queries
from commentsite.comments.screening.checks import AKISMET, PREMODERATION, Finding, build_hold_reason
from commentsite.comments.screening.models import ExternalCheck
from commentsite.comments.states import CommentState
from commentsite.db.session import session, transaction
from commentsite.integrations.akismet import AkismetUnavailable, CheckRequest
from commentsite.letters.queries import get_letter

RETRY_DELAYS = tuple(timedelta(minutes=m) for m in (2, 10, 60, 360))
CHECK_VERSION = 1
MAX_CHECKS_PER_PASS = 10  # in one pass, so that messages do not wait


def enqueue_check(comment: Comment) -> None:
    """Have the worker ask about a comment once it waits for a moderator."""
    session().add(ExternalCheck(comment_id=comment.id, next_attempt_at=clock.now()))


def requeue_check(comment: Comment) -> None:
    """Have changed words asked about, where those before were."""
    promise = session().get(ExternalCheck, comment.id)
    if promise is not None:
        promise.state, promise.attempts = "waiting", 0
        promise.next_attempt_at = clock.now()


def cancel_check(comment: Comment) -> None:
    """Drop the promise about a comment that is erased."""
    promise = session().get(ExternalCheck, comment.id)
    if promise is not None:
        session().delete(promise)


def find_check_state(comment: Comment) -> str | None:
    """Return what became of the promise about a comment: waiting, spam, clean or failed; None without one."""
    promise = session().get(ExternalCheck, comment.id)
    return promise.state if promise else None


def run_due_checks(
    is_spam: Callable[[CheckRequest], bool],
    *,
    base_url: str,
    by: Actor,
    on_cleared: Callable[[int], None],
) -> int:
    """Ask about what is due, one by one; return how many were answered. The first silence ends the pass.

    `then` gets the number of each comment about which the answer was good, when that is stored.
    """
    for done in range(MAX_CHECKS_PER_PASS):
        if screening_queries.find_next_due_check(clock.now()) is None:
            return done
        with transaction():
            due = _next_request(base_url)
        if due is None:
            return done
        comment_id, body_hash, question = due
        try:
            verdict = is_spam(question)
        except AkismetUnavailable:
            return done
        with transaction():
            is_cleared = _store_result(comment_id, body_hash, verdict, by=by)
        if is_cleared:
            on_cleared(comment_id)
    return MAX_CHECKS_PER_PASS


def _next_request(base_url: str) -> tuple[int, str, CheckRequest] | None:
    """Return what to ask next; the attempt counts before it is made, as its worker may die of it."""
    while promise := screening_queries.find_next_due_check(clock.now()):
        if promise.attempts <= len(RETRY_DELAYS):
            break
        promise.state = "failed"
        session().flush()
    else:
        return None
    pause = RETRY_DELAYS[min(promise.attempts, len(RETRY_DELAYS) - 1)]
    promise.attempts += 1
    promise.next_attempt_at = clock.now() + pause
    comment = session().get_one(Comment, promise.comment_id)
    letter = get_letter(comment.letter_id)
    link = f"{base_url}/letters/{letter.slug}"
    language = (comment.language or letter.language).lower().replace("-", "_")
    return comment.id, comment.body_hash, CheckRequest(base_url, link, language, comment.body)


def _store_result(comment_id: int, body_hash: str, verdict: bool, *, by: Actor) -> bool:  # noqa: FBT001  # the answer is yes or no
    """Return whether the comment waits and nothing was said against it."""
    comment = get_comment_for_update(comment_id)
    promise = session().get(ExternalCheck, comment_id)
    if promise is None or comment.body_hash != body_hash:
        return False  # erased, or changed: the answer is about words that are no more
    promise.state = "spam" if verdict else "clean"
    if comment.state != CommentState.PENDING:
        return False
    if not verdict:
        return True
    comment.hold_reasons = [
        *comment.hold_reasons,
        build_hold_reason(AKISMET, CHECK_VERSION, Finding(field="body")),
    ]
    if comment.held_by_check == PREMODERATION:
        comment.held_by_check = AKISMET
    record_event(
        by.label,
        "comment.screened",
        f"comment:{comment.id}",
        state=str(comment.state),
        rule_version=CHECK_VERSION,
    )
    return False
