"""Read when what waits has come."""

from datetime import datetime

from sqlalchemy import func, literal_column, select

from commentsite.comments.models import Comment
from commentsite.db import session
from commentsite.paging import MOST_COUNTED

# As it stands in the statement: an index of only those rows is used for no other words.
_WAITS = Comment.state == literal_column("'pending'")


def oldest_waiting() -> datetime | None:
    """Return when the comment that has waited longest was sent."""
    query = select(Comment.submitted_at).where(_WAITS)
    return session().scalars(query.order_by(Comment.submitted_at).limit(1)).first()


def arrived_since(moment: datetime, letters: frozenset[int] | None) -> int:
    """Return how many comments that wait came after a moment, no further than MOST_COUNTED + 1."""
    query = select(Comment.id).where(_WAITS, Comment.submitted_at > moment)
    if letters is not None:
        query = query.where(Comment.letter_id.in_(letters))
    counted = query.limit(MOST_COUNTED + 1).subquery()
    return session().scalars(select(func.count()).select_from(counted)).one()
