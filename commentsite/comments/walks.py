"""Read comments in bulk: for the index, the worker, the self-test."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from commentsite.comments.models import Comment, OutsideCheck
from commentsite.comments.states import CommentState
from commentsite.db import session


def published_words() -> Iterator[tuple[int, str]]:
    """Yield id and words of every published comment."""
    query = select(Comment.id, Comment.name, Comment.organisation, Comment.body).where(
        Comment.state == CommentState.PUBLISHED
    )
    rows = session().execute(query.execution_options(yield_per=1000))
    for comment_id, name, organisation, body in rows:
        yield comment_id, f"{name} {organisation} {body}"


def sealed_addresses() -> list[bytes]:
    """Return every email address that is stored, still sealed."""
    query = select(Comment.email_sealed).where(Comment.email_sealed.is_not(None))
    return [sealed for sealed in session().scalars(query) if sealed]


def latest_erasure() -> datetime | None:
    """Return when a comment was erased last."""
    return session().scalars(select(func.max(Comment.erased_at))).one()


def unconfirmed_since(before: datetime) -> list[Comment]:
    """Return comments whose author never confirmed the address they gave, sent before a moment."""
    where = (Comment.state == CommentState.AWAITING_EMAIL, Comment.submitted_at < before)
    query = select(Comment).where(*where).options(selectinload(Comment.targets)).limit(500)
    return list(session().scalars(query.with_for_update(skip_locked=True)))


def with_address_before(before: datetime) -> list[Comment]:
    """Return comments sent before a moment whose network address is still known."""
    where = (Comment.address_hash.is_not(None), Comment.submitted_at < before)
    return list(session().scalars(select(Comment).where(*where).limit(1000)))


def unanswered() -> int:
    """Return about how many comments a service of others was asked in vain."""
    where = OutsideCheck.state == "failed"
    return session().scalars(select(func.count()).select_from(OutsideCheck).where(where)).one()


def next_to_ask_about(now: datetime) -> OutsideCheck | None:
    """Return one promise that is due about a comment that waits, locked; others pass it by."""
    where = (OutsideCheck.state == "waiting", OutsideCheck.next_attempt_at <= now)
    query = (
        select(OutsideCheck)
        .join(Comment, Comment.id == OutsideCheck.comment_id)
        .where(*where, Comment.state == CommentState.PENDING)
        .order_by(OutsideCheck.next_attempt_at, OutsideCheck.comment_id)
        .limit(1)
        .with_for_update(of=OutsideCheck, skip_locked=True)
    )
    return session().scalars(query.execution_options(populate_existing=True)).first()
