"""Send what was promised: lease, send, remember; try again later, give up in the open."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import sleep as pause
from typing import Any

from sqlalchemy.exc import DBAPIError

from commentsite import clock
from commentsite.db.session import session, transaction
from commentsite.encryption import Encryption
from commentsite.notifications import queries as notification_queries
from commentsite.notifications.outbox import DECRYPTION_FAILED

RETRY_DELAYS = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 480))
LEASE_TTL = timedelta(minutes=2)
MAX_RECORD_ATTEMPTS = 100  # times, a second apart, within the lease


@dataclass(frozen=True)
class OutgoingEmail:
    """A message ready to leave."""

    to: str
    subject: str
    text: str
    message_id: str  # the same at every attempt, so that a mailbox can tell a repeat
    unsubscribe_path: str = ""  # the path that ends such messages
    about: str = ""  # such as comment:12


def deliver_due_messages(
    *,
    encryption: Encryption,
    render: Callable[[str, dict[str, Any]], tuple[str, str]],
    send: Callable[[OutgoingEmail], None],
    limit: int = 20,
) -> int:
    """Send what is due and return how many went out.

    Delivery is at least once: a worker killed between sending and remembering sends again.
    """
    until = clock.now() + LEASE_TTL
    if not notification_queries.is_any_due(until - LEASE_TTL):
        return 0
    with transaction():
        ids = notification_queries.lease_due_messages(until - LEASE_TTL, until, limit)
    return sum(_deliver_one(message_id, until, encryption, render, send) for message_id in ids)


def _deliver_one(
    message_id: int,
    until: datetime,
    encryption: Encryption,
    render: Callable[[str, dict[str, Any]], tuple[str, str]],
    send: Callable[[OutgoingEmail], None],
) -> bool:
    message = notification_queries.find_message(message_id)
    if message is None or message.lease_until != until or clock.now() >= until:
        return False  # those before it were slow: it is somebody else's now, or anybody's
    if message.attempts > len(RETRY_DELAYS) + 1:
        with transaction():
            _record_result(message_id, until, "WorkerLost")
        return False
    text = encryption.decrypt(message.payload_sealed) if message.payload_sealed else None
    error = ""
    try:
        context = _parse_context(text)
        to = context.pop("to")
        subject, body = render(message.kind, context)
        stop = context.get("unsubscribe", "")
        outgoing = OutgoingEmail(to, subject, body, message.message_id, stop, message.about)
        session().rollback()  # nothing is open in the database while a mail server is waited for
        send(outgoing)
    except Exception as problem:  # noqa: BLE001  # whatever a mail server does must not stop the others
        error = type(problem).__name__
    _record_result_persistently(message_id, until, error)
    return not error


def _record_result_persistently(message_id: int, until: datetime, error: str) -> None:
    """Remember, also past a database that is locked, full or away for a while: what is forgotten is sent twice."""
    for left in reversed(range(MAX_RECORD_ATTEMPTS)):
        try:
            with transaction():
                _record_result(message_id, until, error)
        except DBAPIError:
            if not left or clock.now() >= until:
                raise
            pause(1)
        else:
            return


def _parse_context(text: str | None) -> dict[str, Any]:
    if text is None:
        raise LookupError  # no key of ours opens it, and none ever will
    context: dict[str, Any] = json.loads(text)
    return context


def _record_result(message_id: int, until: datetime, error: str) -> None:
    message = notification_queries.find_message(message_id)
    if message is None or (error and message.lease_until != until):
        return  # whoever leased it since says what became of it
    message.lease_until = None
    message.last_error = error
    if not error:
        message.state, message.sent_at, message.payload_sealed = "sent", clock.now(), None
        return
    if message.attempts > len(RETRY_DELAYS) or error == DECRYPTION_FAILED:
        # Its text stays sealed until messages are forgotten: staff see that it failed, and may try again.
        message.state, message.next_attempt_at = "failed", clock.now()
        message.payload_sealed = None if error == DECRYPTION_FAILED else message.payload_sealed
    else:
        message.state = "waiting"
        message.next_attempt_at = clock.now() + RETRY_DELAYS[message.attempts - 1]
