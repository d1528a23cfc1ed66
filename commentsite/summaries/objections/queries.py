"""Read objections. One whose comment is no longer published is not part of the register."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select

from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.db.session import session
from commentsite.summaries.models import Objection
from commentsite.summaries.states import ObjectionStatus


def count_open(letter_ids: Collection[int]) -> int:
    """Count the open objections to letters. While there is one, no outcome states agreement."""
    query = select(func.count()).select_from(Objection).join(Comment, _is_of_comment())
    query = query.where(*_is_registered(letter_ids), Objection.status == ObjectionStatus.OPEN)
    return session().scalars(query).one()


class OpenObjection(NamedTuple):
    """An open objection, and the version of the letter that its author read."""

    letter_id: int
    letter_version: int
    pids: list[str]  # empty: the letter as a whole


def list_open(letter_ids: Collection[int]) -> list[OpenObjection]:
    """List the open objections to letters."""
    query = select(Objection.letter_id, Comment.letter_version, Objection.pids)
    query = query.join(Comment, _is_of_comment())
    query = query.where(*_is_registered(letter_ids), Objection.status == ObjectionStatus.OPEN)
    return [OpenObjection(*row) for row in session().execute(query)]


def _is_of_comment() -> ColumnElement[bool]:
    return Comment.id == Objection.comment_id


def _is_registered(letter_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    return (Objection.letter_id.in_(letter_ids), Comment.state == CommentState.PUBLISHED)
