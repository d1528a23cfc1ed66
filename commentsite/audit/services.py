"""Record events in the audit log, in the transaction of the change itself.

If the change is rolled back, its entry is too. The entries are numbered without gaps, so only one transaction
at a time may append. The advisory lock "audit" enforces that until its end.

Comments can arrive faster than that. So a comment that is sent is recorded by `enqueue_events`, which takes no lock
and gives no number. The next transaction that appends numbers all entries that wait, in the order of their arrival,
and the worker does so within a second. Certificate Transparency logs call this time the merge delay (RFC 9162,
section 4.8).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert

from commentsite import clock, tokens
from commentsite.audit import queries as audit_queries
from commentsite.audit.hash_chain import hash_entry
from commentsite.audit.models import AuditEntry, PendingAuditEntry, PrivateAuditEntry
from commentsite.audit.private_entries import (
    PRIVATE_ACTION,
    PRIVATE_LABEL,
    compute_commitment,
    is_private,
    private_content,
)
from commentsite.db.base import Base
from commentsite.db.session import acquire_advisory_lock, session

# Codes, hashes and times. Without spaces and @ the log can hold neither text nor email addresses.
CODE_PATTERN = re.compile(r"[A-Za-z0-9_.:+-]{0,128}")

MAX_BATCH = 500  # entries that are numbered by one statement

# They run with each event, so they are built once. Adding ORM objects would take three times as long.
_INSERT_ENTRY = insert(Base.metadata.tables[AuditEntry.__tablename__])
_INSERT_PENDING = insert(Base.metadata.tables[PendingAuditEntry.__tablename__]).inline()


class Event(NamedTuple):
    """The arguments of `record_event`, with the details as a mapping."""

    actor: str
    action: str
    object: str
    details: dict[str, Any]


def record_event(actor: str, action: str, obj: str, **details: Any) -> None:
    """Append one entry to the audit log, after those that wait for a number.

    `actor` and `obj` are labels such as "user:3" and "comment:12". Details are codes and numbers, never
    personal data: the log is public, and erasing a person must not break the hash chain. Raises ValueError for
    any other value. The content of entries about the security of a staff account is kept back from the public
    (see `private_entries`).
    """
    number_pending_entries()
    append_event(actor, action, obj, **details)


def record_events(events: Sequence[Event]) -> None:
    """Append entries as `record_event` does, none of them private."""
    for event in events:
        _check_codes(*event)
    _append_after_pending(events)


def append_event(actor: str, action: str, obj: str, **details: Any) -> None:
    """Append one entry after the last one that has a number. The caller holds the lock of the log."""
    _check_codes(actor, action, obj, details)
    private = None
    if is_private(action):
        private = PrivateAuditEntry(
            actor=actor, action=action, object=obj, details=details, salt=tokens.new_salt()
        )
        details = {"commitment": compute_commitment(private_content(private), private.salt)}
        actor, action, obj = PRIVATE_LABEL, PRIVATE_ACTION, PRIVATE_LABEL
    event = {"actor": actor, "action": action, "object": obj, "details": details}
    seq = _append([{"at": clock.now(), **event}])
    if private is not None:
        private.seq = seq
        session().add(private)
        session().flush()


def enqueue_events(connection: Connection, events: Sequence[Event]) -> None:
    """Store entries in the transaction of a connection. They get their numbers later, in this order."""
    for event in events:
        _check_codes(*event)
    connection.execute(_INSERT_PENDING, [{"at": clock.now(), **e._asdict()} for e in events])


def number_pending_entries() -> int:
    """Append the entries that wait for a number to the log, and return how many there were.

    The log is locked until the end of the transaction.
    """
    return _append_after_pending([])


def _append_after_pending(events: Sequence[Event]) -> int:
    """Give numbers to the entries that wait, MAX_BATCH at a time, then append `events`. Return how many waited."""
    session().flush()  # every transaction locks its rows before the log, so that none can deadlock
    acquire_advisory_lock("audit")
    count, has_more = 0, True
    while has_more:
        pending = audit_queries.list_pending_entries(limit=MAX_BATCH)
        has_more = len(pending) == MAX_BATCH
        last = () if has_more else events  # after all that wait
        if entries := [*pending.values(), *({"at": clock.now(), **e._asdict()} for e in last)]:
            _append(entries)
        if pending:
            audit_queries.delete_pending_entries(pending)
        count += len(pending)
    return count


def _append(events: Iterable[Mapping[str, Any]]) -> int:
    """Append entries under the lock of the log. Return the number of the last one."""
    seq, prev = audit_queries.get_last_entry()
    rows = []
    for event in events:
        seq += 1
        entry = {**event, "seq": seq, "prev": prev}
        prev = hash_entry(audit_queries.format_hashed_fields(entry))
        rows.append({**entry, "hash": prev})
    session().execute(_INSERT_ENTRY, rows)
    return seq


def _check_codes(actor: str, action: str, obj: str, details: dict[str, Any]) -> None:
    if not all(_is_code(value) for value in (actor, obj, details)):
        msg = f"{action}: the audit log is public and holds codes and numbers only"
        raise ValueError(msg)


def _is_code(value: Any) -> bool:
    match value:
        case str():
            return CODE_PATTERN.fullmatch(value) is not None
        case dict():
            return all(_is_code(inner) for pair in value.items() for inner in pair)
        case list() | tuple():
            return all(_is_code(inner) for inner in value)
    return value is None or isinstance(value, int)
