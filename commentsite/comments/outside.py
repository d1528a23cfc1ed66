"""Ask a service of others about the words of a comment: promised when it comes, kept by the worker.

The answer only points the comment out to its moderator. No answer changes nothing, and is
asked for again a few times.
"""

from collections.abc import Callable
from datetime import timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record
from commentsite.comments import walks
from commentsite.comments.akismet import NoAnswer, Question
from commentsite.comments.models import Comment, OutsideCheck
from commentsite.comments.queries import comment_for_update
from commentsite.comments.screening import AKISMET, FIRST_READING, Finding, as_reason
from commentsite.comments.states import CommentState
from commentsite.db import session, transaction
from commentsite.letters.queries import letter_by_id

PAUSES = tuple(timedelta(minutes=m) for m in (2, 10, 60, 360))
VERSION = 1
MOST_AT_ONCE = 10  # in one pass, so that messages do not wait


def promise_to_ask(comment: Comment) -> None:
    """Have the worker ask about a comment once it waits for a moderator."""
    session().add(OutsideCheck(comment_id=comment.id, next_attempt_at=clock.now()))


def ask_again(comment: Comment) -> None:
    """Have changed words asked about, where those before were."""
    promise = session().get(OutsideCheck, comment.id)
    if promise is not None:
        promise.state, promise.attempts = "waiting", 0
        promise.next_attempt_at = clock.now()


def ask_no_more(comment: Comment) -> None:
    """Drop the promise about a comment that is erased."""
    promise = session().get(OutsideCheck, comment.id)
    if promise is not None:
        session().delete(promise)


def answer_about(comment: Comment) -> str | None:
    """Return what became of the promise about a comment: waiting, spam, clean or failed; None without one."""
    promise = session().get(OutsideCheck, comment.id)
    return promise.state if promise else None


def ask_what_is_due(
    is_spam: Callable[[Question], bool],
    *,
    base_url: str,
    by: Actor,
    then: Callable[[int], None],
) -> int:
    """Ask about what is due, one by one; return how many were answered. The first silence ends the pass.

    `then` gets the number of each comment about which the answer was good, when that is stored.
    """
    for done in range(MOST_AT_ONCE):
        if walks.next_to_ask_about(clock.now()) is None:
            return done
        with transaction():
            due = _next_question(base_url)
        if due is None:
            return done
        comment_id, body_hash, question = due
        try:
            verdict = is_spam(question)
        except NoAnswer:
            return done
        with transaction():
            is_cleared = _remember(comment_id, body_hash, verdict, by=by)
        if is_cleared:
            then(comment_id)
    return MOST_AT_ONCE


def _next_question(base_url: str) -> tuple[int, str, Question] | None:
    """Return what to ask next; the attempt counts before it is made, as its worker may die of it."""
    while promise := walks.next_to_ask_about(clock.now()):
        if promise.attempts <= len(PAUSES):
            break
        promise.state = "failed"
        session().flush()
    else:
        return None
    pause = PAUSES[min(promise.attempts, len(PAUSES) - 1)]
    promise.attempts += 1
    promise.next_attempt_at = clock.now() + pause
    comment = session().get_one(Comment, promise.comment_id)
    letter = letter_by_id(comment.letter_id)
    link = f"{base_url}/letters/{letter.slug}"
    language = (comment.language or letter.language).lower().replace("-", "_")
    return comment.id, comment.body_hash, Question(base_url, link, language, comment.body)


def _remember(comment_id: int, body_hash: str, verdict: bool, *, by: Actor) -> bool:  # noqa: FBT001  # the answer is yes or no
    """Return whether the comment waits and nothing was said against it."""
    comment = comment_for_update(comment_id)
    promise = session().get(OutsideCheck, comment_id)
    if promise is None or comment.body_hash != body_hash:
        return False  # erased, or changed: the answer is about words that are no more
    promise.state = "spam" if verdict else "clean"
    if comment.state != CommentState.PENDING:
        return False
    if not verdict:
        return True
    comment.held = [*comment.held, as_reason(AKISMET, VERSION, Finding(field="body"))]
    if comment.held_by == FIRST_READING:
        comment.held_by = AKISMET
    record(
        by.label,
        "comment.screened",
        f"comment:{comment.id}",
        state=str(comment.state),
        rule_version=VERSION,
    )
    return False
