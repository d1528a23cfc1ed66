"""Queries of screening: the sender's history, earlier comments for the dry run, and queued external checks."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    SQLColumnExpression,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from commentsite.comments.models import Comment
from commentsite.comments.reports.models import Report, ReportState
from commentsite.comments.sanctions.models import Sanction
from commentsite.comments.screening.models import Examination, ExternalCheck, ExternalCheckState
from commentsite.comments.states import CommentState
from commentsite.db.base import Base, UtcDateTime
from commentsite.db.session import session
from commentsite.letters.models import Letter

_REMOVED_STATES = (CommentState.RESTRICTED, CommentState.REFUSED, CommentState.SPAM)


# --- The sender's history ---
#
# These statements run for every submission. Building one takes longer than running it, so each is
# built once, at its first use, with bound parameters.


def find_free_repetition(
    connection: Connection, letter_id: int, email_hash: str, body_hash: str
) -> int | None:
    """Return the number for one more comment with this text from this address, or None for no more.

    A text that only this address can know is taken once. A stranger can enter any email address.
    If the text was published, or another address sent it too, then a refusal would tell the
    stranger that this address had sent it. Such a text is therefore accepted again, and screening
    holds it as a duplicate.
    """
    parameters = {"letter": letter_id, "email": email_hash, "body_hash": body_hash}
    last, is_known_to_others = connection.execute(_duplicate_statement(), parameters).one()
    if last is None:
        return 0
    return last + 1 if is_known_to_others else None


def find_next_repetition(comment: Comment) -> int:
    """Return the number for a comment whose text changes to one that its address may have sent before."""
    with session().no_autoflush:
        last = session().scalar(
            select(func.max(Comment.repetition)).where(
                Comment.letter_id == comment.letter_id,
                Comment.email_hash == comment.email_hash,
                Comment.body_hash == comment.body_hash,
                Comment.id != comment.id,
            )
        )
    return 0 if last is None else last + 1


def is_email_confirmed(email_hash: str) -> bool:
    """Return whether the owner of this address confirmed any comment."""
    return bool(session().scalar(_confirmed_statement(), {"email": email_hash}))


def count_states_by_email(email_hash: str | None, *, exclude_comment_id: int) -> dict[str, int]:
    """Count the other comments from an email address by their state."""
    if email_hash is None:
        return {}
    parameters = {"email": email_hash, "exclude_id": exclude_comment_id}
    rows = session().execute(_states_statement(), parameters)
    return {str(state): count for state, count in rows}


@cache
def sender_history_statement() -> Select[bool, bool, bool, int, int, int, str]:
    """Select everything that `SenderHistory` holds, as one row.

    Parameters: email_hash, network_address_hash, body_hash, comment_id, now, since. A hash that is
    None matches no row, because NULL equals nothing in SQL.
    """
    names = ("email_hash", "network_address_hash", "body_hash", "comment_id")
    return _select_history(*(bindparam(name) for name in names))


@cache
def sender_histories_statement() -> Select[int, bool, bool, bool, int, int, int, str]:
    """Select the id of several comments, each with the columns of `sender_history_statement`.

    Parameters: comment_ids, now, since.
    """
    sent = aliased(Comment)
    history = _select_history(sent.email_hash, sent.network_address_hash, sent.body_hash, sent.id)
    query = select(sent.id.label("comment_id"), *history.selected_columns)
    return query.where(sent.id.in_(bindparam("comment_ids", expanding=True)))


def _select_history(
    email_hash: SQLColumnExpression[Any],
    network_address_hash: SQLColumnExpression[Any],
    body_hash: SQLColumnExpression[Any],
    comment_id: SQLColumnExpression[Any],
) -> Select[bool, bool, bool, int, int, int, str]:
    is_same_email = Comment.email_hash == email_hash
    is_confirmed = (is_same_email, Comment.email_confirmed_at.is_not(None))
    is_same_text = (
        Comment.body_hash == body_hash,
        Comment.id != comment_id,
        Comment.state != CommentState.RECEIVED,  # it comes later
    )
    is_recent = (
        Comment.network_address_hash == network_address_hash,
        Comment.submitted_at >= bindparam("since", type_=UtcDateTime()),
        Comment.id != comment_id,
    )
    # A report counts only while its comment is down. When a moderator restores the comment, the
    # report turns out to be unjustified, but its own state stays "upheld".
    upheld_reports = (
        select(func.count())
        .select_from(Report)
        .join(Comment, Comment.id == Report.comment_id)
        .where(
            *is_recent,
            Comment.state.in_(_REMOVED_STATES),
            Report.state == ReportState.UPHELD,
        )
    )
    sanction_level = (
        select(Sanction.level)
        .where(
            Sanction.email_hash == email_hash,
            Sanction.until > bindparam("now", type_=UtcDateTime()),
            Sanction.ended_at.is_(None),
        )
        .order_by(Sanction.id.desc())
        .limit(1)
    )
    return select(
        exists()
        .where(*is_confirmed, Comment.state == CommentState.PUBLISHED)
        .label("has_published"),
        exists().where(*is_confirmed).label("is_confirmed"),
        exists().where(*is_same_text).label("is_duplicate_text"),
        _count_comments(*is_recent, Comment.state == CommentState.SPAM).label("spam"),
        _count_comments(*is_recent, Comment.state == CommentState.REFUSED).label("refused"),
        upheld_reports.scalar_subquery().label("upheld_reports"),
        sanction_level.scalar_subquery().label("sanction"),
    )


def _count_comments(*where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(Comment).where(*where).scalar_subquery()


@cache
def _states_statement() -> Select[CommentState, int]:
    where = (Comment.email_hash == bindparam("email"), Comment.id != bindparam("exclude_id"))
    return select(Comment.state, func.count()).where(*where).group_by(Comment.state)


@cache
def _duplicate_statement() -> Select[int | None, bool]:
    email: ColumnElement[str] = bindparam("email")
    is_same_text = Comment.body_hash == bindparam("body_hash")
    is_same_sender = (Comment.letter_id == bindparam("letter"), Comment.email_hash == email)
    is_known_to_others = or_(
        Comment.published_at.is_not(None),
        Comment.email_hash != email,
        Comment.email_hash.is_(None),
    )
    last_repetition = select(func.max(Comment.repetition)).where(is_same_text, *is_same_sender)
    return select(
        last_repetition.scalar_subquery(), exists().where(is_same_text, is_known_to_others)
    )


@cache
def _confirmed_statement() -> Select[bool]:
    is_same_email = Comment.email_hash == bindparam("email")
    return select(exists().where(is_same_email, Comment.email_confirmed_at.is_not(None)))


# --- Comments that are still to be examined ---


_EXAMINATIONS = Base.metadata.tables[Examination.__tablename__]
_DELETE_EXAMINATIONS = delete(_EXAMINATIONS).where(
    _EXAMINATIONS.c.comment_id.in_(bindparam("comment_ids", expanding=True))
)


def has_received_comments() -> bool:
    """Return whether a comment is still to be examined."""
    return bool(session().scalar(select(exists().select_from(Examination))))


def find_newest_received_id() -> int:
    """Return the id of the newest comment that is still to be examined, or 0."""
    return session().scalar(select(func.max(Examination.comment_id))) or 0


def find_oldest_received_time() -> datetime | None:
    """Return when the oldest comment was sent that is still to be examined."""
    # Not a join: with statistics SQLite would read every comment for it.
    oldest = select(func.min(Examination.comment_id)).scalar_subquery()
    return session().scalar(select(Comment.submitted_at).where(Comment.id == oldest))


def list_received(limit: int) -> list[tuple[int, int]]:
    """Return the ids of comments that are still to be examined and of their letters, the oldest first."""
    query = select(Examination.comment_id, Examination.letter_id).order_by(Examination.comment_id)
    rows = session().execute(query.limit(limit))
    return [(comment_id, letter_id) for comment_id, letter_id in rows]


def lock_examinations(comment_ids: Sequence[int]) -> dict[int, Examination]:
    """Return by comment what is to be examined, without what another worker has done or does."""
    query = select(Examination).where(Examination.comment_id.in_(comment_ids))
    rows = session().scalars(query.with_for_update(skip_locked=True))
    return {row.comment_id: row for row in rows}


def delete_examinations(comment_ids: Collection[int]) -> None:
    """Delete the examinations of comments, which then no longer wait for the worker."""
    session().flush()  # every transaction changes the comment first, so that none can deadlock
    session().execute(_DELETE_EXAMINATIONS, {"comment_ids": list(comment_ids)})


# --- Earlier comments, for the dry run ---


def list_latest_with_language(limit: int) -> list[tuple[Comment, str]]:
    """List the newest comments that are not erased, each with the language of its letter."""
    query = (
        select(Comment, Letter.language)
        .join(Letter, Letter.id == Comment.letter_id)
        .where(Comment.erased_at.is_(None))
        .order_by(Comment.submitted_at.desc(), Comment.id.desc())
        .limit(limit)
    )
    return [(comment, language) for comment, language in session().execute(query)]


def load_first_publication_by_email(limit: int) -> dict[str, datetime]:
    """Map the email hashes of the newest comments to the time of their first confirmed publication."""
    query = (
        select(Comment.email_hash, func.min(Comment.published_at))
        .where(
            Comment.email_hash.in_(
                select(Comment.email_hash).order_by(Comment.submitted_at.desc()).limit(limit)
            ),
            Comment.email_confirmed_at.is_not(None),
            Comment.state == CommentState.PUBLISHED,
        )
        .group_by(Comment.email_hash)
    )
    rows = session().execute(query)
    return {
        email_hash: published_at for email_hash, published_at in rows if email_hash and published_at
    }


# --- External checks ---


def count_failed_checks() -> int:
    """Count the comments for which the external service gave no answer in any attempt."""
    is_failed = ExternalCheck.state == ExternalCheckState.FAILED
    return session().scalars(select(func.count()).select_from(ExternalCheck).where(is_failed)).one()


def find_next_due_check(now: datetime) -> ExternalCheck | None:
    """Return and lock the next due check of a pending comment. Rows that another worker locked are skipped."""
    query = (
        select(ExternalCheck)
        .join(Comment, Comment.id == ExternalCheck.comment_id)
        .where(
            ExternalCheck.state == ExternalCheckState.WAITING,
            ExternalCheck.next_attempt_at <= now,
            Comment.state == CommentState.PENDING,
        )
        .order_by(ExternalCheck.next_attempt_at, ExternalCheck.comment_id)
        .limit(1)
        .with_for_update(of=ExternalCheck, skip_locked=True)
    )
    return session().scalars(query.execution_options(populate_existing=True)).first()
