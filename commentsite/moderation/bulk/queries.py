"""Query batches of bulk decisions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from commentsite.comments.models import Comment
from commentsite.comments.queries import is_in_letters
from commentsite.db.session import for_update, session
from commentsite.errors import require_found
from commentsite.letters.models import Letter
from commentsite.moderation.models import Batch, Decision


@dataclass(frozen=True)
class BatchSummary:
    """How many selected comments belong to each letter title and stakeholder group, largest first."""

    letters: list[tuple[str, int]]
    groups: list[tuple[str, int]]


def load_batch(key: str, staff_id: int | None) -> Batch:
    """Return a batch of this staff member. Raises NotFound, also when it belongs to another."""
    return _load_batch(key, staff_id, is_locked=False)


def load_batch_for_update(key: str, staff_id: int | None) -> Batch:
    """Return the batch as `load_batch` does, locked until the transaction ends."""
    return _load_batch(key, staff_id, is_locked=True)


def summarise_comments(
    comment_ids: Collection[int], letter_ids: frozenset[int] | None
) -> BatchSummary:
    """Count the comments of a selection on these letters (None: on all) by letter and by group."""
    count = func.count().label("number")
    is_selected = and_(Comment.id.in_(comment_ids), is_in_letters(letter_ids))
    letters = (
        select(Letter.title, count)
        .join(Comment, Comment.letter_id == Letter.id)
        .where(is_selected)
        .group_by(Letter.id, Letter.title)
        .order_by(count.desc())
    )
    groups = (
        select(Comment.stakeholder_group, count)
        .where(is_selected)
        .group_by(Comment.stakeholder_group)
        .order_by(count.desc())
    )
    return BatchSummary(
        [(title, number) for title, number in session().execute(letters)],
        [(group, number) for group, number in session().execute(groups)],
    )


def load_batch_comments(batch: Batch, letter_ids: frozenset[int] | None) -> dict[int, Comment]:
    """Return the comments of a batch on these letters (None: on all) by id.

    The letters of a moderator can change after they stored the batch.
    """
    query = select(Comment).where(
        Comment.id.in_([comment_id for comment_id, _version in batch.items]),
        is_in_letters(letter_ids),
    )
    return {comment.id: comment for comment in session().scalars(query)}


def list_decisions_by_id(decision_ids: Collection[int]) -> list[Decision]:
    """Return the decisions with these ids, the latest first."""
    query = select(Decision).where(Decision.id.in_(decision_ids)).order_by(Decision.id.desc())
    return list(session().scalars(query))


def list_batches_before(moment: datetime) -> list[Batch]:
    """Return up to 500 batches created before a moment, for the purge."""
    return list(session().scalars(select(Batch).where(Batch.created_at < moment).limit(500)))


def _load_batch(key: str, staff_id: int | None, *, is_locked: bool) -> Batch:
    query = select(Batch).where(Batch.key == key, Batch.staff_id == staff_id)
    if is_locked:
        query = for_update(query)
    return require_found(
        session().scalars(query).first(), "This selection has expired. Select the comments again."
    )
