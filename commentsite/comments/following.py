"""What somebody hears about a comment of theirs: answers, its thread, its letter's closing; at once or once a day."""

from datetime import datetime, timedelta
from typing import Any

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record
from commentsite.comments import mailing, queries, walks
from commentsite.comments.models import Comment, Notice
from commentsite.comments.states import CommentState
from commentsite.db import serialize, session
from commentsite.errors import Conflict, Invalid
from commentsite.letters.queries import letter_by_id
from commentsite.notifications.services import enqueue, is_promised
from commentsite.vault import Vault

CHOICES = ("", "answers", "thread")
AT_ONCE = ("comment.answered", "comment.thread")
MOST_AT_ONCE = 10  # messages a day to one mailbox; what is more comes in the next daily one
DIGEST_HOUR = 6  # UTC
MOST_LISTED = 100
SOON = timedelta(hours=48)


def choose(comment: Comment, follow: str, *, is_daily: bool, closing: bool, by: Actor) -> None:
    """Take over what its author wants to hear of; an address that never answered is asked to confirm first.

    Raises Invalid on a choice that is none, Conflict when there is no address to write to.
    """
    if comment.email_hash is None:
        msg = "The address of this comment is deleted; there is nobody to write to."
        raise Conflict(msg)
    if follow not in CHOICES:
        msg = "Choose one of these."
        raise Invalid(msg, field="follow")
    if (comment.follow, comment.follow_daily, comment.follow_closing) == (
        follow,
        is_daily,
        closing,
    ):
        return
    comment.follow, comment.follow_daily, comment.follow_closing = follow, is_daily, closing
    if not follow:
        mailing.forget_notices_to(comment.id)
    about = f"comment:{comment.id}"
    if (
        (follow or closing)
        and comment.ask_at is None
        and not mailing.is_confirmed(comment)
        and not is_promised(about, mailing.ASKING)
    ):
        comment.ask_at = clock.now()
    codes = {"follow": follow or "nothing", "daily": int(is_daily), "closing": int(closing)}
    record(by.label, "comment.followed", about, state=str(comment.state), **codes)


def stop(comment: Comment, *, by: Actor) -> None:
    """Write to its author about what is decided only."""
    if is_following(comment):
        _stop(comment)
        record(by.label, "comment.unsubscribed", f"comment:{comment.id}", state=str(comment.state))


def stop_all(email_hash: str, *, by: Actor) -> None:
    """Stop it for every comment sent from one address; the log does not say which these are."""
    followed = walks.followed_by(email_hash)
    for comment in followed:
        _stop(comment)
    if followed:
        record(by.label, "mailbox.unsubscribed", "mailbox")


def is_following(comment: Comment) -> bool:
    """Say whether its author hears of more than decisions."""
    return bool(comment.follow or comment.follow_closing)


def note_published(answer: Comment, not_before: datetime | None = None) -> None:
    """Remember who is to hear of a comment that has just been published, each mailbox once."""
    if answer.root_id is None:
        return
    now, told = not_before or clock.now(), set()
    for follower in walks.followers_of(answer):
        if follower.email_hash in told:
            continue
        told.add(follower.email_hash)
        daily = follower.follow_daily
        due = next_digest(now) if daily else now
        session().add(
            Notice(comment_id=follower.id, answer_id=answer.id, is_daily=daily, due_at=due)
        )


def tell_due(email_hash: str, vault: Vault) -> int:
    """Write to one mailbox what is due: at once each by itself, the rest in one message."""
    serialize(f"notices:{email_hash}")
    now = clock.now()
    daily: list[tuple[Comment, Comment]] = []
    done = 0
    for notice, comment, answer in walks.due_under(email_hash, now):
        is_wanted = comment.follow and {comment.state, answer.state} == {CommentState.PUBLISHED}
        if is_wanted and not notice.is_daily:
            if not _tell_at_once(comment, answer, vault):
                notice.is_daily, notice.due_at = True, next_digest(now)
                continue
            done += 1
        elif is_wanted:
            daily.append((comment, answer))
        session().delete(notice)
    if daily:
        _tell_digest(daily, vault)
    return done + bool(daily)


def tell_closing(comment_id: int, vault: Vault) -> int:
    """Write that a letter closes soon, once to a mailbox for each closing time."""
    comment = queries.comment_for_update(comment_id)
    letter = letter_by_id(comment.letter_id)
    closes, email_hash = letter.comments_close_at, comment.email_hash
    opened = mailing.opened_for(comment, vault)
    if closes is None or email_hash is None or not comment.follow_closing:
        return 0
    serialize(f"closing:{email_hash}")
    is_told = walks.is_told_of_closing(letter.id, email_hash, closes)
    comment.closing_told = closes
    if is_told or opened is None:
        return 0
    enqueue(
        "comment.closing",
        opened[0],
        vault=vault,
        about=f"comment:{comment.id}",
        letter_title=letter.title,
        slug=letter.slug,
        closes=in_words(closes),
        unsubscribe=_unsubscribe(comment, vault),
    )
    return 1


def next_digest(now: datetime) -> datetime:
    """Return when the next daily message leaves."""
    at = now.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    return at if at > now else at + timedelta(days=1)


def in_words(moment: datetime) -> str:
    """Return a moment to the minute, with its zone, as messages say it."""
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def _stop(comment: Comment) -> None:
    comment.follow, comment.follow_closing = "", False
    mailing.forget_notices_to(comment.id)


def _tell_at_once(comment: Comment, answer: Comment, vault: Vault) -> bool:
    opened = mailing.opened_for(comment, vault)
    if opened is None:
        return True  # no key of ours opens the address, and none ever will
    letter = letter_by_id(comment.letter_id)
    return enqueue(
        "comment.answered" if answer.parent_id == comment.id else "comment.thread",
        opened[0],
        vault=vault,
        about=f"comment:{comment.id}",
        limit_per_day=MOST_AT_ONCE,
        among=AT_ONCE,
        letter_title=letter.title,
        slug=letter.slug,
        answer_id=str(answer.id),
        unsubscribe=_unsubscribe(comment, vault),
    )


def _tell_digest(told: list[tuple[Comment, Comment]], vault: Vault) -> None:
    comment = told[-1][0]
    opened = mailing.opened_for(comment, vault)
    if opened is None:
        return
    enqueue(
        "comment.digest",
        opened[0],
        vault=vault,
        about=f"comment:{comment.id}",
        letters=_by_letter([answer for _comment, answer in told[:MOST_LISTED]]),
        more=str(len(told) - MOST_LISTED) if len(told) > MOST_LISTED else "",
        unsubscribe=f"/unsubscribe/all/{mailing.mailbox_code(vault, comment.email_hash or '')}",
    )


def _by_letter(answers: list[Comment]) -> list[dict[str, Any]]:
    listed: dict[int, list[str]] = {}
    for answer in answers:
        listed.setdefault(answer.letter_id, []).append(str(answer.id))
    letters = [(letter_by_id(letter_id), ids) for letter_id, ids in listed.items()]
    return [{"letter_title": of.title, "slug": of.slug, "answer_ids": ids} for of, ids in letters]


def _unsubscribe(comment: Comment, vault: Vault) -> str:
    return f"/unsubscribe/{comment.id}/{mailing.unsubscribe_code(vault, comment.id)}"
