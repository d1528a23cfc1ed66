"""Promise somebody a message, in the transaction that is the reason for it."""

import json
from collections.abc import Container
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from commentsite import clock, tokens
from commentsite.db.base import Base
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, require_found
from commentsite.notifications import queries as notification_queries
from commentsite.notifications.models import Message

LIMIT_WINDOW = timedelta(days=1)
_INSERT_MESSAGE = insert(
    Base.metadata.tables[Message.__tablename__]
)  # with each comment, so composed once
DECRYPTION_FAILED = "LookupError"  # no key of this installation opens the message


def purge_messages(before: datetime) -> int:
    """Delete what is left of messages promised before a moment and settled; return how many there were."""
    messages = notification_queries.list_finished_messages(before)
    for message in messages:
        session().delete(message)
    return len(messages)


def delete_unsent_messages(about: str) -> None:
    """Delete messages about something that have not been sent; of one on its way stays that it left."""
    for message in notification_queries.lock_unsent_messages(about):
        if message.state == "leased":
            message.state, message.payload_sealed, message.lease_until = "sent", None, None
        else:
            session().delete(message)


def cancel_messages(about: str, kinds: Container[str], since: datetime) -> bool:
    """Delete messages of some kinds promised since a moment; say whether none has left."""
    promised = [
        m for m in notification_queries.lock_messages_since(about, since) if m.kind in kinds
    ]
    for message in promised:
        if message.state == "waiting":
            session().delete(message)
    return all(message.state == "waiting" for message in promised)


def enqueue_message(  # noqa: PLR0913  # whom, of what, and how often at most
    kind: str,
    recipient: str,
    *,
    encryption: Encryption,
    about: str = "",
    limit_per_day: int | None = None,
    counted_kinds: tuple[str, ...] | None = (),
    not_before: datetime | None = None,
    **context: Any,
) -> bool:
    """Store a message of a kind for `templates/mail/<kind>.txt`; False when its mailbox had enough today.

    The limit protects the owner of an address that somebody else typed. It counts messages of
    this kind, or of the kinds it is set `among`; of every kind when that is None.
    """
    now = clock.now()
    recipient_hash = _hash_recipient(recipient, encryption)
    if limit_per_day is not None:
        acquire_advisory_lock(f"mailbox:{recipient_hash}")  # two at once must not both be the first
        kinds = (kind,) if counted_kinds == () else counted_kinds
        if (
            notification_queries.count_messages_to(recipient_hash, kinds, now - LIMIT_WINDOW)
            >= limit_per_day
        ):
            return False
    session().flush()  # in the order in which everybody locks
    message = {
        "kind": kind,
        "about": about,
        "payload_sealed": encryption.encrypt(json.dumps({"to": recipient, **context})),
        "recipient_hash": recipient_hash,
        "state": "waiting",
        "attempts": 0,
        "next_attempt_at": not_before or now,
        "message_id": tokens.new_token(),
        "created_at": now,
    }
    session().execute(_INSERT_MESSAGE, message)
    return True


def next_allowed_at(recipient: str, encryption: Encryption) -> datetime:
    """Return when a mailbox that had its message today may be written to again."""
    return (
        notification_queries.find_last_message_time(_hash_recipient(recipient, encryption))
        or clock.now()
    ) + LIMIT_WINDOW


def is_enqueued(about: str, kinds: tuple[str, ...]) -> bool:
    """Say whether a message of one of these kinds about something was promised in the last days."""
    return not notification_queries.find_message_kinds(about).isdisjoint(kinds)


def requeue_message(message_id: int, *, rate_limited_kinds: tuple[str, ...]) -> Message:
    """Let a message that was given up be sent after all; it counts as promised now.

    Raises NotFound when there is none, Conflict when it was not given up, when no key opens it,
    or when it is of a `limited` kind and its mailbox was promised another in the last day.
    """
    message = require_found(
        notification_queries.get_message_for_update(message_id),
        "There is no such message any more.",
    )
    if message.state != "failed" or message.payload_sealed is None:
        msg = "This message is not given up, or nothing of it is left to send."
        raise Conflict(msg)
    now = clock.now()
    had = notification_queries.count_messages_to(message.recipient_hash, None, now - LIMIT_WINDOW)
    if message.kind in rate_limited_kinds and had > (message.created_at > now - LIMIT_WINDOW):
        msg = "We wrote to this address today already. Try again tomorrow."
        raise Conflict(msg)
    message.state, message.attempts, message.lease_until = "waiting", 0, None
    message.next_attempt_at = message.created_at = now
    return message


def _hash_recipient(recipient: str, encryption: Encryption) -> str:
    return encryption.keyed_hash("recipient", recipient.lower())
