"""Read the uses that editors made of comments in records of positions."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select

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
from commentsite.summaries.queries import DERIVED
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
    is_quoted: bool
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
    effective, in_position = _select_effective_use(summary_id)
    query = (
        select(
            Comment.id,
            Comment.name,
            Comment.stakeholder_group,
            Comment.quote_as,
            Comment.body,
            effective,
            func.coalesce(CommentUseRecord.reason, ""),
            and_(func.coalesce(CommentUseRecord.decided_by, DERIVED) == DERIVED, in_position),
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
    effective, _in_position = _select_effective_use(summary_id)
    query = (
        select(effective, func.count())
        .select_from(Comment)
        .outerjoin(CommentUseRecord, _is_record_of(summary_id))
        .where(*_is_published(letter_ids))
        .group_by(effective)
    )
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
            func.max(case((PositionComment.quotation != "", 1), else_=0)),
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
        DerivedUse(summary_id, comment_id, bool(is_quoted), added_at)
        for summary_id, comment_id, is_quoted, added_at in session().execute(query)
    ]


def list_outdated_derived_uses() -> list[CommentUseRecord]:
    """List the derived uses of comments that stand in no position of the record any more."""
    query = select(CommentUseRecord).where(
        CommentUseRecord.decided_by == DERIVED, ~_is_in_position(CommentUseRecord.summary_id)
    )
    return list(session().scalars(query.limit(MAX_DERIVED)))


def list_published_uses(comment_id: int) -> list[PublishedUse]:
    """List the uses of a comment in records that are published. A use changed since then is in it."""
    query = (
        select(CommentUseRecord.use, CommentUseRecord.reason, Letter.slug, Letter.title)
        .join(Summary, Summary.id == CommentUseRecord.summary_id)
        .join(Letter, Letter.id == Summary.letter_id)
        .where(CommentUseRecord.comment_id == comment_id, Summary.published_version.is_not(None))
        .order_by(Summary.id)
    )
    return [PublishedUse(*row) for row in session().execute(query)]


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


def _select_effective_use(summary_id: int) -> tuple[ColumnElement[str], ColumnElement[bool]]:
    """Return the use of a comment, and whether it stands in a position. A mark goes first."""
    in_position = _select_position_comments(summary_id, Comment.id)
    quoted = in_position.where(PositionComment.quotation != "")
    derived = case(
        (quoted.exists(), CommentUse.QUOTED.value),
        (in_position.exists(), CommentUse.MERGED.value),
        else_="",
    )
    is_marked = func.coalesce(CommentUseRecord.decided_by, DERIVED) != DERIVED
    return case((is_marked, CommentUseRecord.use), else_=derived), in_position.exists()


def _is_in_position(summary_id: Any) -> ColumnElement[bool]:
    return _select_position_comments(summary_id, CommentUseRecord.comment_id).exists()


def _select_position_comments(summary_id: Any, comment_id: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(PositionComment.comment_id)
        .join(Position, Position.id == PositionComment.position_id)
        .join(Question, Question.id == Position.question_id)
        .where(PositionComment.comment_id == comment_id, Question.summary_id == summary_id)
        .correlate(Comment, CommentUseRecord)
    )


def _is_to_notify() -> ColumnElement[bool]:
    published_since = exists().where(
        SummaryVersion.summary_id == CommentUseRecord.summary_id,
        SummaryVersion.published_at >= CommentUseRecord.decided_at,
    )
    return and_(CommentUseRecord.notified_at.is_(None), published_since)
