"""Read the uses that editors made of comments in records of positions."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, select

from commentsite.comments.affiliation.queries import is_of_group
from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState, QuoteConsent
from commentsite.db.session import for_update, session
from commentsite.letters.models import Letter
from commentsite.summaries.models import (
    CommentUseRecord,
    Position,
    PositionComment,
    Question,
    Summary,
    SummaryVersion,
)
from commentsite.summaries.queries import DERIVED, select_use
from commentsite.summaries.states import CommentUse

MAX_UNNOTIFIED = 500  # uses that one pass of the worker looks at
MAX_ERASURES = 200  # reasons that one transaction deletes
MAX_DERIVED = 500  # uses that one transaction derives from positions
COMMENTS_PER_PAGE = 50


class UseCandidate(NamedTuple):
    """The columns of a comment that decide which use it can have."""

    id: int
    letter_id: int
    state: CommentState
    quote_as: QuoteConsent


class CommentRow(NamedTuple):
    """A published comment in the list of the desk. `use` is empty while nothing is made of it."""

    id: int
    name: str
    stakeholder_group: str
    quote_as: QuoteConsent
    body: str
    use: str
    reason: str
    is_derived: bool  # from a position that the comment stands in


class DerivedUse(NamedTuple):
    """The use of a comment that stands in a position, and that has no mark."""

    summary_id: int
    comment_id: int
    use: CommentUse
    added_at: datetime


class PublishedUse(NamedTuple):
    """The use of a comment in a record of positions that is published."""

    use: CommentUse
    reason: str
    slug: str  # of the letter under whose address the record is
    title: str


class UseMailbox(NamedTuple):
    """The authors with one email address whose comments a published record used.

    `email_hash` is None for the comments without an address.
    """

    summary_id: int
    email_hash: str | None


def list_candidates(comment_ids: Collection[int]) -> list[UseCandidate]:
    """Return what decides the uses of these comments. One that does not exist is left out."""
    query = select(Comment.id, Comment.letter_id, Comment.state, Comment.quote_as)
    rows = session().execute(query.where(Comment.id.in_(comment_ids)).order_by(Comment.id))
    return [UseCandidate(*row) for row in rows]


def load_records_for_update(
    summary_id: int, comment_ids: Collection[int]
) -> dict[int, CommentUseRecord]:
    """Return the uses of comments in a record by comment id, locked until the transaction ends."""
    query = select(CommentUseRecord).where(
        CommentUseRecord.summary_id == summary_id, CommentUseRecord.comment_id.in_(comment_ids)
    )
    return {record.comment_id: record for record in session().scalars(for_update(query))}


def load_comment_rows(
    summary_id: int, letter_ids: Collection[int], use: str, *, after: int = 0
) -> tuple[list[CommentRow], int | None]:
    """Return published comments with the use made of them, in the order of their ids.

    `use` is a CommentUse, or "" for those of which nothing is made. The second value is the id to
    pass as `after` for the next page, None on the last.
    """
    effective = select_use(summary_id, Comment.id)
    is_derived = and_(
        func.coalesce(CommentUseRecord.decided_by, DERIVED) == DERIVED, effective != ""
    )
    query = (
        select(
            Comment.id,
            Comment.name,
            Comment.stakeholder_group,
            Comment.quote_as,
            Comment.body,
            effective,
            func.coalesce(CommentUseRecord.reason, ""),
            is_derived,
        )
        .outerjoin(CommentUseRecord, _is_record_of(summary_id))
        .where(*_is_published(letter_ids), Comment.id > after, effective == use)
        .order_by(Comment.id)
        .limit(COMMENTS_PER_PAGE + 1)
    )
    rows = [CommentRow(*row) for row in session().execute(query)]
    shown = rows[:COMMENTS_PER_PAGE]
    return shown, shown[-1].id if len(rows) > COMMENTS_PER_PAGE else None


def count_by_use(summary_id: int, letter_ids: Collection[int]) -> dict[str, int]:
    """Count the published comments by the use made of them, "" for none."""
    uses = select(select_use(summary_id, Comment.id).label("use")).where(*_is_published(letter_ids))
    found = uses.subquery()
    query = select(found.c.use, func.count()).group_by(found.c.use)
    return {str(use): count for use, count in session().execute(query)}


def has_uses_to_derive() -> bool:
    """Return whether the positions of published records have changed the uses of comments."""
    return bool(list_underived_uses() or list_outdated_derived_uses())


def list_underived_uses() -> list[DerivedUse]:
    """List the comments in positions of published records that have no use stored yet."""
    query = (
        select(
            Question.summary_id,
            PositionComment.comment_id,
            select_use(Question.summary_id, PositionComment.comment_id),
            func.min(PositionComment.added_at),
        )
        .join(Position, Position.id == PositionComment.position_id)
        .join(Question, Question.id == Position.question_id)
        .join(Summary, Summary.id == Question.summary_id)
        .outerjoin(
            CommentUseRecord,
            and_(
                CommentUseRecord.summary_id == Question.summary_id,
                CommentUseRecord.comment_id == PositionComment.comment_id,
            ),
        )
        .where(Summary.published_version.is_not(None), CommentUseRecord.comment_id.is_(None))
        .group_by(Question.summary_id, PositionComment.comment_id)
        .limit(MAX_DERIVED)
    )
    return [
        DerivedUse(summary_id, comment_id, CommentUse(use), added_at)
        for summary_id, comment_id, use, added_at in session().execute(query)
    ]


def list_outdated_derived_uses() -> list[tuple[CommentUseRecord, str]]:
    """List the derived uses that no longer follow from the positions, each with the one that does.

    It is empty for a comment that stands in no position any more.
    """
    use = select_use(CommentUseRecord.summary_id, CommentUseRecord.comment_id)
    query = (
        select(CommentUseRecord, use)
        .where(CommentUseRecord.decided_by == DERIVED, CommentUseRecord.use != use)
        .limit(MAX_DERIVED)
    )
    return [(record, found) for record, found in session().execute(query)]


def list_published_uses(comment_id: int) -> list[PublishedUse]:
    """List the uses that published records make of a comment now, also those changed since then."""
    use = select_use(Summary.id, comment_id)
    is_record = and_(
        CommentUseRecord.summary_id == Summary.id, CommentUseRecord.comment_id == comment_id
    )
    query = (
        select(use, func.coalesce(CommentUseRecord.reason, ""), Letter.slug, Letter.title)
        .select_from(Summary)
        .join(Letter, Letter.id == Summary.letter_id)
        .outerjoin(CommentUseRecord, is_record)
        .where(Summary.published_version.is_not(None), use != "")
        .order_by(Summary.id)
    )
    return [
        PublishedUse(CommentUse(found), reason, slug, title)
        for found, reason, slug, title in session().execute(query)
    ]


def list_mailboxes_to_notify(_now: datetime) -> list[UseMailbox]:
    """List the mailboxes whose owners were not notified of the uses that a published version has."""
    # Two statements: in one, SQLite would read every comment of a site without records.
    records = (
        session()
        .execute(
            select(CommentUseRecord.summary_id, CommentUseRecord.comment_id)
            .where(_is_to_notify())
            .order_by(CommentUseRecord.summary_id, CommentUseRecord.comment_id)
            .limit(MAX_UNNOTIFIED)
        )
        .all()
    )
    if not records:
        return []
    ids = [record.comment_id for record in records]
    hashes = select(Comment.id, Comment.email_hash).where(Comment.id.in_(ids))
    by_comment = dict(session().execute(hashes).all())
    return list(
        dict.fromkeys(
            UseMailbox(record.summary_id, by_comment[record.comment_id]) for record in records
        )
    )


def lock_records_to_notify(mailbox: UseMailbox) -> list[tuple[CommentUseRecord, Comment]]:
    """Return the uses that the owner of a mailbox was not notified of, locked, with their comments."""
    query = (
        select(CommentUseRecord, Comment)
        .join(Comment, Comment.id == CommentUseRecord.comment_id)
        .where(
            CommentUseRecord.summary_id == mailbox.summary_id,
            Comment.email_hash.is_(None)
            if mailbox.email_hash is None
            else Comment.email_hash == mailbox.email_hash,
            _is_to_notify(),
        )
        .order_by(Comment.id)
        .with_for_update(of=CommentUseRecord, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return [(record, comment) for record, comment in session().execute(query)]


def list_reasons_of_erased(_before: datetime) -> list[CommentUseRecord]:
    """List uses whose comment is erased and whose reason is not."""
    query = (
        select(CommentUseRecord)
        .join(Comment, Comment.id == CommentUseRecord.comment_id)
        .where(Comment.erased_at.is_not(None), CommentUseRecord.reason != "")
        .limit(MAX_ERASURES)
    )
    return list(session().scalars(query))


def _is_published(letter_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    return (
        Comment.letter_id.in_(letter_ids),
        Comment.state == CommentState.PUBLISHED,
        is_of_group(),
    )


def _is_record_of(summary_id: int) -> ColumnElement[bool]:
    return and_(
        CommentUseRecord.comment_id == Comment.id, CommentUseRecord.summary_id == summary_id
    )


def _is_to_notify() -> ColumnElement[bool]:
    published_since = exists().where(
        SummaryVersion.summary_id == CommentUseRecord.summary_id,
        SummaryVersion.published_at >= CommentUseRecord.decided_at,
    )
    return and_(CommentUseRecord.notified_at.is_(None), published_since)
