"""Promise somebody a message, in the transaction that is the reason for it."""

import json
from datetime import datetime, timedelta

from commentsite import clock, tokens
from commentsite.db import session
from commentsite.notifications import queries
from commentsite.notifications.models import Message
from commentsite.vault import Vault


def forget_messages(before: datetime) -> int:
    """Delete what is left of messages promised before a moment and settled; return how many there were."""
    messages = queries.settled_before(before)
    for message in messages:
        session().delete(message)
    return len(messages)


def forget_messages_about(about: str) -> None:
    """Delete messages about something that have not been sent."""
    for message in queries.unsent_about(about):
        session().delete(message)


def enqueue(
    kind: str,
    recipient: str,
    *,
    vault: Vault,
    about: str = "",
    limit_per_day: int | None = None,
    **context: str,
) -> Message | None:
    """Store a message of a kind for `templates/mail/<kind>.txt`; None when its mailbox had enough of the kind today.

    The limit protects the owner of an address that somebody else typed.
    """
    now = clock.now()
    recipient_hash = vault.keyed_hash("recipient", recipient.lower())
    if (
        limit_per_day is not None
        and queries.count_since(recipient_hash, kind, now - timedelta(days=1)) >= limit_per_day
    ):
        return None
    message = Message(
        kind=kind,
        about=about,
        payload_sealed=vault.seal(json.dumps({"to": recipient, **context})),
        recipient_hash=recipient_hash,
        state="waiting",
        attempts=0,
        next_attempt_at=now,
        message_id=tokens.new(),
        created_at=now,
    )
    session().add(message)
    session().flush()
    return message
