"""Read the outbox, and lease from it."""

from datetime import datetime

from sqlalchemy import and_, func, or_, select, update

from commentsite.db import session
from commentsite.notifications.models import Message


def lease(now: datetime, until: datetime, limit: int) -> list[int]:
    """Lease what is due to this worker until a moment; what a dead worker leased comes back by itself."""
    due = or_(
        and_(Message.state == "waiting", Message.next_attempt_at <= now),
        and_(Message.state == "leased", Message.lease_until < now),
    )
    chosen = (
        select(Message.id)
        .where(due)
        .order_by(Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    # The attempt counts from here on: a message that kills its worker must not be tried for ever.
    leased = (
        update(Message)
        .where(Message.id.in_(chosen))
        .values(state="leased", lease_until=until, attempts=Message.attempts + 1)
    )
    return sorted(session().scalars(leased.returning(Message.id)))


def message(message_id: int) -> Message | None:
    """Return one message as it is now; None when what it was about has been erased."""
    query = select(Message).where(Message.id == message_id)
    return session().scalars(query.execution_options(populate_existing=True)).first()


def settled_before(before: datetime, limit: int = 1000) -> list[Message]:
    """Return messages promised before a moment that were sent or given up."""
    where = (Message.state.in_(("sent", "failed")), Message.created_at < before)
    return list(session().scalars(select(Message).where(*where).limit(limit)))


def unsent_about(about: str) -> list[Message]:
    """Return messages about something that wait."""
    where = (Message.about == about, Message.state.in_(("waiting", "leased")))
    return list(session().scalars(select(Message).where(*where)))


def backlog() -> dict[str, int]:
    """Return how many messages wait, are being sent, and were given up."""
    states = ("waiting", "leased", "failed")
    query = select(Message.state, func.count()).where(Message.state.in_(states))
    counted = {state: n for state, n in session().execute(query.group_by(Message.state))}  # noqa: C416  # a result is no mapping
    return {state: counted.get(state, 0) for state in states}


def count_since(recipient_hash: str, kind: str, since: datetime) -> int:
    """Return how many messages of a kind one mailbox was promised since then."""
    where = (
        Message.recipient_hash == recipient_hash,
        Message.kind == kind,
        Message.created_at >= since,
    )
    return session().scalars(select(func.count()).select_from(Message).where(*where)).one()
