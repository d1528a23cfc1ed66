"""Read what readers reported, loaded for the page that shows it."""

from datetime import datetime

from sqlalchemy import bindparam, func, select

from commentsite.comments.models import Comment
from commentsite.comments.reports.models import Report
from commentsite.db.session import session
from commentsite.errors import require_found
from commentsite.tokens import hash_token

# Asked with each page of the desk, so composed once.
_OPEN_REPORTS = (
    select(Report)
    .where(Report.comment_id == bindparam("comment"), Report.state == "open")
    .order_by(Report.id)
)


def list_reports(comment_id: int) -> list[Report]:
    """Return everything readers said about a comment."""
    return list(session().scalars(select(Report).where(Report.comment_id == comment_id)))


def list_open_reports(comment_id: int) -> list[Report]:
    """Return what readers said about a comment and nobody has looked at, the oldest first."""
    return list(session().scalars(_OPEN_REPORTS, {"comment": comment_id}))


def count_open_reports(
    comment_id: int | None = None, *, letter_ids: frozenset[int] | None = None
) -> int:
    """Return how many reports wait, about one comment, about those on some letters, or in all."""
    query = select(func.count()).select_from(Report).where(Report.state == "open")
    if comment_id is not None:
        query = query.where(Report.comment_id == comment_id)
    if letter_ids is not None:
        query = query.join(Comment, Comment.id == Report.comment_id)
        query = query.where(Comment.letter_id.in_(letter_ids))
    return session().scalars(query).one()


def count_reporters(comment_id: int) -> int:
    """Return from how many network addresses the reports came that nobody has looked at; one from nowhere known counts not."""
    where = (Report.comment_id == comment_id, Report.state == "open")
    query = select(func.count(Report.network_address_hash.distinct())).where(*where)
    return session().scalars(query).one()


def list_reports_with_network_address(before: datetime) -> list[Report]:
    """Return the reports sent before a moment with which a network address is still kept."""
    where = (Report.network_address_hash.is_not(None), Report.sent_at < before)
    return list(session().scalars(select(Report).where(*where).limit(1000)))


def get_report_by_receipt(token: str) -> tuple[Report, Comment]:
    """Return a report and its comment, by the key its sender was given. Raises NotFound."""
    query = select(Report, Comment).join(Comment, Comment.id == Report.comment_id)
    query = query.where(Report.receipt_hash == hash_token(token))
    found = require_found(session().execute(query).first(), "There is no report at this address.")
    return found[0], found[1]
