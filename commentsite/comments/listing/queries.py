"""Read the comments of a letter one page after another, as programs do, and count them by group.

A page costs the same however many comments come before it.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select, tuple_, union_all
from sqlalchemy.orm import selectinload

from commentsite.comments.models import Comment
from commentsite.comments.queries import was_published
from commentsite.comments.states import CommentState
from commentsite.db.session import session
from commentsite.errors import require_found
from commentsite.letters.models import Letter
from commentsite.letters.states import PUBLIC_STATES

Position = tuple[datetime, int]  # time of publication and id, the order of the list


def list_public_comments(
    letter_id: int, *, after: Position | None = None, newest_first: bool = False, limit: int
) -> list[Comment]:
    """List the comments that are or once were published, with their targets.

    They are in the order of their publication, from the one after `after`.
    """
    position = tuple_(Comment.published_at, Comment.id)
    order = (
        (Comment.published_at.desc(), Comment.id.desc())
        if newest_first
        else (Comment.published_at, Comment.id)
    )
    # The index begins with letter and state. Each part reads its own stretch of it, and no more.
    parts = []
    for state in CommentState:
        part = select(Comment.id).where(
            Comment.letter_id == letter_id, Comment.state == state, was_published()
        )
        if after is not None:
            part = part.where(position < after if newest_first else position > after)
        parts.append(select(part.order_by(*order).limit(limit).subquery().c.id))
    ids = union_all(*parts).subquery()
    query = (
        select(Comment)
        .join(ids, ids.c.id == Comment.id)
        .order_by(*order)
        .limit(limit)
        .options(selectinload(Comment.targets))
    )
    return list(session().scalars(query))


def list_comments(comment_ids: Collection[int]) -> dict[int, Comment]:
    """Return comments in any state with their targets, by id."""
    query = select(Comment).where(Comment.id.in_(comment_ids))
    rows = session().scalars(query.options(selectinload(Comment.targets)))
    return {comment.id: comment for comment in rows}


def get_public_comment_with_slug(comment_id: int) -> tuple[Comment, str]:
    """Return a comment that is or once was published, and the slug of its letter. Raises NotFound."""
    query = (
        select(Comment, Letter.slug)
        .join(Letter, Letter.id == Comment.letter_id)
        .where(Comment.id == comment_id, Letter.state.in_(PUBLIC_STATES), was_published())
        .options(selectinload(Comment.targets))
    )
    row = require_found(session().execute(query).first(), "There is no comment at this address.")
    return row[0], row[1]


def count_published_by_group(letter_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Count the published comments of each of these letters by stakeholder group."""
    query = (
        select(Comment.letter_id, Comment.stakeholder_group, func.count())
        .where(Comment.letter_id.in_(letter_ids), Comment.state == CommentState.PUBLISHED)
        .group_by(Comment.letter_id, Comment.stakeholder_group)
        .order_by(Comment.letter_id, Comment.stakeholder_group)
    )
    counts: dict[int, dict[str, int]] = {letter_id: {} for letter_id in letter_ids}
    for letter_id, group, count in session().execute(query):
        counts[letter_id][group] = count
    return counts
