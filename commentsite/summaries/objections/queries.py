"""Read objections. One whose comment is no longer published is not part of the register."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import selectinload

from commentsite.comments.models import Comment, CommentTarget
from commentsite.comments.states import CommentState, Stance
from commentsite.db.session import for_update, session
from commentsite.errors import require_found
from commentsite.letters.models import LetterAuthor
from commentsite.letters.queries import get_slugs
from commentsite.summaries.models import Objection
from commentsite.summaries.states import ObjectionStatus


def find_unanswered(
    letter_ids: Collection[int] | None, excluded_group: str
) -> tuple[int, datetime | None, str]:
    """Return how many objections are open, since when, and the slug of the oldest one's letter.

    `letter_ids` are the letters that a member of staff looks after, None for all. Letters by an
    author of the excluded group are left out, because staff of that group cannot answer.
    """
    # With EXISTS, because SQLite begins a join here with all published comments.
    query = select(Objection.recorded_at, Objection.letter_id).where(
        Objection.status == ObjectionStatus.OPEN,
        exists().where(_is_of_comment(), Comment.state == CommentState.PUBLISHED),
        Objection.letter_id.not_in(
            select(LetterAuthor.letter_id).where(LetterAuthor.stakeholder_group == excluded_group)
        ),
    )
    if letter_ids is not None:
        query = query.where(Objection.letter_id.in_(letter_ids))
    count = session().scalars(select(func.count()).select_from(query.subquery())).one()
    if not count:
        return 0, None, ""
    oldest = query.order_by(Objection.recorded_at, Objection.id).limit(1)
    recorded_at, letter_id = session().execute(oldest).one()
    return count, recorded_at, get_slugs({letter_id})[letter_id]


class OpenObjection(NamedTuple):
    """An open objection, and the version of the letter that its author read."""

    letter_id: int
    letter_version: int
    pids: list[str]  # empty: the letter as a whole


def list_open(letter_ids: Collection[int]) -> list[OpenObjection]:
    """List the open objections to letters. While there is one, no outcome states agreement.

    One that was sent after closing is answered as others are, and keeps nothing open.
    """
    query = select(Objection.letter_id, Comment.letter_version, Objection.pids)
    query = query.join(Comment, _is_of_comment())
    query = query.where(
        *_is_registered(letter_ids),
        Objection.status == ObjectionStatus.OPEN,
        Comment.is_late.is_(False),
    )
    return [OpenObjection(*row) for row in session().execute(query)]


class RegisteredObjection(NamedTuple):
    """An objection with its comment, whose targets are loaded."""

    objection: Objection
    comment: Comment


def list_objections(letter_ids: Collection[int]) -> list[RegisteredObjection]:
    """List the objections to letters with their comments, those that are open first."""
    query = (
        select(Objection, Comment)
        .join(Comment, _is_of_comment())
        .where(*_is_registered(letter_ids))
        .order_by(Objection.status != ObjectionStatus.OPEN, Objection.id)
        .options(selectinload(Comment.targets))
    )
    return [RegisteredObjection(*row) for row in session().execute(query)]


def list_statuses(letter_id: int) -> dict[int, ObjectionStatus]:
    """Return the status of the objections to a letter by the id of their comment."""
    query = select(Objection.comment_id, Objection.status).where(Objection.letter_id == letter_id)
    return {comment_id: ObjectionStatus(status) for comment_id, status in session().execute(query)}


def find_objection(comment_id: int) -> Objection | None:
    """Return the objection that a comment is recorded as."""
    query = select(Objection).where(Objection.comment_id == comment_id)
    return session().scalars(query).first()


def find_objection_for_update(comment_id: int) -> Objection | None:
    """Return the objection that a comment is recorded as, locked until the transaction ends."""
    query = select(Objection).where(Objection.comment_id == comment_id)
    return session().scalars(for_update(query)).first()


def get_objection_for_update(letter_id: int, objection_id: int) -> Objection:
    """Return an objection to a letter, locked until the transaction ends. Raises NotFound."""
    query = select(Objection).where(Objection.letter_id == letter_id, Objection.id == objection_id)
    return require_found(
        session().scalars(for_update(query)).first(),
        "This letter has no objection with this number.",
    )


def list_opposing_comments(letter_id: int, limit: int) -> list[Comment]:
    """List published comments that oppose and are not recorded as objections, the oldest first."""
    opposes = exists().where(
        CommentTarget.comment_id == Comment.id, CommentTarget.stance == Stance.OPPOSE
    )
    query = (
        select(Comment)
        .where(
            Comment.letter_id == letter_id,
            Comment.state == CommentState.PUBLISHED,
            or_(Comment.stance == Stance.OPPOSE, opposes),
            Comment.id.not_in(select(Objection.comment_id)),
        )
        .order_by(Comment.published_at, Comment.id)
        .options(selectinload(Comment.targets))
        .limit(limit)
    )
    return list(session().scalars(query))


def _is_of_comment() -> ColumnElement[bool]:
    return Comment.id == Objection.comment_id


def _is_registered(letter_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    return (Objection.letter_id.in_(letter_ids), Comment.state == CommentState.PUBLISHED)
