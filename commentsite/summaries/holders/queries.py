"""Read the holders of positions, for the desk and for the private page of a holder."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from commentsite.comments.models import Comment
from commentsite.comments.states import QuoteConsent
from commentsite.db.session import for_update, session
from commentsite.errors import require_found
from commentsite.summaries.models import (
    Position,
    PositionHolder,
    Question,
    Summary,
    SummaryVersion,
)
from commentsite.summaries.states import SignOff
from commentsite.tokens import hash_token

MAX_ADDRESSES = 200  # that one transaction deletes


@dataclass(frozen=True)
class HolderCase:
    """A holder with everything that their private page shows."""

    holder: PositionHolder
    position: Position
    question: Question  # with its positions
    summary: Summary


class HolderAnswer(NamedTuple):
    """An answer of a holder. `quote_as` is the choice sent with the comment of a person, or None."""

    holder: PositionHolder
    position_title: str
    quote_as: QuoteConsent | None
    signed_at: datetime


def get_case(token: str) -> HolderCase:
    """Return the holder of a private link. Raises NotFound."""
    return _load_case(select(PositionHolder).where(PositionHolder.token_hash == hash_token(token)))


def get_case_for_update(token: str) -> HolderCase:
    """Return the holder of a private link, locked until the transaction ends. Raises NotFound."""
    query = select(PositionHolder).where(PositionHolder.token_hash == hash_token(token))
    return _load_case(for_update(query))


def get_case_by_id_for_update(summary: Summary, holder_id: int) -> HolderCase:
    """Return a holder of a position of this record, locked. Raises NotFound."""
    case = _load_case(for_update(select(PositionHolder).where(PositionHolder.id == holder_id)))
    return require_found(
        case if case.summary.id == summary.id else None, "This record has no such holder."
    )


def _load_case(query: Select[Any]) -> HolderCase:
    message = "This link leads to no position. It may have been removed from the record."
    holder: PositionHolder = require_found(session().scalars(query).first(), message)
    position = session().get_one(Position, holder.position_id)
    questions = (
        select(Question)
        .where(Question.id == position.question_id)
        .options(selectinload(Question.positions).selectinload(Position.holders))
    )
    question = session().scalars(questions).one()
    return HolderCase(holder, position, question, session().get_one(Summary, question.summary_id))


def list_addresses_asked_before(before: datetime) -> list[PositionHolder]:
    """List holders whose address is stored and who were asked before a moment."""
    query = (
        select(PositionHolder)
        .where(PositionHolder.email_sealed.is_not(None), PositionHolder.asked_at < before)
        .limit(MAX_ADDRESSES)
    )
    return list(session().scalars(query))


def list_holders_of_erased(_before: datetime) -> list[PositionHolder]:
    """List persons whose comment is erased and whose name is not."""
    query = (
        select(PositionHolder)
        .join(Comment, Comment.id == PositionHolder.comment_id)
        .where(Comment.erased_at.is_not(None), PositionHolder.name != "")
        .limit(MAX_ADDRESSES)
    )
    return list(session().scalars(query))


def filter_without_email(holder_ids: set[int]) -> set[int]:
    """Return, of these holders, those that are gone or have no address any more."""
    query = (
        select(PositionHolder.id)
        .outerjoin(Comment, Comment.id == PositionHolder.comment_id)
        .where(
            PositionHolder.id.in_(holder_ids),
            PositionHolder.email_sealed.is_not(None) | Comment.email_sealed.is_not(None),
        )
    )
    return holder_ids - set(session().scalars(query))


def load_version_texts(summary_id: int, number: int) -> dict[int, tuple[str, str]]:
    """Return title and text of each position of a published version, by its id."""
    query = select(SummaryVersion.content).where(
        SummaryVersion.summary_id == summary_id, SummaryVersion.number == number
    )
    content = session().scalars(query).first() or {}
    return {
        position["id"]: (position["title"], position["body"])
        for question in content.get("questions", [])
        for position in question["positions"]
    }


def list_answers_since(summary_id: int, moment: datetime) -> list[HolderAnswer]:
    """List the answers of holders given after a moment, the oldest first."""
    query = (
        select(PositionHolder, Position.title, Comment.quote_as, PositionHolder.signed_at)
        .join(Position, Position.id == PositionHolder.position_id)
        .join(Question, Question.id == Position.question_id)
        .outerjoin(Comment, Comment.id == PositionHolder.comment_id)
        .where(
            Question.summary_id == summary_id,
            PositionHolder.sign_off != SignOff.NONE,
            PositionHolder.signed_at > moment,
        )
        .order_by(PositionHolder.signed_at, PositionHolder.id)
    )
    rows = session().execute(query)
    return [HolderAnswer(*row[:3], signed_at) for row in rows if (signed_at := row[3])]


def list_positions(summary_id: int) -> list[tuple[Question, Position]]:
    """List the positions of a record with their holders, question by question."""
    query = (
        select(Question)
        .where(Question.summary_id == summary_id)
        .order_by(Question.position, Question.id)
        .options(selectinload(Question.positions).selectinload(Position.holders))
    )
    return [
        (question, position)
        for question in session().scalars(query)
        for position in question.positions
    ]
