"""Queries that the parts of a record of positions share: the record, its letters and its published versions."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Exists, Select, case, func, or_, select
from sqlalchemy.orm import aliased

from commentsite.db.session import for_update, session
from commentsite.errors import require_found
from commentsite.letters.states import LetterState
from commentsite.summaries.models import (
    CommentUseRecord,
    Position,
    PositionComment,
    Question,
    Summary,
    SummaryLetter,
    SummaryVersion,
)
from commentsite.summaries.states import CommentUse


class VersionFacts(NamedTuple):
    """A published version without its content."""

    number: int
    published_at: datetime
    inquiries_until: datetime


#: `decided_by` of a use that follows from a position, and that no editor marked.
DERIVED = ""
#: The letters whose records are listed, not the withdrawn ones.
LISTED_STATES = (LetterState.PUBLISHED, LetterState.SUPERSEDED)
_FACTS = (SummaryVersion.number, SummaryVersion.published_at, SummaryVersion.inquiries_until)


def find_summary(letter_id: int) -> Summary | None:
    """Return the record that is published under the address of this letter."""
    return session().scalars(select(Summary).where(Summary.letter_id == letter_id)).first()


def get_summary_for_update(letter_id: int) -> Summary:
    """Return the record of a letter, locked until the transaction ends. Raises NotFound."""
    query = select(Summary).where(Summary.letter_id == letter_id)
    return require_found(
        session().scalars(for_update(query)).first(), "This letter has no record of positions."
    )


def list_letter_ids(summary: Summary) -> tuple[int, ...]:
    """List the letters of the consultation, the one that gives the record its address first."""
    query = select(SummaryLetter.letter_id).where(SummaryLetter.summary_id == summary.id)
    further = session().scalars(query.order_by(SummaryLetter.position, SummaryLetter.letter_id))
    return (summary.letter_id, *further)


def find_records_with(letter_id: int) -> list[Summary]:
    """Return the records that a letter is part of, as its first letter or as a further one."""
    further = select(SummaryLetter.summary_id).where(SummaryLetter.letter_id == letter_id)
    query = select(Summary).where(or_(Summary.letter_id == letter_id, Summary.id.in_(further)))
    return list(session().scalars(query.order_by(Summary.id)))


def find_latest_version(summary_id: int) -> VersionFacts | None:
    """Return the version that readers see, or None for a record that was never published."""
    query = select(*_FACTS).where(SummaryVersion.summary_id == summary_id)
    row = session().execute(query.order_by(SummaryVersion.number.desc()).limit(1)).first()
    return VersionFacts(*row) if row else None


def select_use(summary_id: Any, comment_id: Any) -> ColumnElement[str]:
    """Return the use that a record makes of a comment, a CommentUse or "" for none.

    Both arguments can be columns. A mark of the editors comes first. Without one, a comment that
    stands in a position is quoted or merged.
    """
    marked = aliased(CommentUseRecord)
    mark = (
        select(marked.use)
        .where(
            marked.summary_id == summary_id,
            marked.comment_id == comment_id,
            marked.decided_by != DERIVED,
        )
        .scalar_subquery()
    )
    derived = case(
        (_is_in_position(summary_id, comment_id, is_quoted=True), CommentUse.QUOTED.value),
        (_is_in_position(summary_id, comment_id), CommentUse.MERGED.value),
        else_="",
    )
    return func.coalesce(mark, derived)


def _is_in_position(summary_id: Any, comment_id: Any, *, is_quoted: bool = False) -> Exists:
    """Select the comments that stand in a position of a record, with words of them if `is_quoted`."""
    link, position, question = aliased(PositionComment), aliased(Position), aliased(Question)
    query: Select[Any] = (
        select(link.comment_id)
        .join(position, position.id == link.position_id)
        .join(question, question.id == position.question_id)
        .where(link.comment_id == comment_id, question.summary_id == summary_id)
    )
    return query.where(link.quotation != "").exists() if is_quoted else query.exists()


def is_mark() -> ColumnElement[bool]:
    """Select the uses that an editor marked, and not those that follow from a position."""
    return CommentUseRecord.decided_by != DERIVED
