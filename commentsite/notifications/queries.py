"""Queries of the outbox, and the UPDATE that leases messages."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, exists, func, or_, select, update

from commentsite.db.base import UtcDateTime
from commentsite.db.session import for_update, session
from commentsite.notifications.models import Message, MessageState

UNSENT_STATES = (MessageState.WAITING, MessageState.LEASED, MessageState.FAILED)

# These run with each comment, so they are built once.
_COUNT_TO_MAILBOX = (
    select(func.count())
    .select_from(Message)
    .where(
        Message.recipient_hash == bindparam("mailbox"),
        Message.created_at > bindparam("since", type_=UtcDateTime()),
    )
)
_COUNT_BY_MAILBOX = (
    select(Message.recipient_hash, Message.kind, func.count())
    .where(
        Message.recipient_hash.in_(bindparam("mailboxes", expanding=True)),
        Message.created_at > bindparam("since", type_=UtcDateTime()),
    )
    .group_by(Message.recipient_hash, Message.kind)
)
_COUNT_KINDS_TO_MAILBOX = _COUNT_TO_MAILBOX.where(
    Message.kind.in_(bindparam("kinds", expanding=True))
)


def lease_due_messages(now: datetime, lease_until: datetime, limit: int) -> list[int]:
    """Lease messages that are due, at most `limit`, and return their ids. Expired leases are due again."""
    leased: list[int] = []
    # Two queries, because each of them can use an index. One query with OR would read all sent messages.
    for is_due, due_at in (
        ((Message.state == MessageState.LEASED, Message.lease_until < now), Message.lease_until),
        (
            (Message.state == MessageState.WAITING, Message.next_attempt_at <= now),
            Message.next_attempt_at,
        ),
    ):
        selected = (
            select(Message.id)
            .where(*is_due)
            .order_by(due_at, Message.id)
            .limit(limit - len(leased))
            .with_for_update(skip_locked=True)
        )
        # The lease counts as an attempt. A message that kills its worker must not be tried without end.
        statement = (
            update(Message)
            .where(Message.id.in_(selected))
            .values(
                state=MessageState.LEASED, lease_until=lease_until, attempts=Message.attempts + 1
            )
        )
        leased += session().scalars(statement.returning(Message.id))
    return sorted(leased)


def is_any_due(now: datetime) -> bool:
    """Return whether `lease_due_messages` would find a message now."""
    conditions = (
        (Message.state == MessageState.LEASED, Message.lease_until < now),
        (Message.state == MessageState.WAITING, Message.next_attempt_at <= now),
    )
    return bool(session().scalar(select(or_(*(exists().where(*where) for where in conditions)))))


def find_message(message_id: int) -> Message | None:
    """Return the message as it is now, or None if it was deleted with the object that it is about."""
    query = select(Message).where(Message.id == message_id)
    return session().scalars(query.execution_options(populate_existing=True)).first()


def list_finished_messages(before: datetime, limit: int = 1000) -> list[Message]:
    """Return sent and failed messages that were enqueued before a moment."""
    where = (
        Message.state.in_((MessageState.SENT, MessageState.FAILED)),
        Message.created_at < before,
    )
    return list(session().scalars(select(Message).where(*where).limit(limit)))


def lock_unsent_messages(about: str) -> list[Message]:
    """Return the messages about an object that still hold their payload, locked."""
    where = (Message.about == about, Message.state.in_(UNSENT_STATES))
    return list(session().scalars(select(Message).where(*where).with_for_update()))


def has_unsent_message(about: str, kind: str) -> bool:
    """Return whether a message of this kind about an object waits or is being sent."""
    states = (MessageState.WAITING, MessageState.LEASED)
    where = (Message.about == about, Message.kind == kind, Message.state.in_(states))
    return session().scalars(select(Message.id).where(*where).limit(1)).first() is not None


def count_waiting_messages(kinds: tuple[str, ...]) -> int:
    """Return how many messages of these kinds wait or are being sent."""
    states = (MessageState.WAITING, MessageState.LEASED)
    query = select(func.count()).select_from(Message)
    return session().scalars(query.where(Message.kind.in_(kinds), Message.state.in_(states))).one()


def lock_messages_since(about: str, since: datetime) -> list[Message]:
    """Return the messages about an object that were enqueued since a moment, in any state, locked."""
    where = (Message.about == about, Message.created_at >= since)
    return list(session().scalars(select(Message).where(*where).with_for_update()))


def count_unfinished_by_state() -> dict[str, int]:
    """Return the number of messages in each of UNSENT_STATES."""
    query = select(Message.state, func.count()).where(Message.state.in_(UNSENT_STATES))
    counts = dict(session().execute(query.group_by(Message.state)).all())
    return {state.value: counts.get(state, 0) for state in UNSENT_STATES}


def find_oldest_due_time() -> datetime | None:
    """Return when the longest overdue message was due, or None if no message waits."""
    query = select(func.min(Message.next_attempt_at)).where(Message.state == MessageState.WAITING)
    return session().scalars(query).one()


def count_messages_to(recipient_hash: str, kinds: tuple[str, ...] | None, since: datetime) -> int:
    """Return how many messages of these kinds, or of any kind, were enqueued for a recipient after `since`."""
    parameters = {"mailbox": recipient_hash, "since": since}
    if kinds is None:
        return session().scalars(_COUNT_TO_MAILBOX, parameters).one()
    return session().scalars(_COUNT_KINDS_TO_MAILBOX, {**parameters, "kinds": kinds}).one()


def count_messages_by_recipient(
    recipient_hashes: Sequence[str], since: datetime
) -> dict[str, Counter[str]]:
    """Count the messages that were enqueued after `since`: by recipient, the number of each kind."""
    parameters = {"mailboxes": recipient_hashes, "since": since}
    counts: dict[str, Counter[str]] = {}
    for recipient, kind, count in session().execute(_COUNT_BY_MAILBOX, parameters):
        counts.setdefault(recipient, Counter())[kind] = count
    return counts


def find_last_message_time(recipient_hash: str) -> datetime | None:
    """Return when the last message to a recipient was enqueued."""
    query = select(func.max(Message.created_at)).where(Message.recipient_hash == recipient_hash)
    return session().scalars(query).one()


def list_creation_times(about: str, since: datetime) -> list[datetime]:
    """Return when the messages about an object were enqueued, after `since`, the earliest first."""
    query = select(Message.created_at).where(Message.about == about, Message.created_at > since)
    return list(session().scalars(query.order_by(Message.created_at)))


def find_nth_newest_time(kinds: tuple[str, ...], position: int, since: datetime) -> datetime | None:
    """Return when the message at this position is due, counted from the newest of these kinds enqueued after `since`.

    Positions are counted from 1. None if there are fewer messages.
    """
    return next(iter(list_newest_times(kinds, position, position, since)), None)


def list_newest_times(
    kinds: tuple[str, ...], first: int, last: int, since: datetime
) -> list[datetime]:
    """List what `find_nth_newest_time` returns for the positions from `first` to `last`."""
    query = (
        select(Message.next_attempt_at)
        .where(Message.created_at > since, Message.kind.in_(kinds))
        .order_by(Message.created_at.desc())
        .offset(first - 1)
        .limit(last - first + 1)
    )
    return list(session().scalars(query))


def find_message_kinds(about: str) -> set[str]:
    return set(session().scalars(select(Message.kind).where(Message.about == about)))


def list_failed_messages(limit: int = 200, *, before_id: int | None = None) -> list[Message]:
    """Return failed messages, the newest first, from the one before `before_id`."""
    query = select(Message).where(Message.state == MessageState.FAILED)
    if before_id is not None:
        query = query.where(Message.id < before_id)
    return list(session().scalars(query.order_by(Message.id.desc()).limit(limit)))


def count_failed_messages() -> int:
    query = select(func.count()).select_from(Message).where(Message.state == MessageState.FAILED)
    return session().scalars(query).one()


def find_oldest_failure() -> datetime | None:
    """Return when the site gave up the oldest message that it still keeps."""
    query = select(func.min(Message.next_attempt_at)).where(Message.state == MessageState.FAILED)
    return session().scalars(query).one()


def get_message_for_update(message_id: int) -> Message | None:
    """Return the message as it is now, locked until the transaction ends."""
    query = for_update(select(Message).where(Message.id == message_id))
    return session().scalars(query).first()
