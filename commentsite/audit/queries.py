"""Read the audit log."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from commentsite.audit.hash_chain import GENESIS_HASH
from commentsite.audit.models import AuditEntry, TreeHead, TreeNode
from commentsite.db.session import session

SIGNING_KEY_ADDED, TREE_HEAD_SIGNED = "log.key_added", "log.head_signed"


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
_LAST_ENTRY = select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)
_ENTRIES_ABOUT = select(AuditEntry).where(AuditEntry.object == bindparam("object"))
_LATEST_ENTRIES_ABOUT = _ENTRIES_ABOUT.order_by(AuditEntry.seq.desc()).limit(bindparam("most"))


def get_last_entry() -> tuple[int, str]:
    """Return number and hash of the last entry; (0, 64 zeros) before the first."""
    row = session().execute(_LAST_ENTRY).first()
    return (row.seq, row.hash) if row else (0, GENESIS_HASH)


def iter_entries() -> Iterator[AuditEntry]:
    """Yield every entry from the first, without holding them all."""
    query = first = select(AuditEntry).order_by(AuditEntry.seq).limit(500)
    while read := list(session().scalars(query)):
        yield from read
        query = first.where(AuditEntry.seq > read[-1].seq)


def list_latest_entries(limit: int, before: int | None = None) -> list[AuditEntry]:
    """Return the newest entries, or those before one; newest first."""
    query = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditEntry.seq < before)
    return list(session().scalars(query))


def list_entries_between(first: int, last: int) -> list[AuditEntry]:
    """Return the entries from one number to another, both included."""
    query = select(AuditEntry).where(AuditEntry.seq.between(first, last)).order_by(AuditEntry.seq)
    return list(session().scalars(query))


def list_entries_about(obj: str) -> list[AuditEntry]:
    """Return every entry about one object, oldest first."""
    return list(session().scalars(_ENTRIES_ABOUT.order_by(AuditEntry.seq), {"object": obj}))


def list_latest_entries_about(obj: str, limit: int) -> list[AuditEntry]:
    """Return the newest entries about one object, newest first."""
    return list(session().scalars(_LATEST_ENTRIES_ABOUT, {"object": obj, "most": limit}))


def find_latest_tree_head() -> TreeHead | None:
    """Return the head that covers most, or None before the first."""
    return session().scalar(select(TreeHead).order_by(TreeHead.size.desc()).limit(1))


def list_latest_tree_heads(limit: int) -> list[TreeHead]:
    """Return the newest heads, newest first."""
    return list(session().scalars(select(TreeHead).order_by(TreeHead.size.desc()).limit(limit)))


def list_tree_heads_between(first: int, last: int) -> list[TreeHead]:
    """Return the heads whose last entry lies between two, both included, oldest first."""
    query = select(TreeHead).where(TreeHead.size.between(first, last)).order_by(TreeHead.size)
    return list(session().scalars(query))


def list_tree_head_sizes() -> list[int]:
    """Return how many entries each head covers, the oldest first."""
    return list(session().scalars(select(TreeHead.size).order_by(TreeHead.size)))


def find_tree_head(size: int) -> TreeHead | None:
    """Return the head that covers this many entries, or None."""
    return session().get(TreeHead, size)


def find_signing_keys() -> dict[str, AuditEntry]:
    """Return the entry that announced each key that ever signed, by the key's id, oldest first."""
    query = (
        select(AuditEntry).where(AuditEntry.action == SIGNING_KEY_ADDED).order_by(AuditEntry.seq)
    )
    return {entry.object.removeprefix("key:"): entry for entry in session().scalars(query)}


def get_stored_hashes() -> dict[tuple[int, int], str]:
    """Return the stored hashes by level and position."""
    query = select(TreeNode.level, TreeNode.position, TreeNode.hash)
    return {(level, position): found for level, position, found in session().execute(query)}


def find_stored_hash(level: int, position: int) -> str | None:
    """Return one stored hash, or None."""
    return session().scalar(
        select(TreeNode.hash).where(TreeNode.level == level, TreeNode.position == position)
    )


def count_stored_hashes(level: int) -> int:
    """Return how many hashes of a level are stored."""
    query = select(func.count()).select_from(TreeNode).where(TreeNode.level == level)
    return session().scalar(query) or 0


def find_last_entry_time() -> datetime | None:
    """Return when the newest entry was written."""
    query = select(AuditEntry.at).order_by(AuditEntry.seq.desc()).limit(1)
    return session().scalars(query).first()
