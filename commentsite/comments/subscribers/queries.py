"""Queries of subscribers, and of the news that they are to get."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import selectinload

from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.comments.subscribers.models import ReaderSubscription, Subscriber
from commentsite.db.session import for_update, session
from commentsite.errors import require_found
from commentsite.letters.models import Letter, LetterVersion
from commentsite.letters.states import ChangeKind, LetterState

INVALID_LINK = "This link is no longer valid. If you end your last subscription, we delete your address, and the links in our emails end with it."


def find_subscriber_by_email(email_hash: str) -> Subscriber | None:
    query = for_update(select(Subscriber).where(Subscriber.email_hash == email_hash))
    return session().scalars(query).first()


def get_subscriber(token_hash: str) -> Subscriber:
    query = select(Subscriber).where(Subscriber.token_hash == token_hash)
    return require_found(session().scalars(query).first(), INVALID_LINK)


def get_subscriber_for_update(token_hash: str) -> Subscriber:
    query = for_update(select(Subscriber).where(Subscriber.token_hash == token_hash))
    return require_found(session().scalars(query).first(), INVALID_LINK)


def list_subscriptions(subscriber_id: int) -> list[ReaderSubscription]:
    query = select(ReaderSubscription).where(ReaderSubscription.subscriber_id == subscriber_id)
    return list(session().scalars(query.order_by(ReaderSubscription.id)))


def count_confirmed() -> tuple[int, int]:
    """Return the numbers of confirmed subscriptions to new letters, and to comments."""
    counts = [
        select(func.count())
        .select_from(ReaderSubscription)
        .where(ReaderSubscription.confirmed_at.is_not(None), is_of_kind)
        for is_of_kind in (
            ReaderSubscription.letter_id.is_(None),
            ReaderSubscription.letter_id.is_not(None),
        )
    ]
    to_letters, to_comments = (session().scalars(query).one() for query in counts)
    return to_letters, to_comments


def list_unconfirmed_before(moment: datetime, limit: int = 500) -> list[ReaderSubscription]:
    where = (ReaderSubscription.confirmed_at.is_(None), ReaderSubscription.created_at < moment)
    return list(session().scalars(select(ReaderSubscription).where(*where).limit(limit)))


def list_without_subscription(limit: int = 500) -> list[Subscriber]:
    has_any = exists().where(ReaderSubscription.subscriber_id == Subscriber.id)
    return list(session().scalars(select(Subscriber).where(~has_any).limit(limit)))


def has_any_subscriber_hash(email_hashes: set[str]) -> bool:
    query = select(Subscriber.id).where(Subscriber.email_hash.in_(email_hashes)).limit(1)
    return session().scalars(query).first() is not None


def count_subscribers() -> int:
    return session().scalars(select(func.count()).select_from(Subscriber)).one()


def list_letters_published_between(since: datetime, until: datetime, limit: int) -> list[Letter]:
    """List published letters with their authors, the newest first."""
    query = (
        select(Letter)
        .where(
            Letter.state == LetterState.PUBLISHED,
            Letter.is_page.is_(False),
            Letter.published_at > since,
            Letter.published_at <= until,
        )
        .options(selectinload(Letter.authors))
        .order_by(Letter.published_at.desc(), Letter.id.desc())
    )
    return list(session().scalars(query.limit(limit)))


def list_due_letter_subscriptions(now: datetime, limit: int) -> list[ReaderSubscription]:
    """Lock subscriptions to new letters for which a letter was published since the last email."""
    newest = (
        select(func.max(Letter.published_at))
        .where(
            Letter.state == LetterState.PUBLISHED,
            Letter.is_page.is_(False),
            Letter.published_at <= now,
        )
        .scalar_subquery()
    )
    where = (ReaderSubscription.letter_id.is_(None), ReaderSubscription.notified_until < newest)
    return _list_due(now, where, limit)


def list_letters_with_news(now: datetime, until: datetime) -> list[int]:
    """List the letters with something to tell to a subscriber whose next email may leave now.

    Comments, corrections and withdrawals after `until` wait.
    """
    due = (
        select(
            ReaderSubscription.letter_id,
            func.min(ReaderSubscription.notified_until).label("since"),
        )
        .where(
            ReaderSubscription.letter_id.is_not(None),
            ReaderSubscription.next_at <= now,
            ReaderSubscription.confirmed_at.is_not(None),
        )
        .group_by(ReaderSubscription.letter_id)
        .subquery()
    )
    query = select(due.c.letter_id).where(_has_news(due.c.letter_id, due.c.since, until))
    return list(session().scalars(query))


def list_due_comment_subscriptions(
    letter_id: int, now: datetime, until: datetime, limit: int
) -> list[ReaderSubscription]:
    """Lock subscriptions to the comments of a letter that has news for them."""
    where = (
        ReaderSubscription.letter_id == letter_id,
        _has_news(ReaderSubscription.letter_id, ReaderSubscription.notified_until, until),
    )
    return _list_due(now, where, limit)


def find_comment_news(letter_id: int, since: datetime, until: datetime) -> tuple[int, int | None]:
    """Return the number of comments that were published in a period, and the id of the first."""
    query = select(func.count(), func.min(Comment.id)).where(
        _is_new_comment(letter_id, since, until)
    )
    count, first_id = session().execute(query).one()
    return count, first_id


def find_correction(letter_id: int, since: datetime, until: datetime) -> LetterVersion | None:
    """Return the newest version with a change of substance in a period."""
    query = select(LetterVersion).where(_is_correction(letter_id, since, until))
    return session().scalars(query.order_by(LetterVersion.number.desc()).limit(1)).first()


def _list_due(
    now: datetime, where: tuple[ColumnElement[bool], ...], limit: int
) -> list[ReaderSubscription]:
    query = (
        select(ReaderSubscription)
        .where(
            *where,
            ReaderSubscription.confirmed_at.is_not(None),
            ReaderSubscription.next_at <= now,
        )
        .order_by(ReaderSubscription.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return list(session().scalars(query))


def list_subscribers_by_id(subscriber_ids: set[int]) -> dict[int, Subscriber]:
    query = select(Subscriber).where(Subscriber.id.in_(subscriber_ids))
    return {subscriber.id: subscriber for subscriber in session().scalars(query)}


def filter_missing(subscriber_ids: set[int]) -> set[int]:
    """Return the ids without a subscriber."""
    found = session().scalars(select(Subscriber.id).where(Subscriber.id.in_(subscriber_ids)))
    return subscriber_ids - set(found)


def _has_news(letter_id: Any, since: Any, until: datetime) -> ColumnElement[bool]:
    return or_(
        exists().where(_is_new_comment(letter_id, since, until)),
        exists().where(_is_correction(letter_id, since, until)),
        exists().where(
            Letter.id == letter_id, Letter.withdrawn_at > since, Letter.withdrawn_at <= until
        ),
    )


def _is_new_comment(letter_id: Any, since: Any, until: datetime) -> ColumnElement[bool]:
    return and_(
        Comment.letter_id == letter_id,
        Comment.state == CommentState.PUBLISHED,
        Comment.published_at > since,
        Comment.published_at <= until,
    )


def _is_correction(letter_id: Any, since: Any, until: datetime) -> ColumnElement[bool]:
    return and_(
        LetterVersion.letter_id == letter_id,
        LetterVersion.number > 1,
        LetterVersion.change == ChangeKind.SUBSTANTIVE,
        LetterVersion.published_at > since,
        LetterVersion.published_at <= until,
    )
