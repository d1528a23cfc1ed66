"""Read what was drawn for a second reading, and what came of it."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from commentsite.comments.models import Comment, CommentRevision
from commentsite.comments.queries import get_comment
from commentsite.db.session import for_update, session
from commentsite.errors import require_found
from commentsite.letters.models import Block, Letter
from commentsite.letters.queries import get_letter
from commentsite.letters.text.queries import list_current_blocks
from commentsite.moderation.models import ConflictDeclaration, Decision, QualityReview
from commentsite.moderation.quality.agreement import MonthlyAgreement, measure_agreement
from commentsite.moderation.quality.sampling import month_bounds

REVIEWABLE_VERDICTS = (
    "publish",
    "return",
    "refuse",
    "spam",
)  # what can be said about a comment that waits


@dataclass(frozen=True)
class ReviewCase:
    """What a second reader sees: the words as they were decided on, and what they speak to; not by whom."""

    review: QualityReview
    text: str
    letter: Letter
    target_blocks: list[Block]
    parent: Comment | None


def sample_exists(month: str) -> bool:
    """Say whether the sample of a month is drawn already."""
    query = select(QualityReview.id).where(QualityReview.month == month).limit(1)
    return session().scalars(query).first() is not None


def load_sample_population(month: str) -> dict[int, int]:
    """Return the first decision a person took in a month about each comment: comments by decision."""
    start, end = month_bounds(month)
    first = (
        select(func.min(Decision.id).label("id"))
        .join(Comment, Comment.id == Decision.comment_id)
        .where(
            Decision.decided_at >= start,
            Decision.decided_at < end,
            Decision.moderator_id.is_not(None),
            Decision.verdict.in_(REVIEWABLE_VERDICTS),
            Decision.is_applied.is_(True),
            Comment.erased_at.is_(None),
        )
        .group_by(Decision.comment_id)
        .subquery()
    )
    query = select(Decision.id, Decision.comment_id).join(first, first.c.id == Decision.id)
    return {decision: comment for decision, comment in session().execute(query)}  # noqa: C416  # rows, not pairs


def count_open_reviews(user_id: int | None, email_hash: str) -> int:
    """Return how many reviews are open to a member of staff, whose name and organisation are not compared here."""
    query = select(func.count()).select_from(QualityReview)
    query = query.join(Comment, Comment.id == QualityReview.comment_id)
    return session().scalars(query.where(*_open_review_conditions(user_id, email_hash))).one()


def find_next_review(user_id: int | None, email_hash: str, *, after: int = 0) -> ReviewCase | None:
    """Return the next review open to a member of staff, or None. `reviews.next_for` checks the remaining conflicts."""
    query = (
        select(QualityReview)
        .join(Comment, Comment.id == QualityReview.comment_id)
        .where(*_open_review_conditions(user_id, email_hash), QualityReview.id > after)
        .order_by(QualityReview.id)
        .limit(1)
    )
    found = session().scalars(query).first()
    return load_review_case(found) if found is not None else None


def load_review_for_update(review_id: int) -> QualityReview:
    """Return one as it is now, locked until the transaction ends. Raises NotFound."""
    query = for_update(select(QualityReview).where(QualityReview.id == review_id))
    return _require_review(session().scalars(query).first())


def load_review(review_id: int) -> QualityReview:
    """Return one. Raises NotFound."""
    return _require_review(session().get(QualityReview, review_id))


def list_decider_ids(comment_id: int) -> set[int]:
    """Return who of the staff has decided about a comment."""
    query = select(Decision.moderator_id).where(
        Decision.comment_id == comment_id, Decision.moderator_id.is_not(None)
    )
    return {user_id for user_id in session().scalars(query) if user_id is not None}


def load_review_case(review: QualityReview) -> ReviewCase:
    """Return what the second reader sees of one."""
    comment = get_comment(review.comment_id)
    letter = get_letter(comment.letter_id)
    pids = {target.pid for target in comment.targets}
    return ReviewCase(
        review=review,
        text=_load_decided_text(comment, review.decision_id),
        letter=letter,
        target_blocks=[block for block in list_current_blocks(letter) if block.pid in pids],
        parent=get_comment(comment.parent_id) if comment.parent_id else None,
    )


def load_monthly_agreement() -> tuple[MonthlyAgreement, ...]:
    """Return what came of each month's second readings, the newest first, and of all under ""."""
    keys = (QualityReview.month, Decision.verdict, QualityReview.verdict)
    query = (
        select(*keys, func.count())
        .join(Decision, Decision.id == QualityReview.decision_id)
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
        MonthlyAgreement(key, drawn[key], measure_agreement(pairs[key]))
        for key in sorted(drawn, reverse=True)
    )


def _open_review_conditions(
    user_id: int | None, email_hash: str
) -> tuple[ColumnElement[bool], ...]:
    decided = select(Decision.comment_id).where(Decision.moderator_id == user_id)
    declared = select(ConflictDeclaration.id).where(
        ConflictDeclaration.staff_id == user_id,
        or_(
            ConflictDeclaration.letter_id == Comment.letter_id,
            ConflictDeclaration.comment_id == Comment.id,
        ),
    )
    return (
        QualityReview.answered_at.is_(None),
        Comment.erased_at.is_(None),
        or_(Comment.email_hash.is_(None), Comment.email_hash != email_hash),
        QualityReview.comment_id.not_in(decided),
        ~declared.exists(),
    )


def _load_decided_text(comment: Comment, decision_id: int) -> str:
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


def _require_review(review: QualityReview | None) -> QualityReview:
    return require_found(review, "There is no second reading with this number.")
