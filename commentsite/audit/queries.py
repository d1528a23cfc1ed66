"""Queries of the audit log."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, String, Text, and_, bindparam, cast, delete, exists, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from commentsite.audit.hash_chain import GENESIS_HASH
from commentsite.audit.models import (
    AuditEntry,
    PendingAuditEntry,
    PrivateAuditEntry,
    TreeHead,
    TreeNode,
    VerificationProgress,
)
from commentsite.db.base import Base
from commentsite.db.session import session

SIGNING_KEY_ADDED, TREE_HEAD_SIGNED = "log.key_added", "log.head_signed"


HASHED_COLUMNS = ("seq", "at", "actor", "action", "object", "details", "prev")


def hashed_fields(entry: AuditEntry) -> dict[str, Any]:
    """Return the fields that the hash of an entry covers."""
    return format_hashed_fields({name: getattr(entry, name) for name in HASHED_COLUMNS})


def format_hashed_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that the hash of an entry covers, from the values of its columns."""
    return {
        **{name: values[name] for name in HASHED_COLUMNS},
        "at": values["at"].isoformat(timespec="microseconds"),
    }


# These run with each event or with each page of the desk, so they are built once.
_LAST_ENTRY = select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)
_ENTRIES_ABOUT = select(AuditEntry).where(AuditEntry.object == bindparam("object"))
_PENDING_ENTRIES = (
    select(*PendingAuditEntry.__table__.columns)
    .order_by(PendingAuditEntry.id)
    .limit(bindparam("limit"))
)
_PENDING_TABLE = Base.metadata.tables[PendingAuditEntry.__tablename__]
_DELETE_PENDING_ENTRIES = delete(_PENDING_TABLE).where(
    _PENDING_TABLE.c.id.in_(bindparam("ids", expanding=True))
)
_LATEST_ENTRIES_ABOUT = _ENTRIES_ABOUT.order_by(AuditEntry.seq.desc()).limit(bindparam("limit"))


def get_last_entry() -> tuple[int, str]:
    """Return number and hash of the last entry, or (0, GENESIS_HASH) for an empty log."""
    row = session().execute(_LAST_ENTRY).first()
    return (row.seq, row.hash) if row else (0, GENESIS_HASH)


def list_pending_entries(limit: int) -> dict[int, dict[str, Any]]:
    """Return the fields of entries that have no number yet, by id, in the order of their arrival."""
    rows = session().execute(_PENDING_ENTRIES, {"limit": limit}).mappings()
    return {row["id"]: {name: row[name] for name in row if name != "id"} for row in rows}


def iter_pending_entries() -> Iterator[dict[str, Any]]:
    """Yield actor, action, object and details of the entries that have no number yet."""
    pending = PendingAuditEntry
    query = select(pending.actor, pending.action, pending.object, pending.details)
    rows = session().execute(query.order_by(pending.id).execution_options(yield_per=500))
    yield from map(dict, rows.mappings())


def has_pending_entries() -> bool:
    return bool(session().scalar(select(exists().select_from(PendingAuditEntry))))


def count_pending_entries(action: str | None = None) -> int:
    """Count the entries that have no number yet, all or those with one action."""
    query = select(func.count()).select_from(PendingAuditEntry)
    if action is not None:
        query = query.where(PendingAuditEntry.action == action)
    return session().scalar(query) or 0


def delete_pending_entries(ids: Collection[int]) -> None:
    """Delete entries that have their number now."""
    session().execute(_DELETE_PENDING_ENTRIES, {"ids": list(ids)})


class _iso_time(FunctionElement[str]):  # noqa: N801  # used in queries like a function
    """A time as it is hashed: in UTC, as 2026-03-01T12:00:00.000000+00:00."""

    type = String()
    inherit_cache = True


@compiles(_iso_time, "sqlite")
def _compile_iso_time_sqlite(element: Any, compiler: Any, **kwargs: Any) -> str:
    return f"replace({compiler.process(element.clauses, **kwargs)}, ' ', 'T') || '+00:00'"


@compiles(_iso_time, "postgresql")
def _compile_iso_time_postgresql(element: Any, compiler: Any, **kwargs: Any) -> str:
    column = compiler.process(element.clauses, **kwargs)
    return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')"


_ENTRY = AuditEntry.__table__.c
#: The columns in the form in which they are hashed, except that the details are JSON of any form.
_LOG_ROWS = (
    select(
        _ENTRY.seq, _iso_time(_ENTRY.at), _ENTRY.actor, _ENTRY.action,
        _ENTRY.object, cast(_ENTRY.details, Text), _ENTRY.prev, _ENTRY.hash,
    )
    .where(_ENTRY.seq > bindparam("after"))
    .order_by(_ENTRY.seq)
    .limit(bindparam("limit"))
)  # fmt: skip
LogRow = Row[int, str, str, str, str, str, str, str]


def iter_log_rows(after: int, batch_size: int) -> Iterator[Sequence[LogRow]]:
    """Yield batches of the entries after a number: number, time, actor, action, object, details, prev, hash.

    To read a whole log as objects would take most of the time of a verification.
    """
    while batch := session().execute(_LOG_ROWS, {"after": after, "limit": batch_size}).all():
        yield batch
        after = batch[-1][0]


def find_entry_hash(seq: int) -> str | None:
    return session().scalar(select(AuditEntry.hash).where(AuditEntry.seq == seq))


def list_entries_between(first: int, last: int) -> list[AuditEntry]:
    """Return the entries from number first to number last, both included."""
    query = select(AuditEntry).where(AuditEntry.seq.between(first, last)).order_by(AuditEntry.seq)
    return list(session().scalars(query))


def list_entries_about(obj: str) -> list[AuditEntry]:
    """Return all entries about an object such as "comment:12", oldest first."""
    return list(session().scalars(_ENTRIES_ABOUT.order_by(AuditEntry.seq), {"object": obj}))


def list_latest_entries_about(obj: str, limit: int) -> list[AuditEntry]:
    """Return the newest entries about an object such as "comment:12", newest first."""
    return list(session().scalars(_LATEST_ENTRIES_ABOUT, {"object": obj, "limit": limit}))


def load_private_entries(seqs: Collection[int]) -> dict[int, PrivateAuditEntry]:
    """Return the contents of the private entries among these, by number."""
    query = select(PrivateAuditEntry).where(PrivateAuditEntry.seq.in_(seqs))
    return {entry.seq: entry for entry in session().scalars(query)}


def find_latest_tree_head() -> TreeHead | None:
    return session().scalar(select(TreeHead).order_by(TreeHead.size.desc()).limit(1))


def list_latest_tree_heads(limit: int) -> list[TreeHead]:
    return list(session().scalars(select(TreeHead).order_by(TreeHead.size.desc()).limit(limit)))


def list_tree_heads_between(first: int, last: int) -> list[TreeHead]:
    """Return the tree heads whose size is from first to last, both included, oldest first."""
    query = select(TreeHead).where(TreeHead.size.between(first, last)).order_by(TreeHead.size)
    return list(session().scalars(query))


def list_tree_head_sizes() -> list[int]:
    """Return the size of each tree head, oldest first."""
    return list(session().scalars(select(TreeHead.size).order_by(TreeHead.size)))


def get_covered_size() -> int:
    """Return the number of entries that the newest tree head covers."""
    return session().scalar(select(func.max(TreeHead.size))) or 0


def find_tree_head(size: int) -> TreeHead | None:
    return session().get(TreeHead, size)


def find_signing_keys() -> dict[str, AuditEntry]:
    """Return the entry that announced each signing key, by the id of the key, oldest first."""
    query = (
        select(AuditEntry).where(AuditEntry.action == SIGNING_KEY_ADDED).order_by(AuditEntry.seq)
    )
    return {entry.object.removeprefix("key:"): entry for entry in session().scalars(query)}


def load_stored_hashes_within(first: int, last: int, min_level: int) -> dict[tuple[int, int], str]:
    """Return the stored hashes of the subtrees that end with one of the entries first to last."""
    levels = range(min_level, last.bit_length())
    positions = {level: ((first - 1) >> level, (last >> level) - 1) for level in levels}
    ranges = [
        and_(TreeNode.level == level, TreeNode.position.between(*between))
        for level, between in positions.items()
        if between[0] <= between[1]
    ]
    if not ranges:
        return {}
    query = select(TreeNode.level, TreeNode.position, TreeNode.hash).where(or_(*ranges))
    return {(level, position): value for level, position, value in session().execute(query)}


def list_stored_hashes_beyond(size: int, min_level: int) -> list[tuple[int, int]]:
    """Return level and position of the stored hashes that belong to no subtree of the first `size` entries."""
    complete = [
        and_(TreeNode.level == level, TreeNode.position.between(0, (size >> level) - 1))
        for level in range(min_level, size.bit_length())
    ]
    query = select(TreeNode.level, TreeNode.position).order_by(TreeNode.level, TreeNode.position)
    if complete:
        query = query.where(~or_(*complete))
    return [(level, position) for level, position in session().execute(query)]


def find_stored_hash(level: int, position: int) -> str | None:
    return session().scalar(
        select(TreeNode.hash).where(TreeNode.level == level, TreeNode.position == position)
    )


def count_stored_hashes(level: int) -> int:
    query = select(func.count()).select_from(TreeNode).where(TreeNode.level == level)
    return session().scalar(query) or 0


def find_last_entry_time() -> datetime | None:
    query = select(AuditEntry.at).order_by(AuditEntry.seq.desc()).limit(1)
    return session().scalars(query).first()


def find_verification_progress() -> VerificationProgress | None:
    return session().scalar(select(VerificationProgress).execution_options(populate_existing=True))
