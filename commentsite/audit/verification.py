"""Verify the stored audit log: hash chain, Merkle tree, stored hashes, checkpoints, signatures and private entries.

The log is read once, in batches and without objects, so that a log of millions of entries takes no more memory than
a short one. Every root and every stored hash is computed again from the entries. The consistency proofs that the
site publishes are computed from the same hashes, so they need no check of their own.

A verification can begin at a checkpoint that an earlier one has reached (`VerifiedLog`), and then reads only what
came after it.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple, Self

from sqlalchemy.exc import SQLAlchemyError

from commentsite.audit import queries as audit_queries
from commentsite.audit import signing
from commentsite.audit.export import signed_bytes
from commentsite.audit.hash_chain import GENESIS_HASH, canonical_json, find_first_break
from commentsite.audit.merkle import IncrementalTree, hash_leaf
from commentsite.audit.models import PrivateAuditEntry, TreeHead
from commentsite.audit.private_entries import PRIVATE_ACTION, is_commitment_valid
from commentsite.audit.queries import SIGNING_KEY_ADDED, TREE_HEAD_SIGNED, LogRow
from commentsite.audit.stored_tree import MIN_STORED_LEVEL
from commentsite.db.session import session

BATCH_SIZE = 4096  # entries
MIN_SEQ, MAX_SEQ = -(2**31), 2**31 - 1
CHECKED_ACTIONS = {PRIVATE_ACTION, SIGNING_KEY_ADDED, TREE_HEAD_SIGNED}
READ_ERRORS = (ValueError, TypeError, AttributeError, SQLAlchemyError)


class VerifiedEntry(NamedTuple):
    """An entry that belongs to the chain."""

    seq: int
    actor: str
    action: str
    object: str
    details: Mapping[str, Any]


Observe = Callable[[Sequence[VerifiedEntry]], None]


@dataclass(frozen=True)
class VerifiedLog:
    """The part of the log up to a checkpoint that a verification has read.

    `subtrees` are hashes of the Merkle tree in hex, as of `IncrementalTree`. `keys` are the public keys that the
    part announces, by their id.
    """

    size: int = 0
    last_hash: str = GENESIS_HASH
    subtrees: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"subtrees": list(self.subtrees)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**{**stored, "subtrees": tuple(stored["subtrees"])})


class _UnreadableEntry(Exception):
    """The details of an entry are no JSON."""


class LogVerifier:
    """One pass over the log after `start`, the part that was verified earlier.

    `own_key_id` is the id of the signing key of this installation, or empty if there is none. `observe` is called
    with the entries of each batch that belong to the chain. After the pass, `end` is the part up to the last
    checkpoint.
    """

    def __init__(self, start: VerifiedLog, own_key_id: str, observe: Observe) -> None:
        self.start = self.end = start
        self.own_key_id, self.observe = own_key_id, observe
        self.covered_size = 0
        self.tree = IncrementalTree(start.size, [bytes.fromhex(h) for h in start.subtrees])
        self.announced_keys = dict(start.keys)
        self.vouched_keys = set(start.keys)
        self.problems: list[str] = []

    def find_problems(self) -> list[str]:
        """Return a sentence for each problem, which names the entry or checkpoint."""
        try:
            self._run()
        except _UnreadableEntry as error:
            self.problems.append(_describe_unreadable_entry(*error.args))
        except READ_ERRORS:
            session().rollback()
            problems = list(_find_unreadable_rows())
            if not problems:
                raise
            return problems
        return self.problems

    def _run(self) -> None:
        if self.start.size:
            self._check_start()
            if self.problems:
                return
        self.covered_size = audit_queries.get_covered_size()
        broken = find_first_break(
            self._iter_checked_entries(), self.start.size, self.start.last_hash
        )
        if broken is not None:
            self.problems.append(
                f"The audit log is not intact from entry {broken} on: that entry was changed, removed or inserted later."
            )
            return
        size = self.tree.size
        self.problems += [
            f"A checkpoint covers {head.size} entries but the audit log has {size}: the end of the log is missing."
            for head in audit_queries.list_tree_heads_between(size + 1, MAX_SEQ)
        ]
        self.problems += [
            f"The stored hash {level}/{position} belongs to no entries of the audit log."
            for level, position in audit_queries.list_stored_hashes_beyond(size, MIN_STORED_LEVEL)
        ]
        if self.covered_size and self.own_key_id and self.own_key_id not in self.announced_keys:
            self.problems.append("No checkpoint was signed with the key of this installation.")

    def _check_start(self) -> None:
        """Check that the log still has the checkpoint and the entry at which the earlier verification ended."""
        size = self.start.size
        head = audit_queries.find_tree_head(size)
        if head is None or audit_queries.find_entry_hash(size) != self.start.last_hash:
            self.problems.append(
                f"The audit log is not intact: entry {size} or its checkpoint, which were verified earlier, were changed or removed later."
            )
        else:
            self._check_tree_head(head)

    def _iter_checked_entries(self) -> Iterator[tuple[int, str, bytes, str]]:
        """Yield the entries in the form that `find_first_break` takes, and check what belongs to each of them.

        An entry is checked after the caller has asked for the next one, so only if it belongs to the chain.
        """
        for rows in audit_queries.iter_log_rows(self.start.size or MIN_SEQ, BATCH_SIZE):
            first, last = rows[0][0], rows[-1][0]
            heads = {head.size: head for head in audit_queries.list_tree_heads_between(first, last)}
            stored_hashes = audit_queries.load_stored_hashes_within(first, last, MIN_STORED_LEVEL)
            private = audit_queries.load_private_entries(
                [row[0] for row in rows if row[3] == PRIVATE_ACTION]
            )
            entries = []
            for row in rows:
                details, content = _parse_row(row)
                for level, index, subtree_hash in self.tree.add(hash_leaf(content)):
                    if level >= MIN_STORED_LEVEL:
                        self._check_stored_hash(level, index, subtree_hash.hex(), stored_hashes)
                seq, _at, actor, action, obj, _text, prev, stored = row
                yield seq, prev, content, stored
                entries.append(VerifiedEntry(seq, actor, action, obj, details))
                if seq in heads or action in CHECKED_ACTIONS:
                    self._check_entry(entries[-1], heads.get(seq), private, stored)
            self.observe(entries)

    def _check_entry(
        self,
        entry: VerifiedEntry,
        head: TreeHead | None,
        private: Mapping[int, PrivateAuditEntry],
        entry_hash: str,
    ) -> None:
        if entry.action == PRIVATE_ACTION:
            if not is_commitment_valid(entry.details, private.get(entry.seq)):
                self.problems.append(
                    f"The private content of entry {entry.seq} is missing or was changed later."
                )
        elif entry.action == SIGNING_KEY_ADDED:
            key_id = entry.object.removeprefix("key:")
            self.announced_keys[key_id] = str(entry.details.get("public"))
        if head is not None:
            self._check_tree_head(head)
            self.end = VerifiedLog(
                entry.seq,
                entry_hash,
                tuple(subtree.hex() for subtree in self.tree.subtrees),
                dict(self.announced_keys),
            )
        elif entry.action == TREE_HEAD_SIGNED:
            self.problems.append(f"The checkpoint of entry {entry.seq} was signed but is missing.")

    def _check_stored_hash(
        self, level: int, index: int, computed: str, stored_hashes: Mapping[tuple[int, int], str]
    ) -> None:
        # Hashes are stored when a tree head is signed, so a missing one is a problem only below the newest.
        is_needed = (index + 1) << level <= self.covered_size
        if stored_hashes.get((level, index), "" if is_needed else computed) != computed:
            self.problems.append(f"The stored hash {level}/{index} does not match its entries.")

    def _check_tree_head(self, head: TreeHead) -> None:
        size = head.size
        if head.root != self.tree.root().hex():
            self.problems.append(
                f"The first {size} entries of the audit log do not match the checkpoint that was signed over them."
            )
        public = self.announced_keys.get(head.key_id, "")
        if not signing.is_valid_signature(signed_bytes(head), head.signature, public) or (
            signing.key_id(public) != head.key_id
        ):
            self.problems.append(f"The signature of the checkpoint of entry {size} is not valid.")
            return
        if self.vouched_keys and head.key_id not in self.vouched_keys | {self.own_key_id}:
            self.problems.append(
                f"The checkpoint of entry {size} is signed with a key that no earlier key vouched for."
            )
        self.vouched_keys |= self.announced_keys.keys()  # this tree head covers their announcement


def _parse_row(row: LogRow) -> tuple[Any, bytes]:
    """Return the details of an entry, and the bytes that its hash covers."""
    seq, at, actor, action, obj, text, prev, _stored = row
    try:
        details = json.loads(text)
        content = canonical_json(
            {
                "seq": seq,
                "at": at,
                "actor": actor,
                "action": action,
                "object": obj,
                "details": details,
                "prev": prev,
            }
        )
    except (ValueError, TypeError):
        raise _UnreadableEntry(seq) from None
    return details, content


def _describe_unreadable_entry(seq: int) -> str:
    return f"The audit log is not intact from entry {seq} on: that entry cannot be read."


def _find_unreadable_rows() -> Iterator[str]:
    """Yield a sentence about the first entry and the first checkpoint whose columns cannot be read."""
    for first in range(1, audit_queries.get_last_entry()[0] + 1, BATCH_SIZE):
        if _can_read_entries(first, first + BATCH_SIZE - 1):
            continue
        batch = range(first, first + BATCH_SIZE)
        yield _describe_unreadable_entry(
            next(seq for seq in batch if not _can_read_entries(seq, seq))
        )
        return
    for size in audit_queries.list_tree_head_sizes():
        try:
            audit_queries.list_tree_heads_between(size, size)
        except READ_ERRORS:
            session().rollback()
            yield f"The checkpoint of entry {size} cannot be read."
            return


def _can_read_entries(first: int, last: int) -> bool:
    try:
        audit_queries.list_entries_between(first, last)
    except READ_ERRORS:
        session().rollback()
        return False
    return True
