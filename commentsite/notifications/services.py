"""Promise somebody a message, in the transaction that is the reason for it."""

import json
from collections.abc import Container
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from commentsite import clock, tokens
from commentsite.db import Base, serialize, session
from commentsite.errors import Conflict, require_found
from commentsite.notifications import queries
from commentsite.notifications.models import Message
from commentsite.vault import Vault

DAY = timedelta(days=1)
_PROMISE = insert(
    Base.metadata.tables[Message.__tablename__]
)  # with each comment, so composed once
NO_KEY = "LookupError"  # no key of this installation opens the message


def forget_messages(before: datetime) -> int:
    """Delete what is left of messages promised before a moment and settled; return how many there were."""
    messages = queries.settled_before(before)
    for message in messages:
        session().delete(message)
    return len(messages)


def forget_messages_about(about: str) -> None:
    """Delete messages about something that have not been sent; of one on its way stays that it left."""
    for message in queries.unsent_about(about):
        if message.state == "leased":
            message.state, message.payload_sealed, message.lease_until = "sent", None, None
        else:
            session().delete(message)


def take_back(about: str, kinds: Container[str], since: datetime) -> bool:
    """Delete messages of some kinds promised since a moment; say whether none has left."""
    promised = [m for m in queries.promised_about(about, since) if m.kind in kinds]
    for message in promised:
        if message.state == "waiting":
            session().delete(message)
    return all(message.state == "waiting" for message in promised)


def enqueue(  # noqa: PLR0913  # whom, of what, and how often at most
    kind: str,
    recipient: str,
    *,
    vault: Vault,
    about: str = "",
    limit_per_day: int | None = None,
    among: tuple[str, ...] | None = (),
    not_before: datetime | None = None,
    **context: Any,
) -> bool:
    """Store a message of a kind for `templates/mail/<kind>.txt`; False when its mailbox had enough today.

    The limit protects the owner of an address that somebody else typed. It counts messages of
    this kind, or of the kinds it is set `among`; of every kind when that is None.
    """
    now = clock.now()
    recipient_hash = _recipient_hash(recipient, vault)
    if limit_per_day is not None:
        serialize(f"mailbox:{recipient_hash}")  # two at once must not both be the first
        kinds = (kind,) if among == () else among
        if queries.count_since(recipient_hash, kinds, now - DAY) >= limit_per_day:
            return False
    session().flush()  # in the order in which everybody locks
    message = {
        "kind": kind,
        "about": about,
        "payload_sealed": vault.seal(json.dumps({"to": recipient, **context})),
        "recipient_hash": recipient_hash,
        "state": "waiting",
        "attempts": 0,
        "next_attempt_at": not_before or now,
        "message_id": tokens.new(),
        "created_at": now,
    }
    session().execute(_PROMISE, message)
    return True


def free_from(recipient: str, vault: Vault) -> datetime:
    """Return when a mailbox that had its message today may be written to again."""
    return (queries.last_to(_recipient_hash(recipient, vault)) or clock.now()) + DAY


def is_promised(about: str, kinds: tuple[str, ...]) -> bool:
    """Say whether a message of one of these kinds about something was promised in the last days."""
    return not queries.kinds_about(about).isdisjoint(kinds)


def try_again(message_id: int, *, limited: tuple[str, ...]) -> Message:
    """Let a message that was given up be sent after all; it counts as promised now.

    Raises NotFound when there is none, Conflict when it was not given up, when no key opens it,
    or when it is of a `limited` kind and its mailbox was promised another in the last day.
    """
    message = require_found(
        queries.message_for_update(message_id), "There is no such message any more."
    )
    if message.state != "failed" or message.payload_sealed is None:
        msg = "This message is not given up, or nothing of it is left to send."
        raise Conflict(msg)
    now = clock.now()
    had = queries.count_since(message.recipient_hash, None, now - DAY)
    if message.kind in limited and had > (message.created_at > now - DAY):
        msg = "We wrote to this address today already. Try again tomorrow."
        raise Conflict(msg)
    message.state, message.attempts, message.lease_until = "waiting", 0, None
    message.next_attempt_at = message.created_at = now
    return message


def _recipient_hash(recipient: str, vault: Vault) -> str:
    return vault.keyed_hash("recipient", recipient.lower())
