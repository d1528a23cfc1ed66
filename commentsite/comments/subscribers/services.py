"""Take subscriptions, confirm, change and end them.

A subscription begins with a form that anybody can send with any address, so that it counts only when the owner of the
mailbox confirms it. The site's answer to the form is the same for every address. Until the first confirmation a
mailbox gets at most one email in LIMIT_WINDOW from this site, and afterwards at most one request to confirm.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from commentsite import clock, tokens
from commentsite.comments.emails.confirmation import MAX_UNCONFIRMED_PER_HOUR
from commentsite.comments.emails.mailbox import REQUEST_KIND, UNREQUESTED_KINDS
from commentsite.comments.emails.subscriptions import next_digest_at
from commentsite.comments.hashing import hash_email
from commentsite.comments.screening.queries import is_email_confirmed
from commentsite.comments.subscribers import queries
from commentsite.comments.subscribers.models import (
    DigestFrequency,
    ReaderSubscription,
    Subscriber,
)
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid, NotFound
from commentsite.letters.models import Letter
from commentsite.notifications.outbox import (
    delete_unsent_messages,
    enqueue_message,
    next_slot,
)
from commentsite.tokens import hash_token

MAX_SUBSCRIPTIONS = 100  # of one mailbox, confirmed or not
MAX_TOPIC_LENGTH = 60
MIN_INTERVAL = timedelta(hours=1)  # between two emails of one subscription


@dataclass(frozen=True)
class SubscriptionRequest:
    """The fields of the form. `letter` is that whose comments are asked for, or None for new letters."""

    letter: Letter | None
    topic: str
    frequency: DigestFrequency
    language: str = ""  # of the emails; empty: that of the site


def request_subscription(
    email: str, requested: SubscriptionRequest, *, encryption: Encryption
) -> None:
    """Store a subscription that waits for its confirmation, and email the link to confirm it.

    Asking again changes nothing, and sends the link again if the mailbox had none within a day.
    """
    letter, topic = requested.letter, requested.topic
    subscriber = _find_or_add_subscriber(email, encryption)
    subscriptions = queries.list_subscriptions(subscriber.id)
    if not any(s.confirmed_at for s in subscriptions):
        subscriber.language = requested.language
    letter_id = letter.id if letter else None
    is_new = all((s.letter_id, s.topic) != (letter_id, topic) for s in subscriptions)
    if is_new and len(subscriptions) < MAX_SUBSCRIPTIONS:
        now = clock.now()
        session().add(
            ReaderSubscription(
                subscriber_id=subscriber.id,
                letter_id=letter_id,
                topic=topic,
                frequency=requested.frequency.value,
                created_at=now,
                notified_until=now,
                next_at=now,
            )
        )
        session().flush()
    is_confirmed = any(s.confirmed_at for s in subscriptions) or is_email_confirmed(
        hash_email(encryption, email)
    )
    enqueue_message(
        REQUEST_KIND,
        email,
        encryption=encryption,
        about=describe_subscriber(subscriber.id),
        limit_per_day=1,
        counted_kinds=(REQUEST_KIND,) if is_confirmed else None,
        not_before=None
        if is_confirmed
        else next_slot(UNREQUESTED_KINDS, per_hour=MAX_UNCONFIRMED_PER_HOUR),
        language=subscriber.language,
        letter_title=letter.title if letter else "",
        topic=topic,
        token=decrypt_token(subscriber, encryption),
    )


def confirm_subscriptions(token: str, subscription_ids: set[int], *, language: str) -> None:
    """Confirm those of a mailbox's subscriptions that its owner chose. Raises Invalid if there are none.

    `language` is that of the page, and from now on of the emails: a stranger may have sent the form.
    """
    chosen = [s for s in _list_for_update(token) if s.id in subscription_ids]
    if not chosen:
        msg = "Choose at least one subscription."
        raise Invalid(msg, field="subscription")
    now = clock.now()
    queries.get_subscriber_for_update(hash_token(token)).language = language
    for subscription in chosen:
        if subscription.confirmed_at is None:
            subscription.confirmed_at = subscription.notified_until = now
            subscription.next_at = _find_first_time(subscription, now)


def change_subscription(
    token: str, subscription_id: int, *, topic: str, frequency: DigestFrequency, language: str
) -> None:
    """Change the topic of new letters, or how often comments are sent. `language` is that of the page."""
    subscriptions = _list_for_update(token)
    subscription = _find_own(subscriptions, subscription_id)
    has_same = any(
        s.letter_id is None and s.topic == topic and s.id != subscription_id for s in subscriptions
    )
    if subscription.letter_id is None and has_same:
        msg = "You have a subscription like this already."
        raise Conflict(msg)
    queries.get_subscriber_for_update(hash_token(token)).language = language
    if subscription.letter_id is None:
        subscription.topic = topic
    else:
        subscription.frequency = frequency.value
        subscription.next_at = _find_first_time(subscription, clock.now())


def end_subscription(token: str, subscription_id: int) -> None:
    """Delete a subscription, and the address with the last one. Does nothing if it ended before."""
    subscriptions = _list_for_update(token)
    for subscription in subscriptions:
        if subscription.id == subscription_id:
            session().delete(subscription)
            if len(subscriptions) == 1:
                _delete_subscriber(subscription.subscriber_id)


def end_all_subscriptions(token: str) -> None:
    """Delete every subscription of a mailbox, its address, and the emails that wait for it."""
    subscriber = queries.get_subscriber_for_update(hash_token(token))
    for subscription in queries.list_subscriptions(subscriber.id):
        session().delete(subscription)
    _delete_subscriber(subscriber.id)


def purge_unconfirmed_subscriptions(before: datetime) -> int:
    """Delete subscriptions that were not confirmed. Return their number."""
    unconfirmed = queries.list_unconfirmed_before(before)
    for subscription in unconfirmed:
        session().delete(subscription)
    return len(unconfirmed)


def purge_unused_addresses(_now: datetime) -> int:
    """Delete the addresses of mailboxes whose last subscription ended by itself. Return their number."""
    subscribers = queries.list_without_subscription()
    for subscriber in subscribers:
        session().delete(subscriber)
    return len(subscribers)


def find_next_time(subscription: ReaderSubscription, now: datetime) -> datetime:
    """Return when the next email may leave after one that leaves now."""
    return next_digest_at(now) if _is_daily(subscription) else now + MIN_INTERVAL


def _find_first_time(subscription: ReaderSubscription, now: datetime) -> datetime:
    return next_digest_at(now) if _is_daily(subscription) else now


def _is_daily(subscription: ReaderSubscription) -> bool:
    is_about_comments = subscription.letter_id is not None
    return is_about_comments and subscription.frequency == DigestFrequency.DAILY


def describe_subscriber(subscriber_id: int) -> str:
    """Return the `about` of the emails to a subscriber."""
    return f"subscriber:{subscriber_id}"


def decrypt_token(subscriber: Subscriber, encryption: Encryption) -> str:
    """Return the token of the links to a subscriber. Raises Conflict if no key decrypts it."""
    token = encryption.decrypt(subscriber.token_sealed)
    if token is None:
        msg = "The encryption key of this subscription is missing."
        raise Conflict(msg)
    return token


def _find_or_add_subscriber(email: str, encryption: Encryption) -> Subscriber:
    email_hash = hash_email(encryption, email)
    acquire_advisory_lock(f"subscriber:{email_hash}")
    subscriber = queries.find_subscriber_by_email(email_hash)
    if subscriber is None:
        token = tokens.new_token()
        subscriber = Subscriber(
            email_sealed=encryption.encrypt(email),
            email_hash=email_hash,
            token_sealed=encryption.encrypt(token),
            token_hash=hash_token(token),
            created_at=clock.now(),
        )
        session().add(subscriber)
        session().flush()
    return subscriber


def _list_for_update(token: str) -> list[ReaderSubscription]:
    return queries.list_subscriptions(queries.get_subscriber_for_update(hash_token(token)).id)


def _find_own(subscriptions: list[ReaderSubscription], subscription_id: int) -> ReaderSubscription:
    for subscription in subscriptions:
        if subscription.id == subscription_id:
            return subscription
    msg = "This subscription has ended."
    raise NotFound(msg)


def _delete_subscriber(subscriber_id: int) -> None:
    session().flush()
    delete_unsent_messages(describe_subscriber(subscriber_id))
    for subscriber in queries.list_subscribers_by_id({subscriber_id}).values():
        session().delete(subscriber)
