"""Read the uses that editors made of comments in records of positions."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, select

from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState, QuoteConsent
from commentsite.db.session import for_update, session
from commentsite.letters.models import Letter
from commentsite.summaries.models import CommentUseRecord, Summary, SummaryVersion
from commentsite.summaries.states import CommentUse

MAX_MAILBOXES = 200  # that one pass of the worker writes to
MAX_ERASURES = 200  # reasons that one transaction deletes


class CommentChoice(NamedTuple):
    """The columns of a comment that decide which use it can have."""

    id: int
    letter_id: int
    state: CommentState
    quote_as: QuoteConsent


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


def list_choices(comment_ids: Collection[int]) -> list[CommentChoice]:
    """Return the choices of the authors of comments. A comment that does not exist is left out."""
    query = select(Comment.id, Comment.letter_id, Comment.state, Comment.quote_as)
    rows = session().execute(query.where(Comment.id.in_(comment_ids)).order_by(Comment.id))
    return [CommentChoice(*row) for row in rows]


def load_records_for_update(
    summary_id: int, comment_ids: Collection[int]
) -> dict[int, CommentUseRecord]:
    """Return the uses of comments in a record by comment id, locked until the transaction ends."""
    query = select(CommentUseRecord).where(
        CommentUseRecord.summary_id == summary_id, CommentUseRecord.comment_id.in_(comment_ids)
    )
    return {record.comment_id: record for record in session().scalars(for_update(query))}


def find_record(summary_id: int, comment_id: int) -> CommentUseRecord | None:
    return session().get(CommentUseRecord, (summary_id, comment_id))


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
    query = (
        select(CommentUseRecord.summary_id, Comment.email_hash)
        .join(Comment, Comment.id == CommentUseRecord.comment_id)
        .where(_is_to_notify())
        .group_by(CommentUseRecord.summary_id, Comment.email_hash)
        .order_by(CommentUseRecord.summary_id, Comment.email_hash)
        .limit(MAX_MAILBOXES)
    )
    return [UseMailbox(*row) for row in session().execute(query)]


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


def _is_to_notify() -> ColumnElement[bool]:
    published_since = exists().where(
        SummaryVersion.summary_id == CommentUseRecord.summary_id,
        SummaryVersion.published_at >= CommentUseRecord.decided_at,
    )
    return and_(CommentUseRecord.notified_at.is_(None), published_since)
