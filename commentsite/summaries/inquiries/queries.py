"""Read inquiries: the public register, the list of the desk, and those whose data are to be deleted."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from commentsite.db.session import for_update, session
from commentsite.errors import require_found
from commentsite.letters.queries import get_slugs
from commentsite.summaries.models import Inquiry, Summary
from commentsite.summaries.states import InquiryState

PUBLIC_STATES = (InquiryState.OPEN, InquiryState.ANSWERED)
MAX_ERASURES = 200  # inquiries that one transaction deletes or strips of their address


def list_public_inquiries(summary_id: int) -> list[Inquiry]:
    """List the inquiries that readers see, the oldest first."""
    query = select(Inquiry).where(
        Inquiry.summary_id == summary_id, Inquiry.state.in_(PUBLIC_STATES)
    )
    return list(session().scalars(query.order_by(Inquiry.published_at, Inquiry.id)))


def list_inquiries(summary_id: int) -> list[Inquiry]:
    """List all inquiries of a record: those that wait, the oldest first, then the newest answers."""
    query = select(Inquiry).where(Inquiry.summary_id == summary_id)
    waiting = session().scalars(query.where(Inquiry.closed_at.is_(None)).order_by(Inquiry.asked_at))
    closed = query.where(Inquiry.closed_at.is_not(None)).order_by(Inquiry.closed_at.desc())
    return [*waiting, *session().scalars(closed)]


def get_inquiry_for_update(summary_id: int, inquiry_id: int) -> Inquiry:
    """Return an inquiry of a record, locked until the transaction ends. Raises NotFound."""
    query = select(Inquiry).where(Inquiry.id == inquiry_id, Inquiry.summary_id == summary_id)
    return require_found(
        session().scalars(for_update(query)).first(), "This record has no such inquiry."
    )


def find_waiting_from(summary_id: int, email_hash: str) -> list[Inquiry]:
    """List the inquiries of one address that no editor has read yet."""
    query = select(Inquiry).where(
        Inquiry.summary_id == summary_id,
        Inquiry.email_hash == email_hash,
        Inquiry.state == InquiryState.WAITING,
    )
    return list(session().scalars(query))


def find_unanswered(letter_ids: Collection[int] | None) -> tuple[int, datetime | None, str]:
    """Return how many inquiries wait at the desk, since when, and the slug of the oldest one's letter.

    `letter_ids` are the letters that a member of staff looks after, None for all.
    """
    waiting = _select_unanswered(letter_ids).subquery()
    count = session().scalars(select(func.count()).select_from(waiting)).one()
    if not count:
        return 0, None, ""
    oldest = _select_unanswered(letter_ids).order_by(Inquiry.asked_at, Inquiry.id).limit(1)
    asked_at, letter_id = session().execute(oldest).one()
    return count, asked_at, get_slugs({letter_id})[letter_id]


def list_addresses_closed_before(before: datetime) -> list[Inquiry]:
    """List inquiries that were answered before a moment and still have an address."""
    query = select(Inquiry).where(
        Inquiry.state == InquiryState.ANSWERED,
        Inquiry.closed_at < before,
        Inquiry.email_hash.is_not(None),
    )
    return list(session().scalars(query.limit(MAX_ERASURES)))


def list_spam_before(before: datetime) -> list[Inquiry]:
    """List inquiries that were marked as spam before a moment."""
    query = select(Inquiry).where(Inquiry.state == InquiryState.SPAM, Inquiry.closed_at < before)
    return list(session().scalars(query.limit(MAX_ERASURES)))


def filter_without_email(inquiry_ids: set[int]) -> set[int]:
    """Return, of these inquiries, those that are gone or have no address any more."""
    query = select(Inquiry.id).where(Inquiry.id.in_(inquiry_ids), Inquiry.email_sealed.is_not(None))
    return inquiry_ids - set(session().scalars(query))


def _select_unanswered(letter_ids: Collection[int] | None) -> Select[*tuple[Any, ...]]:
    query = (
        select(Inquiry.asked_at, Summary.letter_id)
        .join(Summary, Summary.id == Inquiry.summary_id)
        .where(Inquiry.closed_at.is_(None))
    )
    return query if letter_ids is None else query.where(Summary.letter_id.in_(letter_ids))
