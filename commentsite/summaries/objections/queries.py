"""Read objections. One whose comment is no longer published is not part of the register."""

from collections import Counter
from collections.abc import Collection

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


def count_open_by_paragraph(letter_ids: Collection[int]) -> Counter[tuple[int, str]]:
    """Count the open objections by letter id and paragraph id, "" for the letter as a whole."""
    query = select(Objection.letter_id, Objection.pids).join(Comment, _is_of_comment())
    query = query.where(*_is_registered(letter_ids), Objection.status == ObjectionStatus.OPEN)
    return Counter(
        (letter_id, pid) for letter_id, pids in session().execute(query) for pid in pids or [""]
    )


def _is_of_comment() -> ColumnElement[bool]:
    return Comment.id == Objection.comment_id


def _is_registered(letter_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    return (Objection.letter_id.in_(letter_ids), Comment.state == CommentState.PUBLISHED)
