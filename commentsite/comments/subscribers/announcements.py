"""Send subscribers what is new: letters as they are published, and the comments on a letter once an hour or a day.

The worker handles a few subscriptions in each transaction, so that a letter with very many subscribers keeps neither
a request nor the write lock of SQLite. It fills the outbox only while few of these emails wait there. Other emails,
such as a link for a new password, therefore never wait behind thousands, and a mail server that is down does not
make the outbox grow. Each subscription remembers until when its news was sent, so nothing is lost meanwhile.
"""

from datetime import datetime, timedelta
from typing import Any

from commentsite import clock
from commentsite.comments.subscribers import queries
from commentsite.comments.subscribers.models import ReaderSubscription, Subscriber
from commentsite.comments.subscribers.services import (
    decrypt_token,
    describe_subscriber,
    find_next_time,
)
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.letters.models import Letter
from commentsite.letters.queries import get_letter
from commentsite.letters.states import LetterState
from commentsite.notifications.outbox import enqueue_message
from commentsite.notifications.queries import count_waiting_messages

BULK_KINDS = ("subscription.letters", "subscription.comments", "subscription.withdrawn")
MAX_WAITING = 200  # emails of these kinds in the outbox
BATCH_SIZE = 50  # subscriptions in one transaction
MAX_LETTERS = 20  # in one email
#: A moderator can undo a decision for some seconds, so very new comments wait for the next email.
SETTLING_TIME = timedelta(minutes=1)


def count_free_places() -> int:
    """Return how many of these emails the outbox may take now."""
    return max(0, MAX_WAITING - count_waiting_messages(BULK_KINDS))


def announce_letters(limit: int, encryption: Encryption) -> int:
    """Enqueue emails about new letters to at most `limit` subscriptions. Return the number of subscriptions."""
    now = clock.now()
    due = queries.list_due_letter_subscriptions(now, min(limit, BATCH_SIZE))
    if not due:
        return 0
    oldest = min(subscription.notified_until for subscription in due)
    letters = queries.list_letters_published_between(oldest, now, limit=200)
    subscribers = queries.list_subscribers_by_id({s.subscriber_id for s in due})
    for subscription in due:
        wanted = [letter for letter in letters if _is_wanted(letter, subscription)]
        if wanted:
            _send(
                "subscription.letters",
                subscription,
                subscribers[subscription.subscriber_id],
                encryption,
                letters=[_describe(letter) for letter in wanted[:MAX_LETTERS]],
                more=str(max(0, len(wanted) - MAX_LETTERS) or ""),
                topic=subscription.topic,
            )
        subscription.notified_until = now
        if wanted:
            subscription.next_at = find_next_time(subscription, now)
    return len(due)


def announce_comments(letter_id: int, limit: int, encryption: Encryption) -> int:
    """Enqueue emails about what is new at one letter to at most `limit` subscriptions. Return their number."""
    now = clock.now()
    until = now - SETTLING_TIME
    due = queries.list_due_comment_subscriptions(letter_id, now, until, min(limit, BATCH_SIZE))
    subscribers = queries.list_subscribers_by_id({s.subscriber_id for s in due})
    letter = get_letter(letter_id) if due else None
    for subscription in due:
        if letter is not None:
            subscriber = subscribers[subscription.subscriber_id]
            _send_news(letter, subscription, subscriber, until, encryption)
    return len(due)


def _send_news(
    letter: Letter,
    subscription: ReaderSubscription,
    subscriber: Subscriber,
    until: datetime,
    encryption: Encryption,
) -> None:
    """Tell one subscriber about new comments, a correction, or the withdrawal, which ends the subscription."""
    common = {"letter_title": letter.title, "slug": letter.slug}
    if letter.state == LetterState.WITHDRAWN:
        _send(
            "subscription.withdrawn",
            subscription,
            subscriber,
            encryption,
            note=letter.withdrawal_reason,
            **common,
        )
        session().delete(subscription)
        return
    since = subscription.notified_until
    count, first_id = queries.find_comment_news(letter.id, since, until)
    correction = queries.find_correction(letter.id, since, until)
    _send(
        "subscription.comments",
        subscription,
        subscriber,
        encryption,
        count=str(count or ""),
        answer_id=str(first_id or ""),
        note=correction.change_note if correction else "",
        version=str(correction.number) if correction else "",
        frequency=subscription.frequency,
        **common,
    )
    subscription.notified_until = until
    subscription.next_at = find_next_time(subscription, clock.now())


def _send(
    kind: str,
    subscription: ReaderSubscription,
    subscriber: Subscriber,
    encryption: Encryption,
    **context: Any,
) -> None:
    email = encryption.decrypt(subscriber.email_sealed)
    if email is None:
        return  # The site has lost the key of the address.
    about = ""
    if kind != "subscription.withdrawn":  # the subscription has ended, and the address goes soon
        token, about = decrypt_token(subscriber, encryption), describe_subscriber(subscriber.id)
        context["unsubscribe"] = f"/subscriptions/{token}?end={subscription.id}"
    enqueue_message(
        kind,
        email,
        encryption=encryption,
        about=about,
        language=subscriber.language,
        **context,
    )


def _is_wanted(letter: Letter, subscription: ReaderSubscription) -> bool:
    is_new = letter.published_at is not None and letter.published_at > subscription.notified_until
    topics = {topic.lower() for topic in letter.topics}
    return is_new and (not subscription.topic or subscription.topic.lower() in topics)


def _describe(letter: Letter) -> dict[str, str]:
    return {
        "letter_title": letter.title,
        "slug": letter.slug,
        "authors": ", ".join(author.name for author in letter.authors),
        "standfirst": letter.standfirst,
    }
