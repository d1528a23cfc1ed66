"""Notify the authors of comments about replies and about the closing of comments on a letter.

An author chooses for each comment whether to be notified of replies to it or of its whole thread,
at once or in a daily digest, and whether to be notified before the letter closes. Publishing a
reply adds a row to the table of pending notifications for each subscriber. The worker turns due
rows into emails, for one mailbox at a time, so that a person with several comments gets one digest.
"""

from datetime import datetime, timedelta
from typing import Any

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.comments import queries as comment_queries
from commentsite.comments.emails import mailbox
from commentsite.comments.emails import queries as email_queries
from commentsite.comments.emails.models import PendingNotification, SubscriptionScope
from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid
from commentsite.letters.queries import get_letter
from commentsite.notifications.outbox import enqueue_message, is_enqueued

IMMEDIATE_KINDS = ("comment.answered", "comment.thread")
MAX_IMMEDIATE_PER_DAY = 10  # to one mailbox; further replies come in the next daily digest
DIGEST_HOUR_UTC = 6
MAX_DIGEST_REPLIES = 100
CLOSING_NOTICE_WINDOW = timedelta(hours=48)


# --- Choices of the author ---


def update_subscription(
    comment: Comment, scope: str, *, has_daily_digest: bool, has_closing_notice: bool, by: Actor
) -> None:
    """Save an author's choices. If the address was never confirmed, a confirmation email is scheduled.

    Raises Invalid on an unknown scope and Conflict when the address is deleted.
    """
    if comment.email_hash is None:
        msg = "The email address of this comment is deleted, so no notifications can be sent."
        raise Conflict(msg)
    if scope not in set(SubscriptionScope):
        msg = "Choose one of the listed options."
        raise Invalid(msg, field="follow")
    choice = (scope, has_daily_digest, has_closing_notice)
    if choice == (
        comment.subscription_scope,
        comment.has_daily_digest,
        comment.has_closing_notice,
    ):
        return
    comment.subscription_scope = scope
    comment.has_daily_digest = has_daily_digest
    comment.has_closing_notice = has_closing_notice
    if not scope:
        delete_notifications_for_author(comment.id)
    about = f"comment:{comment.id}"
    if (
        is_subscribed(comment)
        and comment.confirmation_due_at is None
        and not mailbox.is_recipient_confirmed(comment)
        and not is_enqueued(about, mailbox.CONFIRMATION_KINDS)
    ):
        comment.confirmation_due_at = clock.now()
    record_event(
        by.label,
        "comment.followed",
        about,
        state=str(comment.state),
        follow=str(scope) or "nothing",
        daily=int(has_daily_digest),
        closing=int(has_closing_notice),
    )


def unsubscribe(comment: Comment, *, by: Actor) -> None:
    """Stop the notifications of one comment. Emails about decisions on it are still sent."""
    if is_subscribed(comment):
        _clear_subscription(comment)
        record_event(
            by.label, "comment.unsubscribed", f"comment:{comment.id}", state=str(comment.state)
        )


def unsubscribe_all(email_hash: str, *, by: Actor) -> None:
    """Stop the notifications of every comment from one address.

    The audit log is public, so the event does not say which comments these are.
    """
    subscribed = email_queries.list_subscriptions(email_hash)
    for comment in subscribed:
        _clear_subscription(comment)
    if subscribed:
        record_event(by.label, "mailbox.unsubscribed", "mailbox")


def is_subscribed(comment: Comment) -> bool:
    return bool(comment.subscription_scope or comment.has_closing_notice)


def _clear_subscription(comment: Comment) -> None:
    comment.subscription_scope, comment.has_closing_notice = SubscriptionScope.NONE, False
    delete_notifications_for_author(comment.id)


# --- Notifications about replies ---


def schedule_reply_notifications(reply: Comment, not_before: datetime | None = None) -> None:
    """Add a pending notification about a newly published reply for each subscribed mailbox."""
    if reply.root_id is None:
        return
    now = not_before or clock.now()
    notified_mailboxes: set[str | None] = set()
    for subscriber in email_queries.list_subscribers(reply):
        if subscriber.email_hash in notified_mailboxes:
            continue
        notified_mailboxes.add(subscriber.email_hash)
        is_daily = subscriber.has_daily_digest
        session().add(
            PendingNotification(
                comment_id=subscriber.id,
                reply_id=reply.id,
                is_daily=is_daily,
                due_at=next_digest_at(now) if is_daily else now,
            )
        )


def send_due_notifications(email_hash: str, encryption: Encryption) -> int:
    """Enqueue the due emails to one mailbox and return their number.

    Each immediate notification is an email, until the mailbox has had MAX_IMMEDIATE_PER_DAY. The
    rest goes into one digest.
    """
    acquire_advisory_lock(f"notices:{email_hash}")
    now = clock.now()
    digest: list[tuple[Comment, Comment]] = []
    email_count = 0
    for notification, comment, reply in email_queries.list_due_notifications(email_hash, now):
        # The subscription or the state of a comment may have changed since it was scheduled.
        is_wanted = comment.subscription_scope and {comment.state, reply.state} == {
            CommentState.PUBLISHED
        }
        if is_wanted and not notification.is_daily:
            if not _send_immediately(comment, reply, encryption):
                notification.is_daily, notification.due_at = True, next_digest_at(now)
                continue
            email_count += 1
        elif is_wanted:
            digest.append((comment, reply))
        session().delete(notification)
    if digest:
        _send_digest(digest, encryption)
    return email_count + bool(digest)


def next_digest_at(now: datetime) -> datetime:
    digest_at = now.replace(hour=DIGEST_HOUR_UTC, minute=0, second=0, microsecond=0)
    return digest_at if digest_at > now else digest_at + timedelta(days=1)


def _send_immediately(comment: Comment, reply: Comment, encryption: Encryption) -> bool:
    """Enqueue an email about one reply. Return False if the mailbox has had its limit today."""
    recipient = mailbox.decrypt_recipient(comment, encryption)
    if recipient is None:
        return True  # The site has lost the key of the address. The notification is dropped.
    email, _receipt_token = recipient
    letter = get_letter(comment.letter_id)
    return enqueue_message(
        "comment.answered" if reply.parent_id == comment.id else "comment.thread",
        email,
        encryption=encryption,
        about=f"comment:{comment.id}",
        limit_per_day=MAX_IMMEDIATE_PER_DAY,
        counted_kinds=IMMEDIATE_KINDS,
        language=comment.form_language,
        letter_title=letter.title,
        slug=letter.slug,
        answer_id=str(reply.id),
        unsubscribe=_unsubscribe_path(comment, encryption),
    )


def _send_digest(digest: list[tuple[Comment, Comment]], encryption: Encryption) -> None:
    comment = digest[-1][0]
    recipient = mailbox.decrypt_recipient(comment, encryption)
    if recipient is None:
        return
    email, _receipt_token = recipient
    unlisted_count = max(0, len(digest) - MAX_DIGEST_REPLIES)
    code = mailbox.make_unsubscribe_all_code(encryption, comment.email_hash or "")
    enqueue_message(
        "comment.digest",
        email,
        encryption=encryption,
        about=f"comment:{comment.id}",
        language=comment.form_language,
        letters=_group_by_letter([reply for _comment, reply in digest[:MAX_DIGEST_REPLIES]]),
        more=str(unlisted_count or ""),
        unsubscribe=f"/unsubscribe/all/{code}",
    )


def _group_by_letter(replies: list[Comment]) -> list[dict[str, Any]]:
    reply_ids: dict[int, list[str]] = {}
    for reply in replies:
        reply_ids.setdefault(reply.letter_id, []).append(str(reply.id))
    letters = [(get_letter(letter_id), ids) for letter_id, ids in reply_ids.items()]
    return [
        {"letter_title": letter.title, "slug": letter.slug, "answer_ids": ids}
        for letter, ids in letters
    ]


def _unsubscribe_path(comment: Comment, encryption: Encryption) -> str:
    return f"/unsubscribe/{comment.id}/{mailbox.make_unsubscribe_code(encryption, comment.id)}"


# --- Notifications about the closing of comments ---


def send_closing_notification(comment_id: int, encryption: Encryption) -> int:
    """Enqueue an email that a letter closes soon: one for each mailbox and closing time.

    Returns the number of emails enqueued: 0 or 1.
    """
    comment = comment_queries.get_comment_for_update(comment_id)
    letter = get_letter(comment.letter_id)
    closes_at, email_hash = letter.comments_close_at, comment.email_hash
    recipient = mailbox.decrypt_recipient(comment, encryption)
    if closes_at is None or email_hash is None or not comment.has_closing_notice:
        return 0
    acquire_advisory_lock(f"closing:{email_hash}")
    is_notified = email_queries.is_notified_of_closing(letter.id, email_hash, closes_at)
    comment.notified_closing_at = closes_at
    if is_notified or recipient is None:
        return 0
    email, _receipt_token = recipient
    enqueue_message(
        "comment.closing",
        email,
        encryption=encryption,
        about=f"comment:{comment.id}",
        language=comment.form_language,
        letter_title=letter.title,
        slug=letter.slug,
        closes=closes_at.isoformat(timespec="minutes"),
        unsubscribe=_unsubscribe_path(comment, encryption),
    )
    return 1


# --- Deletion of pending notifications ---


def delete_notifications_for_author(comment_id: int) -> None:
    """Delete the pending notifications of a comment's author."""
    for notification in email_queries.list_notifications_about(comment_id):
        if notification.comment_id == comment_id:
            session().delete(notification)


def delete_notifications_about_reply(reply_id: int) -> None:
    """Delete the pending notifications of all authors about one reply."""
    for notification in email_queries.list_notifications_about(reply_id):
        if notification.reply_id == reply_id:
            session().delete(notification)


def delete_notifications(comment_id: int) -> None:
    """Delete the pending notifications of a comment's author, and those of others about the comment."""
    for notification in email_queries.list_notifications_about(comment_id):
        session().delete(notification)
