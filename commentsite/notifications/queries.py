"""Read the outbox, and lease from it."""

from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from commentsite.db.base import UtcDateTime
from commentsite.db.session import for_update, session
from commentsite.notifications.models import Message

# Asked with each comment, so composed once.
_COUNT_TO_MAILBOX = (
    select(func.count())
    .select_from(Message)
    .where(
        Message.recipient_hash == bindparam("mailbox"),
        Message.created_at > bindparam("since", type_=UtcDateTime()),
    )
)
_COUNT_KINDS_TO_MAILBOX = _COUNT_TO_MAILBOX.where(
    Message.kind.in_(bindparam("kinds", expanding=True))
)


def lease_due_messages(now: datetime, lease_until: datetime, limit: int) -> list[int]:
    """Lease what is due to this worker until a moment; what a dead worker leased comes back by itself."""
    leased: list[int] = []
    # Two questions, each along an index: as one, with OR, it walks past all that was ever sent.
    for due, first in (
        ((Message.state == "leased", Message.lease_until < now), Message.lease_until),
        ((Message.state == "waiting", Message.next_attempt_at <= now), Message.next_attempt_at),
    ):
        chosen = (
            select(Message.id)
            .where(*due)
            .order_by(first, Message.id)
            .limit(limit - len(leased))
            .with_for_update(skip_locked=True)
        )
        # The attempt counts from here on: a message that kills its worker must not be tried for ever.
        again = (
            update(Message)
            .where(Message.id.in_(chosen))
            .values(state="leased", lease_until=lease_until, attempts=Message.attempts + 1)
        )
        leased += session().scalars(again.returning(Message.id))
    return sorted(leased)


def is_any_due(now: datetime) -> bool:
    """Return whether `lease` would find a message now."""
    due = (
        (Message.state == "leased", Message.lease_until < now),
        (Message.state == "waiting", Message.next_attempt_at <= now),
    )
    found = (session().scalars(select(Message.id).where(*where).limit(1)) for where in due)
    return any(rows.first() is not None for rows in found)


def find_message(message_id: int) -> Message | None:
    """Return one message as it is now; None when what it was about has been erased."""
    query = select(Message).where(Message.id == message_id)
    return session().scalars(query.execution_options(populate_existing=True)).first()


def list_finished_messages(before: datetime, limit: int = 1000) -> list[Message]:
    """Return messages promised before a moment that were sent or given up."""
    where = (Message.state.in_(("sent", "failed")), Message.created_at < before)
    return list(session().scalars(select(Message).where(*where).limit(limit)))


def lock_unsent_messages(about: str) -> list[Message]:
    """Return, locked, messages about something that wait or were given up: their text is still there."""
    where = (Message.about == about, Message.state.in_(("waiting", "leased", "failed")))
    return list(session().scalars(select(Message).where(*where).with_for_update()))


def has_unsent_message(about: str, kind: str) -> bool:
    """Say whether a message of a kind about something still waits to be sent."""
    where = (Message.about == about, Message.kind == kind, Message.state.in_(("waiting", "leased")))
    return session().scalars(select(Message.id).where(*where).limit(1)).first() is not None


def lock_messages_since(about: str, since: datetime) -> list[Message]:
    """Return, locked, messages about something promised since a moment, whatever became of them."""
    where = (Message.about == about, Message.created_at >= since)
    return list(session().scalars(select(Message).where(*where).with_for_update()))


def count_unfinished_by_state() -> dict[str, int]:
    """Return how many messages wait, are being sent, and were given up."""
    states = ("waiting", "leased", "failed")
    query = select(Message.state, func.count()).where(Message.state.in_(states))
    counted = {state: n for state, n in session().execute(query.group_by(Message.state))}  # noqa: C416  # a result is no mapping
    return {state: counted.get(state, 0) for state in states}


def find_oldest_due_time() -> datetime | None:
    """Return since when the message waits that should have been sent first."""
    query = select(func.min(Message.next_attempt_at)).where(Message.state == "waiting")
    return session().scalars(query).one()


def count_messages_to(recipient_hash: str, kinds: tuple[str, ...] | None, since: datetime) -> int:
    """Return how many messages of these kinds, or of any, one mailbox was promised after a moment."""
    asked = {"mailbox": recipient_hash, "since": since}
    if kinds is None:
        return session().scalars(_COUNT_TO_MAILBOX, asked).one()
    return session().scalars(_COUNT_KINDS_TO_MAILBOX, {**asked, "kinds": kinds}).one()


def find_last_message_time(recipient_hash: str) -> datetime | None:
    """Return when one mailbox was last promised a message."""
    query = select(func.max(Message.created_at)).where(Message.recipient_hash == recipient_hash)
    return session().scalars(query).one()


def find_message_kinds(about: str) -> set[str]:
    """Return what kinds of message about something there are."""
    return set(session().scalars(select(Message.kind).where(Message.about == about)))


def list_failed_messages(limit: int = 200) -> list[Message]:
    """Return messages that were given up, the newest first."""
    query = select(Message).where(Message.state == "failed")
    return list(session().scalars(query.order_by(Message.id.desc()).limit(limit)))


def count_failed_messages() -> int:
    """Return how many messages were given up."""
    query = select(func.count()).select_from(Message).where(Message.state == "failed")
    return session().scalars(query).one()


def get_message_for_update(message_id: int) -> Message | None:
    """Return one message as it is now, locked until the transaction ends."""
    query = for_update(select(Message).where(Message.id == message_id))
    return session().scalars(query).first()
