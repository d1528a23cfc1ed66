"""Read the audit log."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from commentsite.audit.chain import GENESIS
from commentsite.audit.models import AuditEntry, LogHead, LogNode
from commentsite.db import session

KEY_ADDED, HEAD_SIGNED = "log.key_added", "log.head_signed"


def hashed_fields(entry: AuditEntry) -> dict[str, Any]:
    """Return what an entry's hash is made of."""
    return {
        "seq": entry.seq,
        "at": entry.at.isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "object": entry.object,
        "details": entry.details,
        "prev": entry.prev,
    }


# Asked with each deed, or with each page of the desk, so composed once.
_HEAD = select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)
_ABOUT = select(AuditEntry).where(AuditEntry.object == bindparam("object"))
_NEWEST_ABOUT = _ABOUT.order_by(AuditEntry.seq.desc()).limit(bindparam("most"))


def head() -> tuple[int, str]:
    """Return number and hash of the last entry; (0, 64 zeros) before the first."""
    row = session().execute(_HEAD).first()
    return (row.seq, row.hash) if row else (0, GENESIS)


def entries() -> Iterator[AuditEntry]:
    """Yield every entry from the first, without holding them all."""
    query = first = select(AuditEntry).order_by(AuditEntry.seq).limit(500)
    while read := list(session().scalars(query)):
        yield from read
        query = first.where(AuditEntry.seq > read[-1].seq)


def latest_entries(limit: int, before: int | None = None) -> list[AuditEntry]:
    """Return the newest entries, or those before one; newest first."""
    query = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditEntry.seq < before)
    return list(session().scalars(query))


def entries_between(first: int, last: int) -> list[AuditEntry]:
    """Return the entries from one number to another, both included."""
    query = select(AuditEntry).where(AuditEntry.seq.between(first, last)).order_by(AuditEntry.seq)
    return list(session().scalars(query))


def entries_about(obj: str) -> list[AuditEntry]:
    """Return every entry about one object, oldest first."""
    return list(session().scalars(_ABOUT.order_by(AuditEntry.seq), {"object": obj}))


def newest_about(obj: str, limit: int) -> list[AuditEntry]:
    """Return the newest entries about one object, newest first."""
    return list(session().scalars(_NEWEST_ABOUT, {"object": obj, "most": limit}))


def newest_head() -> LogHead | None:
    """Return the head that covers most, or None before the first."""
    return session().scalar(select(LogHead).order_by(LogHead.size.desc()).limit(1))


def newest_heads(limit: int) -> list[LogHead]:
    """Return the newest heads, newest first."""
    return list(session().scalars(select(LogHead).order_by(LogHead.size.desc()).limit(limit)))


def heads_between(first: int, last: int) -> list[LogHead]:
    """Return the heads whose last entry lies between two, both included, oldest first."""
    query = select(LogHead).where(LogHead.size.between(first, last)).order_by(LogHead.size)
    return list(session().scalars(query))


def head_sizes() -> list[int]:
    """Return how many entries each head covers, the oldest first."""
    return list(session().scalars(select(LogHead.size).order_by(LogHead.size)))


def head_of(size: int) -> LogHead | None:
    """Return the head that covers this many entries, or None."""
    return session().get(LogHead, size)


def signing_keys() -> dict[str, AuditEntry]:
    """Return the entry that announced each key that ever signed, by the key's id, oldest first."""
    query = select(AuditEntry).where(AuditEntry.action == KEY_ADDED).order_by(AuditEntry.seq)
    return {entry.object.removeprefix("key:"): entry for entry in session().scalars(query)}


def nodes() -> dict[tuple[int, int], str]:
    """Return the stored hashes by level and position."""
    query = select(LogNode.level, LogNode.position, LogNode.hash)
    return {(level, position): found for level, position, found in session().execute(query)}


def node(level: int, position: int) -> str | None:
    """Return one stored hash, or None."""
    return session().scalar(
        select(LogNode.hash).where(LogNode.level == level, LogNode.position == position)
    )


def count_nodes(level: int) -> int:
    """Return how many hashes of a level are stored."""
    query = select(func.count()).select_from(LogNode).where(LogNode.level == level)
    return session().scalar(query) or 0


def newest_moment() -> datetime | None:
    """Return when the newest entry was written."""
    query = select(AuditEntry.at).order_by(AuditEntry.seq.desc()).limit(1)
    return session().scalars(query).first()
