"""Write down what was done, in the transaction that did it."""

from typing import Any

from commentsite import clock
from commentsite.audit import queries
from commentsite.audit.chain import entry_hash
from commentsite.audit.models import AuditEntry
from commentsite.db import serialize, session


def record(actor: str, action: str, obj: str, **details: Any) -> AuditEntry:
    """Append one deed to the chain.

    `actor` and `obj` are labels such as `user:3` and `comment:12`; details hold codes and
    numbers, never personal data, so that erasing a person never breaks the chain.
    """
    session().flush()  # rows are locked before the chain, by everybody in this order
    serialize("audit")
    seq, prev = queries.head()
    entry = AuditEntry(
        seq=seq + 1,
        at=clock.now(),
        actor=actor,
        action=action,
        object=obj,
        details=details,
        prev=prev,
    )
    entry.hash = entry_hash(queries.hashed_fields(entry))
    session().add(entry)
    session().flush()
    return entry
