"""Read the alternative wordings of a record of positions."""

from datetime import datetime

from sqlalchemy import select

from commentsite.comments.models import Comment
from commentsite.db.session import for_update, session
from commentsite.errors import require_found
from commentsite.summaries.models import Alternative, Objection, Summary
from commentsite.summaries.states import ObjectionStatus

MAX_ERASURES = 200  # alternatives that one transaction changes


def list_alternatives(summary: Summary) -> list[Alternative]:
    """List the alternatives of every status in the order in which they were proposed."""
    query = select(Alternative).where(Alternative.summary_id == summary.id)
    return list(session().scalars(query.order_by(Alternative.letter_id, Alternative.id)))


def get_alternative(summary: Summary, alternative_id: int) -> Alternative:
    """Return an alternative of this record, locked. Raises NotFound."""
    query = select(Alternative).where(
        Alternative.id == alternative_id, Alternative.summary_id == summary.id
    )
    return require_found(
        session().scalars(for_update(query)).first(), "This record has no such alternative."
    )


def list_labels(summary: Summary, letter_id: int, pid: str) -> set[str]:
    """Return the labels of all alternatives for a paragraph."""
    query = select(Alternative.label).where(
        Alternative.summary_id == summary.id,
        Alternative.letter_id == letter_id,
        Alternative.pid == pid,
    )
    return set(session().scalars(query))


def list_alternatives_of_erased(_before: datetime) -> list[Alternative]:
    """List alternatives with the words of a comment that is erased."""
    query = (
        select(Alternative)
        .join(Comment, Comment.id == Alternative.comment_id)
        .where(Comment.erased_at.is_not(None))
        .limit(MAX_ERASURES)
    )
    return list(session().scalars(query))


def has_open_objection(letter_id: int, pid: str) -> bool:
    """Return whether an objection to a paragraph, or to the letter as a whole, is open."""
    query = select(Objection.pids).where(
        Objection.letter_id == letter_id, Objection.status == ObjectionStatus.OPEN
    )
    return any(not pids or pid in pids for pids in session().scalars(query))
