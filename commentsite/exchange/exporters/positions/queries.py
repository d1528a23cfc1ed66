"""Read records of positions whole, one at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from commentsite.audit.queries import list_entries_about
from commentsite.comments.models import Comment
from commentsite.comments.states import QuoteConsent
from commentsite.db.session import session
from commentsite.summaries.models import (
    Alternative,
    CommentUseRecord,
    Inquiry,
    Position,
    PositionHolder,
    Question,
    Summary,
    SummaryLetter,
    SummaryVersion,
)
from commentsite.summaries.publication import queries as publication_queries
from commentsite.summaries.queries import list_letter_ids


@dataclass(frozen=True)
class WholeRecord:
    """A record with all that hangs on it except its versions. `consents` are those of holders with a comment."""

    summary: Summary
    further_letters: Sequence[int]
    uses: Sequence[CommentUseRecord]
    alternatives: Sequence[Alternative]
    inquiries: Sequence[Inquiry]
    erased: Mapping[int, datetime]  # comments
    consents: Mapping[int, QuoteConsent]


def list_summary_ids() -> Sequence[int]:
    return session().scalars(select(Summary.id).order_by(Summary.id)).all()


def load_record(summary_id: int) -> WholeRecord:
    positions = selectinload(Summary.questions).selectinload(Question.positions)
    summary = session().scalars(
        select(Summary)
        .where(Summary.id == summary_id)
        .options(
            positions.selectinload(Position.holders), positions.selectinload(Position.comments)
        )
    )
    uses = select(CommentUseRecord).where(CommentUseRecord.summary_id == summary_id)
    alternatives = select(Alternative).where(Alternative.summary_id == summary_id)
    inquiries = select(Inquiry).where(Inquiry.summary_id == summary_id)
    further = select(SummaryLetter.letter_id).where(SummaryLetter.summary_id == summary_id)
    return WholeRecord(
        summary.one(),
        session().scalars(further.order_by(SummaryLetter.position)).all(),
        session().scalars(uses.order_by(CommentUseRecord.comment_id)).all(),
        session().scalars(alternatives.order_by(Alternative.id)).all(),
        session().scalars(inquiries.order_by(Inquiry.id)).all(),
        map_erased_comments(summary_id),
        _map_consents(summary_id),
    )


def map_erased_comments(summary_id: int) -> dict[int, datetime]:
    """Return when comments on the letters of a record were erased, by their ids."""
    letter_ids = list_letter_ids(session().get_one(Summary, summary_id))
    return publication_queries.map_erased_comments(letter_ids)


def iter_versions(summary_id: int) -> Iterator[SummaryVersion]:
    """Yield the versions of a record, read one at a time because each can be large."""
    query = select(SummaryVersion.id).where(SummaryVersion.summary_id == summary_id)
    for version_id in session().scalars(query.order_by(SummaryVersion.number)).all():
        yield session().get_one(SummaryVersion, version_id)


def load_first_hashes(summary_id: int) -> dict[int, str]:
    """Return the hashes that imported versions had where they were published, by number."""
    letter_id = session().get_one(Summary, summary_id).letter_id
    return {
        entry.details["version"]: entry.details["first_sha256"]
        for entry in list_entries_about(f"letter:{letter_id}")
        if entry.action == "summary.imported"
    }


def _map_consents(summary_id: int) -> dict[int, QuoteConsent]:
    query = (
        select(Comment.id, Comment.quote_as)
        .join(PositionHolder, PositionHolder.comment_id == Comment.id)
        .join(Position, Position.id == PositionHolder.position_id)
        .join(Question, Question.id == Position.question_id)
        .where(Question.summary_id == summary_id)
    )
    return {row.id: QuoteConsent(row.quote_as) for row in session().execute(query)}
