"""Record events in the audit log, in the transaction of the change itself.

If the change is rolled back, its entry is too. The entries are numbered without gaps, so only one transaction
at a time may append. The advisory lock "audit" enforces that until its end.
"""

import re
from typing import Any

from sqlalchemy import insert

from commentsite import clock, tokens
from commentsite.audit import queries as audit_queries
from commentsite.audit.hash_chain import hash_entry
from commentsite.audit.models import AuditEntry, PrivateAuditEntry
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

# It runs with each event, so it is built once. Adding the ORM object would take three times as long.
_INSERT_ENTRY = insert(Base.metadata.tables[AuditEntry.__tablename__])


def record_event(actor: str, action: str, obj: str, **details: Any) -> None:
    """Append one entry to the audit log.

    `actor` and `obj` are labels such as "user:3" and "comment:12". Details are codes and numbers, never
    personal data: the log is public, and erasing a person must not break the hash chain. Raises ValueError for
    any other value. The content of entries about the security of a staff account is kept back from the public
    (see `private_entries`).
    """
    if not all(_is_code(value) for value in (actor, obj, details)):
        msg = f"{action}: the audit log is public and holds codes and numbers only"
        raise ValueError(msg)
    private = None
    if is_private(action):
        private = PrivateAuditEntry(
            actor=actor, action=action, object=obj, details=details, salt=tokens.new_salt()
        )
        details = {"commitment": compute_commitment(private_content(private), private.salt)}
        actor, action, obj = PRIVATE_LABEL, PRIVATE_ACTION, PRIVATE_LABEL
    session().flush()  # every transaction locks its rows before the log, so that none can deadlock
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
    if private is not None:
        private.seq = entry.seq
        session().add(private)
        session().flush()


def _is_code(value: Any) -> bool:
    match value:
        case str():
            return CODE_PATTERN.fullmatch(value) is not None
        case dict():
            return all(_is_code(inner) for pair in value.items() for inner in pair)
        case list() | tuple():
            return all(_is_code(inner) for inner in value)
    return value is None or isinstance(value, int)
