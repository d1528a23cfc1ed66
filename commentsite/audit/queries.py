"""Read the audit log."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from commentsite.audit.chain import GENESIS
from commentsite.audit.models import AuditEntry
from commentsite.db import session


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


def head() -> tuple[int, str]:
    """Return number and hash of the last entry; (0, 64 zeros) before the first."""
    row = (
        session()
        .execute(
            select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1),
        )
        .first()
    )
    return (row.seq, row.hash) if row else (0, GENESIS)


def entries() -> Iterator[AuditEntry]:
    """Yield every entry from the first, without holding them all."""
    query = select(AuditEntry).order_by(AuditEntry.seq).execution_options(yield_per=500)
    yield from session().scalars(query)


def latest_entries(
    limit: int, before: int | None = None, obj: str | None = None
) -> list[AuditEntry]:
    """Return the newest entries, or those before one, or of one object; newest first."""
    query = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditEntry.seq < before)
    if obj is not None:
        query = query.where(AuditEntry.object == obj)
    return list(session().scalars(query))
