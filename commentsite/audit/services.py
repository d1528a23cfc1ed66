"""Write down what was done, in the transaction that did it."""

import re
from typing import Any

from sqlalchemy import insert

from commentsite import clock
from commentsite.audit import queries as audit_queries
from commentsite.audit.hash_chain import hash_entry
from commentsite.audit.models import AuditEntry
from commentsite.db.base import Base
from commentsite.db.session import acquire_advisory_lock, session

#: What details may hold besides numbers: codes, hashes, moments. No spaces, so no words; no @.
CODE_PATTERN = re.compile(r"[A-Za-z0-9_.:+-]{0,128}")

# With each deed, so composed once, and without an object to keep: that would cost three times as much.
_INSERT_ENTRY = insert(Base.metadata.tables[AuditEntry.__tablename__])


def record_event(actor: str, action: str, obj: str, **details: Any) -> None:
    """Append one deed to the chain.

    `actor` and `obj` are labels such as `user:3` and `comment:12`; details hold codes and
    numbers, never personal data, so that erasing a person never breaks the chain
    and the whole of it can be public. Raises ValueError on anything that is no code.
    """
    if not all(_is_code(value) for value in (actor, obj, details)):
        msg = f"{action}: the log is public and holds codes and numbers only"
        raise ValueError(msg)
    session().flush()  # rows are locked before the chain, by everybody in this order
    acquire_advisory_lock("audit")
    seq, prev = audit_queries.get_last_entry()
    entry = AuditEntry(
        seq=seq + 1,
        at=clock.now(),
        actor=actor,
        action=action,
        object=obj,
        details=details,
        prev=prev,
    )
    entry.hash = hash_entry(audit_queries.hashed_fields(entry))
    session().execute(
        _INSERT_ENTRY, {c.name: getattr(entry, c.name) for c in _INSERT_ENTRY.table.columns}
    )


def _is_code(value: Any) -> bool:
    match value:
        case str():
            return CODE_PATTERN.fullmatch(value) is not None
        case dict():
            return all(_is_code(inner) for pair in value.items() for inner in pair)
        case list() | tuple():
            return all(_is_code(inner) for inner in value)
    return value is None or isinstance(value, int)
