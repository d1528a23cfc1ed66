"""Query quality reviews: the population to draw from, open reviews, and the results."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from commentsite.comments.models import Comment, CommentRevision
from commentsite.comments.queries import get_comment, is_in_letters
from commentsite.db.session import for_update, session
from commentsite.errors import require_found
from commentsite.letters.models import Letter
from commentsite.letters.queries import get_letter
from commentsite.letters.text.queries import BlockRow, list_current_blocks
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.models import ConflictDeclaration, Decision, QualityReview
from commentsite.moderation.quality.agreement import MonthlyAgreement, measure_agreement
from commentsite.moderation.quality.sampling import month_bounds

#: Verdicts on a pending comment. Decisions on published comments are not reviewed.
REVIEWABLE_VERDICTS = (Verdict.PUBLISH, Verdict.RETURN, Verdict.REFUSE, Verdict.SPAM)


@dataclass(frozen=True)
class ReviewCase:
    """The part of a case that the reviewer sees: no decision, no author."""

    review: QualityReview
    text: str  # as it was decided on
    letter: Letter
    target_blocks: list[BlockRow]
    parent: Comment | None


def sample_exists(month: str) -> bool:
    query = select(QualityReview.id).where(QualityReview.month == month).limit(1)
    return session().scalars(query).first() is not None


def load_sample_population(month: str) -> dict[int, int]:
    """Return the first decision by a person on each comment in a month, as {decision id: comment id}."""
    start, end = month_bounds(month)
    first_decision = (
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
    query = select(Decision.id, Decision.comment_id).join(
        first_decision, first_decision.c.id == Decision.id
    )
    return dict(session().execute(query).all())


def count_open_reviews(
    user_id: int | None, email_hash: str, *, letter_ids: frozenset[int] | None = None
) -> int:
    """Count the open reviews that a staff member may answer, of these letters or of all (None).

    Conflicts of interest by name or organisation are ignored, so the count can be too high.
    """
    query = select(func.count()).select_from(QualityReview)
    query = query.join(Comment, Comment.id == QualityReview.comment_id)
    conditions = _open_review_conditions(user_id, email_hash, letter_ids)
    return session().scalars(query.where(*conditions)).one()


def find_next_review(
    user_id: int | None,
    email_hash: str,
    *,
    letter_ids: frozenset[int] | None = None,
    after: int = 0,
) -> ReviewCase | None:
    """Return the first open review of these letters (None: of all) with an id above `after`, or None.

    Use services.find_next_review_for, which also checks the conflicts that SQL cannot.
    """
    query = (
        select(QualityReview)
        .join(Comment, Comment.id == QualityReview.comment_id)
        .where(*_open_review_conditions(user_id, email_hash, letter_ids), QualityReview.id > after)
        .order_by(QualityReview.id)
        .limit(1)
    )
    review = session().scalars(query).first()
    return load_review_case(review) if review is not None else None


def load_review_for_update(review_id: int) -> QualityReview:
    """Return a review, locked until the transaction ends. Raises NotFound."""
    query = for_update(select(QualityReview).where(QualityReview.id == review_id))
    return _require_review(session().scalars(query).first())


def load_review(review_id: int) -> QualityReview:
    """Return a review. Raises NotFound."""
    return _require_review(session().get(QualityReview, review_id))


def find_letter_id_of_review(review_id: int) -> int | None:
    """Return the id of the letter whose comment is reviewed, or None if there is no such review."""
    query = select(Comment.letter_id).join(QualityReview, QualityReview.comment_id == Comment.id)
    return session().scalars(query.where(QualityReview.id == review_id)).first()


def list_decider_ids(comment_id: int) -> set[int]:
    """Return the ids of the staff who have voted on a comment."""
    query = select(Decision.moderator_id).where(
        Decision.comment_id == comment_id, Decision.moderator_id.is_not(None)
    )
    return {user_id for user_id in session().scalars(query) if user_id is not None}


def load_review_case(review: QualityReview) -> ReviewCase:
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
    """Return the agreement of each month, the newest first, and of all months under ""."""
    keys = (QualityReview.month, Decision.verdict, QualityReview.verdict)
    query = (
        select(*keys, func.count())
        .join(Decision, Decision.id == QualityReview.decision_id)
        .group_by(*keys)
    )
    sample_sizes: dict[str, int] = defaultdict(int)
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for month, first, second, count in session().execute(query):
        for key in (month, ""):
            sample_sizes[key] += count
            if second:
                pairs[key] += [(first, second)] * count
    return tuple(
        MonthlyAgreement(key, sample_sizes[key], measure_agreement(pairs[key]))
        for key in sorted(sample_sizes, reverse=True)
    )


def _open_review_conditions(
    user_id: int | None, email_hash: str, letter_ids: frozenset[int] | None
) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for unanswered reviews of these letters that the staff member may answer."""
    own_decisions = select(Decision.comment_id).where(Decision.moderator_id == user_id)
    declarations = select(ConflictDeclaration.id).where(
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
        QualityReview.comment_id.not_in(own_decisions),
        ~declarations.exists(),
        is_in_letters(letter_ids),
    )


def _load_decided_text(comment: Comment, decision_id: int) -> str:
    """Return the text of the comment when it was decided.

    A revision row holds the text that a later change replaced, so the earliest revision from the
    decided version on has it. Without one, the text has not changed since.
    """
    query = (
        select(CommentRevision.body)
        .join(Decision, Decision.comment_id == CommentRevision.comment_id)
        .where(Decision.id == decision_id, CommentRevision.version >= Decision.comment_version)
        .order_by(CommentRevision.version)
        .limit(1)
    )
    replaced_text = session().scalars(query).first()
    return comment.body if replaced_text is None else replaced_text


def _require_review(review: QualityReview | None) -> QualityReview:
    return require_found(review, "There is no quality review with this number.")
