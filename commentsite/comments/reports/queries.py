"""Find the reports of comments."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, func, select

from commentsite.comments.models import Comment
from commentsite.comments.reports.models import Report, ReportState
from commentsite.db.session import session
from commentsite.errors import require_found
from commentsite.tokens import hash_token

# Built once, because it runs for every page of the moderation desk.
_OPEN_REPORTS = (
    select(Report)
    .where(Report.comment_id == bindparam("comment"), Report.state == ReportState.OPEN)
    .order_by(Report.id)
)


def list_reports(comment_id: int) -> list[Report]:
    return list(session().scalars(select(Report).where(Report.comment_id == comment_id)))


def list_open_reports(comment_id: int) -> list[Report]:
    """List the open reports of a comment, the oldest first."""
    return list(session().scalars(_OPEN_REPORTS, {"comment": comment_id}))


def list_open_reports_by_comment(comment_ids: Collection[int]) -> dict[int, list[Report]]:
    """Return the open reports about several comments, by comment, the oldest first."""
    query = select(Report).where(Report.comment_id.in_(comment_ids), Report.state == "open")
    reports: dict[int, list[Report]] = {}
    for report in session().scalars(query.order_by(Report.id)):
        reports.setdefault(report.comment_id, []).append(report)
    return reports


def count_open_reports(
    comment_id: int | None = None, *, letter_ids: frozenset[int] | None = None
) -> int:
    """Count the open reports of one comment, of the comments on some letters, or of all comments."""
    query = select(func.count()).select_from(Report).where(Report.state == ReportState.OPEN)
    if comment_id is not None:
        query = query.where(Report.comment_id == comment_id)
    if letter_ids is not None:
        query = query.join(Comment, Comment.id == Report.comment_id)
        query = query.where(Comment.letter_id.in_(letter_ids))
    return session().scalars(query).one()


def count_reporters(comment_id: int) -> int:
    """Count the networks from which the open reports of a comment came.

    A household or a firm can have thousands of addresses in one network, so its reports count as one. A report
    without a known network does not count.
    """
    where = (Report.comment_id == comment_id, Report.state == ReportState.OPEN)
    query = select(func.count(Report.network_hash.distinct())).where(*where)
    return session().scalars(query).one()


def list_reports_with_network_address(before: datetime) -> list[Report]:
    """List at most 1,000 reports sent before a moment that still have a network address."""
    where = (Report.network_address_hash.is_not(None), Report.sent_at < before)
    return list(session().scalars(select(Report).where(*where).limit(1000)))


def get_report_by_receipt(token: str) -> tuple[Report, Comment]:
    """Return a report and its comment by the token of the reporter's receipt. Raises NotFound."""
    query = select(Report, Comment).join(Comment, Comment.id == Report.comment_id)
    query = query.where(Report.receipt_hash == hash_token(token))
    row = require_found(session().execute(query).first(), "There is no report at this address.")
    return row[0], row[1]
