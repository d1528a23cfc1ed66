"""Send the emails of the outbox: lease a message, send it, record the result.

Delivery is at least once. A worker first leases due messages: it commits that they belong to it for LEASE_TTL,
so that another worker does not send them too. Then it sends each one, without an open transaction, and commits
the result. The mail server cannot take part in the transaction. A worker killed after the mail server has
accepted a message and before the commit leaves the lease behind. When the lease expires, the next worker sends
the message a second time, with the same Message-ID, by which a mail program can recognise the repeat. The
alternative, to commit before sending, would lose messages instead.

A failed attempt is repeated after RETRY_DELAYS, about eleven hours in total. After the last one the message is
marked as failed, and staff see it at the desk. Each lease counts as an attempt, so a message that kills its
worker is given up too.
"""

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
from commentsite.notifications.models import MessageState
from commentsite.notifications.outbox import DECRYPTION_FAILED

RETRY_DELAYS = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 480))
LEASE_TTL = timedelta(minutes=2)
#: Each of them is about other comments than the one before.
DIGEST_KINDS = ("comment.digest",)
MAX_RECORD_ATTEMPTS = 100  # a second apart, and only while the lease lasts


@dataclass(frozen=True)
class RenderedEmail:
    """The content of an email. The HTML has the same words as the text. Empty: no such header or part."""

    subject: str
    text: str
    html: str = ""
    sender_name: str = ""
    reply_to: str = ""


@dataclass(frozen=True)
class OutgoingEmail:
    to: str
    content: RenderedEmail
    message_id: str  # the same for every attempt
    unsubscribe_path: str = ""
    about: str = ""  # such as comment:12
    thread: str = ""  # emails with the same one belong together


Render = Callable[[str, dict[str, Any]], RenderedEmail]  # (kind, context)
Send = Callable[[OutgoingEmail], None]


def deliver_due_messages(
    *, encryption: Encryption, render: Render, send: Send, limit: int = 20
) -> int:
    """Send the messages that are due, at most `limit` of them, and return how many were sent."""
    lease_until = clock.now() + LEASE_TTL
    if not notification_queries.is_any_due(lease_until - LEASE_TTL):
        return 0
    with transaction():
        ids = notification_queries.lease_due_messages(lease_until - LEASE_TTL, lease_until, limit)
    return sum(_deliver_one(n, lease_until, encryption, render, send) for n in ids)


def build_outgoing(  # noqa: PLR0913  # the parts of an email
    kind: str,
    content: RenderedEmail,
    *,
    to: str,
    message_id: str,
    about: str,
    unsubscribe_path: str = "",
) -> OutgoingEmail:
    """Return an email that is ready to be sent. Those about one comment belong together, digests do not."""
    is_about_one = kind.startswith(("comment.", "appeal.")) and kind not in DIGEST_KINDS
    thread = about.replace(":", "-") if is_about_one else ""
    return OutgoingEmail(to, content, message_id, unsubscribe_path, about, thread)


def _deliver_one(
    message_id: int, lease_until: datetime, encryption: Encryption, render: Render, send: Send
) -> bool:
    message = notification_queries.find_message(message_id)
    if message is None or message.lease_until != lease_until or clock.now() >= lease_until:
        return (
            False  # the messages before it were slow: the lease expired, or another worker has it
        )
    if message.attempts > len(RETRY_DELAYS) + 1:
        with transaction():
            _record_result(message_id, lease_until, "WorkerLost")
        return False
    payload = encryption.decrypt(message.payload_sealed) if message.payload_sealed else None
    error = ""
    try:
        context = _parse_context(payload)
        to = context.pop("to")
        email = build_outgoing(
            message.kind,
            render(message.kind, context),
            to=to,
            message_id=message.message_id,
            about=message.about,
            unsubscribe_path=context.get("unsubscribe", ""),
        )
        session().rollback()  # no transaction is open while the mail server answers
        send(email)
    except Exception as problem:  # noqa: BLE001  # one bad message must not stop the others
        error = type(problem).__name__
    _record_result_persistently(message_id, lease_until, error)
    return not error


def _record_result_persistently(message_id: int, lease_until: datetime, error: str) -> None:
    """Record the result, and repeat that while the database is locked, full or away.

    A result that is not recorded means that the message is sent again.
    """
    for remaining in reversed(range(MAX_RECORD_ATTEMPTS)):
        try:
            with transaction():
                _record_result(message_id, lease_until, error)
        except DBAPIError:
            if not remaining or clock.now() >= lease_until:
                raise
            pause(1)
        else:
            return


def _parse_context(payload: str | None) -> dict[str, Any]:
    if payload is None:
        raise LookupError  # DECRYPTION_FAILED: trying again would not help
    context: dict[str, Any] = json.loads(payload)
    return context


def _record_result(message_id: int, lease_until: datetime, error: str) -> None:
    message = notification_queries.find_message(message_id)
    if message is None or (error and message.lease_until != lease_until):
        return  # another worker leased it meanwhile and records its own result
    message.lease_until = None
    message.last_error = error
    if not error:
        message.state, message.sent_at, message.payload_sealed = (
            MessageState.SENT,
            clock.now(),
            None,
        )
        return
    if message.attempts > len(RETRY_DELAYS) or error == DECRYPTION_FAILED:
        message.state, message.next_attempt_at = MessageState.FAILED, clock.now()
        # Staff can send a failed message again, so its payload stays, unless no key decrypts it.
        message.payload_sealed = None if error == DECRYPTION_FAILED else message.payload_sealed
    else:
        message.state = MessageState.WAITING
        message.next_attempt_at = clock.now() + RETRY_DELAYS[message.attempts - 1]
