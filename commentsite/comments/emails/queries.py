"""Find the comments whose authors are to be asked for a confirmation or notified."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from commentsite.comments.emails.models import PendingNotification, SubscriptionScope
from commentsite.comments.models import Comment
from commentsite.comments.states import UNDECIDED, CommentState
from commentsite.db.session import for_update, session
from commentsite.letters.models import Letter
from commentsite.letters.states import LetterState


def list_due_confirmation_requests(now: datetime, limit: int = 100) -> list[int]:
    """List the ids of comments whose confirmation email was put off and is due, the longest due first."""
    query = (
        select(Comment.id)
        .where(Comment.confirmation_due_at <= now)
        .order_by(Comment.confirmation_due_at, Comment.id)
    )
    return list(session().scalars(query.limit(limit)))


def list_unconfirmed_by_email(
    email_hash: str, *, include_comment_id: int = 0, lock: bool = False
) -> list[Comment]:
    """List the undecided comments of an address that are not confirmed, the oldest first.

    The comment `include_comment_id` is in the list in any state.
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
    """List the ids of comments that were confirmed together with another and whose time has come."""
    query = select(Comment.id).where(Comment.confirmation_effective_at <= now)
    return list(session().scalars(query.order_by(Comment.confirmation_effective_at).limit(limit)))


def list_other_unconfirmed(email_hash: str, *, exclude_comment_id: int) -> list[Comment]:
    """List and lock the other comments of an address that wait for confirmation.

    Rows that another transaction locked are skipped.
    """
    query = select(Comment).where(
        Comment.email_hash == email_hash,
        Comment.email_confirmed_at.is_(None),
        Comment.confirmation_effective_at.is_(None),
        Comment.state.in_((CommentState.AWAITING_EMAIL, CommentState.PENDING)),
        Comment.id != exclude_comment_id,
    )
    return list(session().scalars(query.order_by(Comment.id).with_for_update(skip_locked=True)))


def list_unsent_confirmation_requests(email_hash: str) -> list[Comment]:
    """List and lock the comments of an address, in any state, whose confirmation email was put off."""
    where = (Comment.email_hash == email_hash, Comment.confirmation_due_at.is_not(None))
    query = for_update(select(Comment).where(*where).order_by(Comment.id))
    return list(session().scalars(query))


def list_subscriptions(email_hash: str) -> list[Comment]:
    """List and lock the comments of an address with any notification switched on."""
    query = select(Comment).where(Comment.email_hash == email_hash, _is_subscribed())
    query = query.order_by(Comment.id)
    return list(session().scalars(for_update(query)))


def has_subscriptions(email_hash: str) -> bool:
    query = select(Comment.id).where(Comment.email_hash == email_hash, _is_subscribed()).limit(1)
    return session().scalars(query).first() is not None


def list_subscribers(reply: Comment) -> list[Comment]:
    """List the comments whose authors are to be notified of a reply, never the reply's own author.

    The author of the parent comment comes first. An author who subscribed with several comments is
    notified once, and the email about a direct reply says more.
    """
    confirmed = select(Comment.email_hash).where(Comment.email_confirmed_at.is_not(None))
    is_parent = Comment.id == (reply.replied_to_id or reply.parent_id)
    query = select(Comment).where(
        or_(Comment.id == reply.root_id, Comment.root_id == reply.root_id, is_parent),
        or_(
            Comment.subscription_scope == SubscriptionScope.THREAD,
            and_(is_parent, Comment.subscription_scope == SubscriptionScope.REPLIES),
        ),
        Comment.state == CommentState.PUBLISHED,
        Comment.id != reply.id,
        Comment.email_hash.in_(confirmed),
    )
    if reply.email_hash is not None:
        query = query.where(Comment.email_hash != reply.email_hash)
    parent_first = case((is_parent, 0), else_=1)
    return list(
        session().scalars(query.order_by(parent_first, Comment.has_daily_digest, Comment.id))
    )


def list_mailboxes_with_due_notifications(now: datetime, limit: int = 100) -> list[str]:
    """List the email hashes of the mailboxes with due notifications, the longest due first."""
    # The outer join makes SQLite start from the few notifications, not from all comments.
    query = (
        select(Comment.email_hash)
        .select_from(PendingNotification)
        .outerjoin(Comment, PendingNotification.comment_id == Comment.id)
        .where(PendingNotification.due_at <= now)
        .group_by(Comment.email_hash)
        .order_by(func.min(PendingNotification.due_at))
        .limit(limit)
    )
    return [email_hash for email_hash in session().scalars(query) if email_hash]


def list_due_notifications(
    email_hash: str, now: datetime
) -> list[tuple[PendingNotification, Comment, Comment]]:
    """List the due notifications of a mailbox, each with its author's comment and the reply."""
    reply = aliased(Comment)
    query = (
        select(PendingNotification, Comment, reply)
        .join(Comment, Comment.id == PendingNotification.comment_id)
        .join(reply, reply.id == PendingNotification.reply_id)
        .where(Comment.email_hash == email_hash, PendingNotification.due_at <= now)
        .order_by(PendingNotification.reply_id)
        # Locked before the mailbox, in the order in which erasing a comment locks them.
        .with_for_update(of=PendingNotification)
        .execution_options(populate_existing=True)
    )
    return [(row[0], row[1], row[2]) for row in session().execute(query)]


def list_notifications_about(comment_id: int) -> list[PendingNotification]:
    """List the pending notifications of a comment's author, and those about the comment."""
    where = or_(
        PendingNotification.comment_id == comment_id, PendingNotification.reply_id == comment_id
    )
    return list(session().scalars(select(PendingNotification).where(where)))


def list_due_closing_notifications(now: datetime, until: datetime, limit: int = 200) -> list[int]:
    """List the ids of comments whose authors are to be notified that their letter closes between two moments."""
    other = aliased(Comment)
    is_confirmed = exists().where(
        other.email_hash == Comment.email_hash, other.email_confirmed_at.is_not(None)
    )
    query = (
        select(Comment.id)
        .join(Letter, Letter.id == Comment.letter_id)
        .where(
            Letter.state == LetterState.PUBLISHED,
            Letter.comments_open.is_(True),
            Letter.comments_close_at > now,
            Letter.comments_close_at <= until,
            Comment.has_closing_notice.is_(True),
            is_confirmed,
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
    """Return whether this mailbox was notified that the letter closes at this time."""
    where = (
        Comment.letter_id == letter_id,
        Comment.email_hash == email_hash,
        Comment.notified_closing_at == closes_at,
    )
    return session().scalars(select(Comment.id).where(*where).limit(1)).first() is not None


def _is_subscribed() -> ColumnElement[bool]:
    return or_(
        Comment.subscription_scope != SubscriptionScope.NONE, Comment.has_closing_notice.is_(True)
    )
