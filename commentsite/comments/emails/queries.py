"""TODO docstring of commentsite.comments.emails.queries."""

from datetime import datetime

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from commentsite.comments.emails.models import PendingNotification
from commentsite.comments.models import Comment
from commentsite.comments.states import UNDECIDED, CommentState
from commentsite.db.session import for_update, session
from commentsite.letters.models import Letter
from commentsite.letters.states import LetterState


def list_due_confirmation_requests(now: datetime, limit: int = 100) -> list[int]:
    """Return comments whose address may be asked to confirm by now, the longest waiting first."""
    query = (
        select(Comment.id)
        .where(Comment.confirmation_due_at <= now)
        .order_by(Comment.confirmation_due_at, Comment.id)
    )
    return list(session().scalars(query.limit(limit)))


def list_unconfirmed_by_email(
    email_hash: str, *, include_comment_id: int = 0, lock: bool = False
) -> list[Comment]:
    """Return comments under one address that wait and were not confirmed, in the order they came.

    One of them is there in whatever state: the one that somebody was asked about.
    """
    where = (
        Comment.email_hash == email_hash,
        Comment.email_confirmed_at.is_(None),
        Comment.confirmation_effective_at.is_(None),
        or_(Comment.state.in_(UNDECIDED), Comment.id == include_comment_id),
    )
    query = select(Comment).where(*where).order_by(Comment.id)
    if lock:
        query = for_update(query)
    return list(session().scalars(query))


def list_due_confirmations(now: datetime, limit: int = 100) -> list[int]:
    """Return comments whose owner confirmed them together with another, and whose turn has come."""
    query = select(Comment.id).where(Comment.confirmation_effective_at <= now)
    return list(session().scalars(query.order_by(Comment.confirmation_effective_at).limit(limit)))


def list_other_unconfirmed(email_hash: str, *, exclude_comment_id: int) -> list[Comment]:
    """Return, locked, the other comments under an address that wait unconfirmed; one that is being changed is left out."""
    query = select(Comment).where(
        Comment.email_hash == email_hash,
        Comment.email_confirmed_at.is_(None),
        Comment.confirmation_effective_at.is_(None),
        Comment.state.in_((CommentState.AWAITING_EMAIL, CommentState.PENDING)),
        Comment.id != exclude_comment_id,
    )
    return list(session().scalars(query.order_by(Comment.id).with_for_update(skip_locked=True)))


def list_unsent_confirmation_requests(email_hash: str) -> list[Comment]:
    """Return, locked, the comments of any state under one address that it is yet to be asked about."""
    where = (Comment.email_hash == email_hash, Comment.confirmation_due_at.is_not(None))
    query = for_update(select(Comment).where(*where).order_by(Comment.id))
    return list(session().scalars(query))


def list_subscriptions(email_hash: str) -> list[Comment]:
    """Return, locked, the comments about which one address asked to hear something."""
    chosen = or_(Comment.subscription_scope != "", Comment.has_closing_notice.is_(True))
    query = select(Comment).where(Comment.email_hash == email_hash, chosen).order_by(Comment.id)
    return list(session().scalars(for_update(query)))


def has_subscriptions(email_hash: str) -> bool:
    """Say whether one address asked to hear something about any comment."""
    chosen = or_(Comment.subscription_scope != "", Comment.has_closing_notice.is_(True))
    query = select(Comment.id).where(Comment.email_hash == email_hash, chosen).limit(1)
    return session().scalars(query).first() is not None


def list_subscribers(reply: Comment) -> list[Comment]:
    """Return who asked to hear of a comment in its thread and confirmed the address, never its own author.

    Whoever is answered comes before others of the thread, so that one who is both is told as such.
    """
    confirmed = select(Comment.email_hash).where(Comment.email_confirmed_at.is_not(None))
    is_parent = Comment.id == (reply.replied_to_id or reply.parent_id)
    query = select(Comment).where(
        or_(Comment.id == reply.root_id, Comment.root_id == reply.root_id, is_parent),
        or_(
            Comment.subscription_scope == "thread",
            and_(is_parent, Comment.subscription_scope == "answers"),
        ),
        Comment.state == CommentState.PUBLISHED,
        Comment.id != reply.id,
        Comment.email_hash.in_(confirmed),
    )
    if reply.email_hash is not None:
        query = query.where(Comment.email_hash != reply.email_hash)
    first = case((is_parent, 0), else_=1)
    return list(session().scalars(query.order_by(first, Comment.has_daily_digest, Comment.id)))


def list_mailboxes_with_due_notifications(now: datetime, limit: int = 100) -> list[str]:
    """Return the keyed hashes of the addresses that something is to be told to by now."""
    query = select(Comment.email_hash).join(
        PendingNotification, PendingNotification.comment_id == Comment.id
    )
    query = query.where(PendingNotification.due_at <= now, Comment.email_hash.is_not(None))
    query = (
        query.group_by(Comment.email_hash)
        .order_by(func.min(PendingNotification.due_at))
        .limit(limit)
    )
    return [email_hash for email_hash in session().scalars(query) if email_hash]


def list_due_notifications(
    email_hash: str, now: datetime
) -> list[tuple[PendingNotification, Comment, Comment]]:
    """Return what one address is to be told by now: the notice, whose comment, and of which."""
    answer = aliased(Comment)
    query = (
        select(PendingNotification, Comment, answer)
        .join(Comment, Comment.id == PendingNotification.comment_id)
        .join(answer, answer.id == PendingNotification.reply_id)
        .where(Comment.email_hash == email_hash, PendingNotification.due_at <= now)
        .order_by(PendingNotification.reply_id)
        .with_for_update(
            of=PendingNotification
        )  # before any mailbox: whoever erases holds these first
        .execution_options(populate_existing=True)
    )
    return [(row[0], row[1], row[2]) for row in session().execute(query)]


def list_notifications_about(comment_id: int) -> list[PendingNotification]:
    """Return what is to be told to the author of a comment, and of it to others."""
    where = or_(
        PendingNotification.comment_id == comment_id, PendingNotification.reply_id == comment_id
    )
    return list(session().scalars(select(PendingNotification).where(where)))


def list_due_closing_notifications(now: datetime, until: datetime, limit: int = 200) -> list[int]:
    """Return comments whose authors asked when their letter closes, and do not know that it does so soon."""
    confirmed = select(Comment.email_hash).where(Comment.email_confirmed_at.is_not(None))
    query = (
        select(Comment.id)
        .join(Letter, Letter.id == Comment.letter_id)
        .where(
            Letter.state == LetterState.PUBLISHED,
            Letter.comments_open.is_(True),
            Letter.comments_close_at > now,
            Letter.comments_close_at <= until,
            Comment.has_closing_notice.is_(True),
            Comment.email_hash.in_(confirmed),
            Comment.state.not_in((CommentState.SPAM, CommentState.WITHDRAWN)),
            or_(
                Comment.notified_closing_at.is_(None),
                Comment.notified_closing_at != Letter.comments_close_at,
            ),
        )
        .order_by(Comment.id)
    )
    return list(session().scalars(query.limit(limit)))


def is_notified_of_closing(letter_id: int, email_hash: str, closes_at: datetime) -> bool:
    """Say whether this address was told that the letter closes at that moment."""
    where = (
        Comment.letter_id == letter_id,
        Comment.email_hash == email_hash,
        Comment.notified_closing_at == closes_at,
    )
    return session().scalars(select(Comment.id).where(*where).limit(1)).first() is not None
