"""Enqueue emails in the transaction of the change that causes them, and cancel, repeat or purge them.

If the transaction is rolled back, no email is sent. The worker sends the stored messages (see `delivery`).
"""

import json
from collections import Counter
from collections.abc import Container, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from commentsite import clock, tokens
from commentsite.db.base import Base
from commentsite.db.session import acquire_advisory_lock, acquire_advisory_locks, session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, require_found
from commentsite.notifications import queries as notification_queries
from commentsite.notifications.models import Message, MessageState

LIMIT_WINDOW = timedelta(days=1)
DECRYPTION_FAILED = "LookupError"  # `last_error` of a message that no secret decrypts
# It runs with each comment, so it is built once.
_INSERT_MESSAGE = insert(Base.metadata.tables[Message.__tablename__])


class MessageBatch:
    """Messages to several recipients, whose limits are read together and whose rows are written together.

    It locks the mailboxes of all recipients until the end of the transaction. Messages that are enqueued without
    the batch meanwhile are not counted.
    """

    def __init__(self, recipients: Iterable[str], encryption: Encryption) -> None:
        self._rows: list[dict[str, Any]] = []
        every_hash = [_hash_recipient(recipient, encryption) for recipient in recipients]
        hashes = sorted(set(every_hash))
        acquire_advisory_locks([f"mailbox:{recipient_hash}" for recipient_hash in hashes])
        self._since = clock.now() - LIMIT_WINDOW
        self._counts = notification_queries.count_messages_by_recipient(hashes, self._since)
        self._size = len(every_hash)  # at most this many messages
        self._times: dict[tuple[str, ...], tuple[int, list[datetime]]] = {}
        self._added: Counter[str] = Counter()  # by kind

    def count(self, recipient_hash: str, kinds: tuple[str, ...] | None) -> int:
        """Return what `count_messages_to` returns, with the messages of the batch."""
        counts = self._counts.get(recipient_hash, Counter())
        return sum(count for kind, count in counts.items() if kinds is None or kind in kinds)

    def find_nth_newest_time(self, kinds: tuple[str, ...], position: int) -> datetime | None:
        """Return what the query of this name returns, with the messages of the batch."""
        if kinds not in self._times:
            first = max(1, position - self._size)
            times = notification_queries.list_newest_times(kinds, first, position, self._since)
            self._times[kinds] = first, times
        first, times = self._times[kinds]
        added = sum(map(self._added.__getitem__, kinds))
        index = position - added - first
        return times[index] if 0 <= index < len(times) else None

    def add(self, row: dict[str, Any]) -> None:
        """Add the row of a message."""
        self._rows.append(row)
        self._counts.setdefault(row["recipient_hash"], Counter())[row["kind"]] += 1
        self._added[row["kind"]] += 1

    def store(self) -> None:
        """Write the messages. Call it once, when all are enqueued."""
        if self._rows:
            session().flush()
            session().execute(_INSERT_MESSAGE, self._rows)


def enqueue_message(  # noqa: PLR0913  # recipient, content and limits of a message
    kind: str,
    recipient: str,
    *,
    encryption: Encryption,
    about: str = "",
    limit_per_day: int | None = None,
    counted_kinds: tuple[str, ...] | None = (),
    not_before: datetime | None = None,
    batch: MessageBatch | None = None,
    **context: Any,
) -> bool:
    """Store an email that renders `templates/mail/<kind>.txt` with the context.

    Return False, and store nothing, if the recipient reached `limit_per_day`. The limit protects the owner of
    an address that another person typed. It counts messages of this kind, or those of `counted_kinds`, or all
    messages if `counted_kinds` is None. A message of a `batch` is stored with the others of it.
    """
    now = clock.now()
    recipient_hash = _hash_recipient(recipient, encryption)
    if limit_per_day is not None:
        kinds = (kind,) if counted_kinds == () else counted_kinds
        if _count_recent(recipient_hash, kinds, batch) >= limit_per_day:
            return False
    if batch is None:
        session().flush()  # every transaction locks its rows before the outbox, so that none can deadlock
    message = {
        "kind": kind,
        "about": about,
        "payload_sealed": encryption.encrypt(json.dumps({"to": recipient, **context})),
        "recipient_hash": recipient_hash,
        "state": MessageState.WAITING.value,
        "attempts": 0,
        "next_attempt_at": not_before or now,
        "message_id": tokens.new_token(),
        "created_at": now,
    }
    if batch is None:
        session().execute(_INSERT_MESSAGE, message)
    else:
        batch.add(message)
    return True


def _count_recent(
    recipient_hash: str, kinds: tuple[str, ...] | None, batch: MessageBatch | None
) -> int:
    if batch is not None:
        return batch.count(recipient_hash, kinds)
    # Without the lock two transactions at once could both see a count below the limit.
    acquire_advisory_lock(f"mailbox:{recipient_hash}")
    since = clock.now() - LIMIT_WINDOW
    return notification_queries.count_messages_to(recipient_hash, kinds, since)


def next_allowed_at(recipient: str, encryption: Encryption) -> datetime:
    """Return when a recipient who reached a limit of one message per day can receive the next."""
    recipient_hash = _hash_recipient(recipient, encryption)
    last = notification_queries.find_last_message_time(recipient_hash)
    return (last or clock.now()) + LIMIT_WINDOW


def next_slot(
    kinds: tuple[str, ...], *, per_hour: int, batch: MessageBatch | None = None
) -> datetime:
    """Return when one more message of these kinds may leave, if the site sends at most `per_hour` of them.

    Messages beyond the limit are not lost. They wait in the outbox, an hour after the one that far before them.
    """
    now = clock.now()
    if batch is not None:
        earlier = batch.find_nth_newest_time(kinds, per_hour)
    else:
        earlier = notification_queries.find_nth_newest_time(kinds, per_hour, now - LIMIT_WINDOW)
    return max(now, earlier + timedelta(hours=1)) if earlier else now


def is_enqueued(about: str, kinds: tuple[str, ...]) -> bool:
    """Return whether the outbox holds a message of these kinds about an object, sent or not."""
    return not notification_queries.find_message_kinds(about).isdisjoint(kinds)


def delete_unsent_messages(about: str) -> None:
    """Delete the messages about an object that have not been sent.

    A worker may be sending a leased message at this moment, so it counts as sent. Its payload is deleted.
    """
    for message in notification_queries.lock_unsent_messages(about):
        if message.state == MessageState.LEASED:
            message.state, message.payload_sealed, message.lease_until = (
                MessageState.SENT,
                None,
                None,
            )
        else:
            session().delete(message)


def cancel_messages(about: str, kinds: Container[str], since: datetime) -> bool:
    """Delete waiting messages of these kinds that were enqueued since a moment.

    Return False if at least one of them could not be cancelled, because its delivery began.
    """
    messages = [
        m for m in notification_queries.lock_messages_since(about, since) if m.kind in kinds
    ]
    for message in messages:
        if message.state == MessageState.WAITING:
            session().delete(message)
    return all(message.state == MessageState.WAITING for message in messages)


def requeue_message(message_id: int, *, rate_limited_kinds: tuple[str, ...]) -> Message:
    """Send a failed message again. It counts as enqueued now.

    Raises NotFound if it does not exist. Raises Conflict if it did not fail, if no payload remains, or if it is
    of one of `rate_limited_kinds` and its recipient was sent another message within LIMIT_WINDOW.
    """
    message = require_found(
        notification_queries.get_message_for_update(message_id),
        "This email no longer exists.",
    )
    if message.state != MessageState.FAILED or message.payload_sealed is None:
        msg = "This email cannot be sent again: it did not fail, or its text has been deleted."
        raise Conflict(msg)
    now = clock.now()
    since = now - LIMIT_WINDOW
    enqueued = notification_queries.count_messages_to(message.recipient_hash, None, since)
    own = 1 if message.created_at > since else 0  # the count includes this message if it is recent
    if message.kind in rate_limited_kinds and enqueued > own:
        msg = "This address already received an email today. Try again tomorrow."
        raise Conflict(msg)
    message.state, message.attempts, message.lease_until = MessageState.WAITING, 0, None
    message.next_attempt_at = message.created_at = now
    return message


def purge_messages(before: datetime) -> int:
    """Delete sent and failed messages that were enqueued before a moment, and return their number."""
    messages = notification_queries.list_finished_messages(before)
    for message in messages:
        session().delete(message)
    return len(messages)


def _hash_recipient(recipient: str, encryption: Encryption) -> str:
    return encryption.keyed_hash("recipient", recipient.lower())
