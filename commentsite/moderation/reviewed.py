"""Read what was drawn for a second reading, and what came of it."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from commentsite.comments.models import Comment, CommentRevision
from commentsite.comments.queries import comment_by_id
from commentsite.db import for_update, session
from commentsite.errors import require_found
from commentsite.letters.models import Block, Letter
from commentsite.letters.queries import current_blocks, letter_by_id
from commentsite.moderation.agreement import compare
from commentsite.moderation.models import BlindReview, Decision, DeclaredInterest
from commentsite.moderation.sample import bounds
from commentsite.moderation.tally import BlindMonth

COMPARED = ("publish", "return", "refuse", "spam")  # what can be said about a comment that waits


@dataclass(frozen=True)
class BlindCase:
    """What a second reader sees: the words as they were decided on, and what they speak to; not by whom."""

    review: BlindReview
    words: str
    letter: Letter
    target_blocks: list[Block]
    parent: Comment | None


def is_drawn(month: str) -> bool:
    """Say whether the sample of a month is drawn already."""
    query = select(BlindReview.id).where(BlindReview.month == month).limit(1)
    return session().scalars(query).first() is not None


def decided_in(month: str) -> dict[int, int]:
    """Return the first decision a person took in a month about each comment: comments by decision."""
    start, end = bounds(month)
    first = (
        select(func.min(Decision.id).label("id"))
        .join(Comment, Comment.id == Decision.comment_id)
        .where(
            Decision.decided_at >= start,
            Decision.decided_at < end,
            Decision.moderator_id.is_not(None),
            Decision.verdict.in_(COMPARED),
            Decision.is_settling.is_(True),
            Comment.erased_at.is_(None),
        )
        .group_by(Decision.comment_id)
        .subquery()
    )
    query = select(Decision.id, Decision.comment_id).join(first, first.c.id == Decision.id)
    return {decision: comment for decision, comment in session().execute(query)}  # noqa: C416  # rows, not pairs


def count_open(user_id: int | None, email_hash: str) -> int:
    """Return how many reviews are open to a member of staff, whose name and organisation are not compared here."""
    query = select(func.count()).select_from(BlindReview)
    query = query.join(Comment, Comment.id == BlindReview.comment_id)
    return session().scalars(query.where(*_open_to(user_id, email_hash))).one()


def next_review(user_id: int | None, email_hash: str, *, after: int = 0) -> BlindCase | None:
    """Return the next review open to a member of staff, or None. `reviews.next_for` checks the remaining conflicts."""
    query = (
        select(BlindReview)
        .join(Comment, Comment.id == BlindReview.comment_id)
        .where(*_open_to(user_id, email_hash), BlindReview.id > after)
        .order_by(BlindReview.id)
        .limit(1)
    )
    found = session().scalars(query).first()
    return blind_case(found) if found is not None else None


def review_for_update(review_id: int) -> BlindReview:
    """Return one as it is now, locked until the transaction ends. Raises NotFound."""
    query = for_update(select(BlindReview).where(BlindReview.id == review_id))
    return _one(session().scalars(query).first())


def review_by_id(review_id: int) -> BlindReview:
    """Return one. Raises NotFound."""
    return _one(session().get(BlindReview, review_id))


def deciders_of(comment_id: int) -> set[int]:
    """Return who of the staff has decided about a comment."""
    query = select(Decision.moderator_id).where(
        Decision.comment_id == comment_id, Decision.moderator_id.is_not(None)
    )
    return {user_id for user_id in session().scalars(query) if user_id is not None}


def blind_case(review: BlindReview) -> BlindCase:
    """Return what the second reader sees of one."""
    comment = comment_by_id(review.comment_id)
    letter = letter_by_id(comment.letter_id)
    pids = {target.pid for target in comment.targets}
    return BlindCase(
        review=review,
        words=_words_decided_on(comment, review.decision_id),
        letter=letter,
        target_blocks=[block for block in current_blocks(letter) if block.pid in pids],
        parent=comment_by_id(comment.parent_id) if comment.parent_id else None,
    )


def blind_months() -> tuple[BlindMonth, ...]:
    """Return what came of each month's second readings, the newest first, and of all under ""."""
    keys = (BlindReview.month, Decision.verdict, BlindReview.verdict)
    query = (
        select(*keys, func.count())
        .join(Decision, Decision.id == BlindReview.decision_id)
        .group_by(*keys)
    )
    drawn: dict[str, int] = defaultdict(int)
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for month, first, second, n in session().execute(query):
        for key in (month, ""):
            drawn[key] += n
            if second:
                pairs[key] += [(first, second)] * n
    return tuple(
        BlindMonth(key, drawn[key], compare(pairs[key])) for key in sorted(drawn, reverse=True)
    )


def _open_to(user_id: int | None, email_hash: str) -> tuple[ColumnElement[bool], ...]:
    decided = select(Decision.comment_id).where(Decision.moderator_id == user_id)
    declared = select(DeclaredInterest.id).where(
        DeclaredInterest.staff_id == user_id,
        or_(
            DeclaredInterest.letter_id == Comment.letter_id,
            DeclaredInterest.comment_id == Comment.id,
        ),
    )
    return (
        BlindReview.answered_at.is_(None),
        Comment.erased_at.is_(None),
        or_(Comment.email_hash.is_(None), Comment.email_hash != email_hash),
        BlindReview.comment_id.not_in(decided),
        ~declared.exists(),
    )


def _words_decided_on(comment: Comment, decision_id: int) -> str:
    """Return the words as they stood when it was decided; the author may have changed them since."""
    query = (
        select(CommentRevision.body)
        .join(Decision, Decision.comment_id == CommentRevision.comment_id)
        .where(Decision.id == decision_id, CommentRevision.version >= Decision.comment_version)
        .order_by(CommentRevision.version)
        .limit(1)
    )
    earlier = session().scalars(query).first()
    return comment.body if earlier is None else earlier


def _one(review: BlindReview | None) -> BlindReview:
    return require_found(review, "There is no second reading with this number.")
