"""Read what somebody chose to decide about together."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from commentsite.comments.models import Comment
from commentsite.db.session import for_update, session
from commentsite.errors import require_found
from commentsite.letters.models import Letter
from commentsite.moderation.models import Batch, Decision


@dataclass(frozen=True)
class BatchSummary:
    """Of which letters and groups the chosen comments are, the most first."""

    letters: list[tuple[str, int]]
    groups: list[tuple[str, int]]


def load_batch(key: str, staff_id: int | None) -> Batch:
    """Return what one person chose. Raises NotFound, for others too."""
    return _load_batch(key, staff_id, is_locked=False)


def load_batch_for_update(key: str, staff_id: int | None) -> Batch:
    """Return it as it is now, locked."""
    return _load_batch(key, staff_id, is_locked=True)


def summarise_comments(comment_ids: Collection[int]) -> BatchSummary:
    """Count by letter and by group."""
    number = func.count().label("number")
    where = Comment.id.in_(comment_ids)
    letters = select(Letter.title, number).join(Comment, Comment.letter_id == Letter.id)
    letters = letters.where(where).group_by(Letter.id, Letter.title)
    groups = select(Comment.stakeholder_group, number).where(where)
    groups = groups.group_by(Comment.stakeholder_group)
    return BatchSummary(
        [(title, n) for title, n in session().execute(letters.order_by(number.desc()))],
        [(code, n) for code, n in session().execute(groups.order_by(number.desc()))],
    )


def load_batch_comments(batch: Batch) -> dict[int, Comment]:
    """Return those chosen comments that there are, by number."""
    query = select(Comment).where(Comment.id.in_([number for number, _version in batch.items]))
    return {comment.id: comment for comment in session().scalars(query)}


def list_decisions_by_id(decision_ids: Collection[int]) -> list[Decision]:
    """Return decisions by their numbers, the latest first."""
    query = select(Decision).where(Decision.id.in_(decision_ids)).order_by(Decision.id.desc())
    return list(session().scalars(query))


def list_batches_before(moment: datetime) -> list[Batch]:
    """Return what was chosen before a moment."""
    return list(session().scalars(select(Batch).where(Batch.made_at < moment).limit(500)))


def _load_batch(key: str, staff_id: int | None, *, is_locked: bool) -> Batch:
    query = select(Batch).where(Batch.key == key, Batch.staff_id == staff_id)
    if is_locked:
        query = for_update(query)
    return require_found(
        session().scalars(query).first(), "What you chose is not kept any more. Choose again."
    )
