"""What somebody hears about a comment of theirs: answers, its thread, its letter's closing; at once or once a day."""

from datetime import datetime, timedelta
from typing import Any

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.comments import queries as comment_queries
from commentsite.comments.emails import mailbox
from commentsite.comments.emails import queries as email_queries
from commentsite.comments.emails.models import PendingNotification
from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid
from commentsite.letters.queries import get_letter
from commentsite.notifications.outbox import enqueue_message, is_enqueued

SUBSCRIPTION_SCOPES = ("", "answers", "thread")
IMMEDIATE_KINDS = ("comment.answered", "comment.thread")
MAX_IMMEDIATE_PER_DAY = (
    10  # messages a day to one mailbox; what is more comes in the next daily one
)
DIGEST_HOUR_UTC = 6  # UTC
MAX_DIGEST_REPLIES = 100
CLOSING_NOTICE_WINDOW = timedelta(hours=48)


def update_subscription(
    comment: Comment, scope: str, *, has_daily_digest: bool, has_closing_notice: bool, by: Actor
) -> None:
    """Take over what its author wants to hear of; an address that never answered is asked to confirm first.

    Raises Invalid on a choice that is none, Conflict when there is no address to write to.
    """
    if comment.email_hash is None:
        msg = "The address of this comment is deleted; there is nobody to write to."
        raise Conflict(msg)
    if scope not in SUBSCRIPTION_SCOPES:
        msg = "Choose one of these."
        raise Invalid(msg, field="follow")
    if (comment.subscription_scope, comment.has_daily_digest, comment.has_closing_notice) == (
        scope,
        has_daily_digest,
        has_closing_notice,
    ):
        return
    comment.subscription_scope, comment.has_daily_digest, comment.has_closing_notice = (
        scope,
        has_daily_digest,
        has_closing_notice,
    )
    if not scope:
        delete_notifications_for_author(comment.id)
    about = f"comment:{comment.id}"
    if (
        (scope or has_closing_notice)
        and comment.confirmation_due_at is None
        and not mailbox.is_recipient_confirmed(comment)
        and not is_enqueued(about, mailbox.CONFIRMATION_KINDS)
    ):
        comment.confirmation_due_at = clock.now()
    codes = {
        "follow": scope or "nothing",
        "daily": int(has_daily_digest),
        "closing": int(has_closing_notice),
    }
    record_event(by.label, "comment.followed", about, state=str(comment.state), **codes)


def unsubscribe(comment: Comment, *, by: Actor) -> None:
    """Write to its author about what is decided only."""
    if is_subscribed(comment):
        _clear_subscription(comment)
        record_event(
            by.label, "comment.unsubscribed", f"comment:{comment.id}", state=str(comment.state)
        )


def unsubscribe_all(email_hash: str, *, by: Actor) -> None:
    """Stop it for every comment sent from one address; the log does not say which these are."""
    followed = email_queries.list_subscriptions(email_hash)
    for comment in followed:
        _clear_subscription(comment)
    if followed:
        record_event(by.label, "mailbox.unsubscribed", "mailbox")


def is_subscribed(comment: Comment) -> bool:
    """Say whether its author hears of more than decisions."""
    return bool(comment.subscription_scope or comment.has_closing_notice)


def schedule_reply_notifications(reply: Comment, not_before: datetime | None = None) -> None:
    """Remember who is to hear of a comment that has just been published, each mailbox once."""
    if reply.root_id is None:
        return
    now, told = not_before or clock.now(), set()
    for follower in email_queries.list_subscribers(reply):
        if follower.email_hash in told:
            continue
        told.add(follower.email_hash)
        daily = follower.has_daily_digest
        due = next_digest_at(now) if daily else now
        session().add(
            PendingNotification(
                comment_id=follower.id, reply_id=reply.id, is_daily=daily, due_at=due
            )
        )


def send_due_notifications(email_hash: str, encryption: Encryption) -> int:
    """Write to one mailbox what is due: at once each by itself, the rest in one message."""
    acquire_advisory_lock(f"notices:{email_hash}")
    now = clock.now()
    daily: list[tuple[Comment, Comment]] = []
    done = 0
    for notice, comment, answer in email_queries.list_due_notifications(email_hash, now):
        is_wanted = comment.subscription_scope and {comment.state, answer.state} == {
            CommentState.PUBLISHED
        }
        if is_wanted and not notice.is_daily:
            if not _send_immediately(comment, answer, encryption):
                notice.is_daily, notice.due_at = True, next_digest_at(now)
                continue
            done += 1
        elif is_wanted:
            daily.append((comment, answer))
        session().delete(notice)
    if daily:
        _send_digest(daily, encryption)
    return done + bool(daily)


def send_closing_notification(comment_id: int, encryption: Encryption) -> int:
    """Write that a letter closes soon, once to a mailbox for each closing time."""
    comment = comment_queries.get_comment_for_update(comment_id)
    letter = get_letter(comment.letter_id)
    closes, email_hash = letter.comments_close_at, comment.email_hash
    opened = mailbox.decrypt_recipient(comment, encryption)
    if closes is None or email_hash is None or not comment.has_closing_notice:
        return 0
    acquire_advisory_lock(f"closing:{email_hash}")
    is_told = email_queries.is_notified_of_closing(letter.id, email_hash, closes)
    comment.notified_closing_at = closes
    if is_told or opened is None:
        return 0
    enqueue_message(
        "comment.closing",
        opened[0],
        encryption=encryption,
        about=f"comment:{comment.id}",
        letter_title=letter.title,
        slug=letter.slug,
        closes=format_utc_minute(closes),
        unsubscribe=_unsubscribe_path(comment, encryption),
    )
    return 1


def next_digest_at(now: datetime) -> datetime:
    """Return when the next daily message leaves."""
    at = now.replace(hour=DIGEST_HOUR_UTC, minute=0, second=0, microsecond=0)
    return at if at > now else at + timedelta(days=1)


def format_utc_minute(moment: datetime) -> str:
    """Return a moment to the minute, with its zone, as messages say it."""
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def _clear_subscription(comment: Comment) -> None:
    comment.subscription_scope, comment.has_closing_notice = "", False
    delete_notifications_for_author(comment.id)


def _send_immediately(comment: Comment, answer: Comment, encryption: Encryption) -> bool:
    opened = mailbox.decrypt_recipient(comment, encryption)
    if opened is None:
        return True  # no key of ours opens the address, and none ever will
    letter = get_letter(comment.letter_id)
    return enqueue_message(
        "comment.answered" if answer.parent_id == comment.id else "comment.thread",
        opened[0],
        encryption=encryption,
        about=f"comment:{comment.id}",
        limit_per_day=MAX_IMMEDIATE_PER_DAY,
        counted_kinds=IMMEDIATE_KINDS,
        letter_title=letter.title,
        slug=letter.slug,
        answer_id=str(answer.id),
        unsubscribe=_unsubscribe_path(comment, encryption),
    )


def _send_digest(told: list[tuple[Comment, Comment]], encryption: Encryption) -> None:
    comment = told[-1][0]
    opened = mailbox.decrypt_recipient(comment, encryption)
    if opened is None:
        return
    enqueue_message(
        "comment.digest",
        opened[0],
        encryption=encryption,
        about=f"comment:{comment.id}",
        letters=_group_by_letter([answer for _comment, answer in told[:MAX_DIGEST_REPLIES]]),
        more=str(len(told) - MAX_DIGEST_REPLIES) if len(told) > MAX_DIGEST_REPLIES else "",
        unsubscribe=f"/unsubscribe/all/{mailbox.make_unsubscribe_all_code(encryption, comment.email_hash or '')}",
    )


def _group_by_letter(answers: list[Comment]) -> list[dict[str, Any]]:
    listed: dict[int, list[str]] = {}
    for answer in answers:
        listed.setdefault(answer.letter_id, []).append(str(answer.id))
    letters = [(get_letter(letter_id), ids) for letter_id, ids in listed.items()]
    return [{"letter_title": of.title, "slug": of.slug, "answer_ids": ids} for of, ids in letters]


def _unsubscribe_path(comment: Comment, encryption: Encryption) -> str:
    return f"/unsubscribe/{comment.id}/{mailbox.make_unsubscribe_code(encryption, comment.id)}"


def delete_notifications_for_author(comment_id: int) -> None:
    """Tell the author of a comment nothing more of others."""
    for notice in email_queries.list_notifications_about(comment_id):
        if notice.comment_id == comment_id:
            session().delete(notice)


def delete_notifications_about_reply(reply_id: int) -> None:
    """Tell nobody of an answer any more."""
    for notice in email_queries.list_notifications_about(reply_id):
        if notice.reply_id == reply_id:
            session().delete(notice)


def delete_notifications(comment_id: int) -> None:
    """Tell nothing more about a comment, neither to its author nor to others."""
    for notice in email_queries.list_notifications_about(comment_id):
        session().delete(notice)
