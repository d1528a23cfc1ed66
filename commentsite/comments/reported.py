"""Read what readers reported, loaded for the page that shows it."""

from datetime import datetime

from sqlalchemy import bindparam, func, select

from commentsite import clock
from commentsite.comments.models import Comment, Report
from commentsite.comments.states import CommentState
from commentsite.db import session
from commentsite.errors import require_found
from commentsite.tokens import hash_token

# Asked with each page of the desk, so composed once.
_OPEN = (
    select(Report)
    .where(Report.comment_id == bindparam("comment"), Report.state == "open")
    .order_by(Report.id)
)


def reports_of(comment_id: int) -> list[Report]:
    """Return everything readers said about a comment."""
    return list(session().scalars(select(Report).where(Report.comment_id == comment_id)))


def open_reports(comment_id: int) -> list[Report]:
    """Return what readers said about a comment and nobody has looked at, the oldest first."""
    return list(session().scalars(_OPEN, {"comment": comment_id}))


def count_open_reports(
    comment_id: int | None = None, *, letters: frozenset[int] | None = None
) -> int:
    """Return how many reports wait, about one comment, about those on some letters, or in all."""
    query = select(func.count()).select_from(Report).where(Report.state == "open")
    if comment_id is not None:
        query = query.where(Report.comment_id == comment_id)
    if letters is not None:
        query = query.join(Comment, Comment.id == Report.comment_id)
        query = query.where(Comment.letter_id.in_(letters))
    return session().scalars(query).one()


def reporters_of(comment_id: int) -> int:
    """Return from how many network addresses the reports came that nobody has looked at; one from nowhere known counts not."""
    where = (Report.comment_id == comment_id, Report.state == "open")
    query = select(func.count(Report.address_hash.distinct())).where(*where)
    return session().scalars(query).one()


def settle_reports(comment: Comment, state: CommentState) -> None:
    """Close what readers reported about a comment that was public, now that it moves to another state.

    While a moderator is to look at it they stay open.
    """
    if state == CommentState.PENDING:
        return
    became = {CommentState.PUBLISHED: "kept", CommentState.WITHDRAWN: "gone"}.get(state, "upheld")
    for report in open_reports(comment.id):
        report.state, report.settled_at = became, clock.now()


def addresses_before(moment: datetime) -> list[Report]:
    """Return the reports sent before a moment with which a network address is still kept."""
    where = (Report.address_hash.is_not(None), Report.sent_at < moment)
    return list(session().scalars(select(Report).where(*where).limit(1000)))


def report_by_receipt(token: str) -> tuple[Report, Comment]:
    """Return a report and its comment, by the key its sender was given. Raises NotFound."""
    query = select(Report, Comment).join(Comment, Comment.id == Report.comment_id)
    query = query.where(Report.receipt_hash == hash_token(token))
    found = require_found(session().execute(query).first(), "There is no report at this address.")
    return found[0], found[1]
