"""Check the log: chain, tree, signatures, and that each head continues the one before."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from commentsite.audit import merkle, signing
from commentsite.audit import queries as audit_queries
from commentsite.audit.export import signed_bytes
from commentsite.audit.hash_chain import canonical_json, find_first_break
from commentsite.audit.merkle import IncrementalTree, hash_leaf
from commentsite.audit.queries import SIGNING_KEY_ADDED, TREE_HEAD_SIGNED
from commentsite.audit.stored_tree import MIN_STORED_LEVEL, StoredTree
from commentsite.db.session import session

MAX_SEQ = 2**31 - 1
READ_ERRORS = (ValueError, TypeError, AttributeError, SQLAlchemyError)


def find_log_problems(own_key_id: str = "") -> list[str]:
    """Return what does not hold in the log, in words that name the entry or head; `kept` is the id of our own key."""
    try:
        return LogVerifier(own_key_id).run()
    except READ_ERRORS:
        session().rollback()
        unreadable = list(_find_unreadable_rows())
        if not unreadable:
            raise
        return unreadable


def _find_unreadable_rows() -> Iterator[str]:
    """Name what the database holds and nobody can read."""
    for seq in range(1, audit_queries.get_last_entry()[0] + 1):
        try:
            audit_queries.list_entries_between(seq, seq)
        except READ_ERRORS:
            session().rollback()
            yield f"The audit log does not hold from entry {seq} on: that entry cannot be read."
            return
    for size in audit_queries.list_tree_head_sizes():
        try:
            audit_queries.list_tree_heads_between(size, size)
        except READ_ERRORS:
            session().rollback()
            yield f"The head of entry {size} cannot be read."
            return


class LogVerifier:
    """One reading of the log from its first entry to its last."""

    def __init__(self, kept: str) -> None:
        """Start before the first entry, with the heads and hashes that were stored."""
        self.own_key_id = kept
        self.tree_heads = {
            head.size: head for head in audit_queries.list_tree_heads_between(0, MAX_SEQ)
        }
        self.unmatched_hashes = audit_queries.get_stored_hashes()
        self.covered_size = max(self.tree_heads, default=0)
        self.tree = IncrementalTree()
        self.announced_keys: dict[str, str] = {}
        self.vouched_keys: set[str] = set()
        self.problems: list[str] = []

    def run(self) -> list[str]:
        """Return what does not hold, in words."""
        broken = find_first_break(self._iter_checked_entries())
        if broken is not None:
            self.problems.append(
                f"The audit log does not hold from entry {broken} on: it was changed, removed or put in later."
            )
            return self.problems
        for size in self.tree_heads:
            if size > self.tree.size:
                self.problems.append(
                    f"A head covers {size} entries, and there are {self.tree.size}: the end of the log is gone."
                )
        self.problems.extend(
            f"The stored hash {level}/{position} belongs to no entries of the log."
            for level, position in self.unmatched_hashes
        )
        if self.tree_heads and self.own_key_id and self.own_key_id not in self.announced_keys:
            self.problems.append("No head was signed with the key that is kept here.")
        return self.problems or list(self._check_consistency())

    def _iter_checked_entries(self) -> Iterator[tuple[Mapping[str, Any], str]]:
        for entry in audit_queries.iter_entries():
            fields = audit_queries.hashed_fields(entry)
            for level, index, found in self.tree.add(hash_leaf(canonical_json(fields))):
                if level >= MIN_STORED_LEVEL:
                    self._check_stored_hash(level, index, found.hex())
            yield fields, entry.hash
            if entry.action == SIGNING_KEY_ADDED:
                self.announced_keys[entry.object.removeprefix("key:")] = str(
                    entry.details.get("public")
                )
            if entry.seq in self.tree_heads:
                self._check_tree_head(entry.seq)
            elif entry.action == TREE_HEAD_SIGNED:
                self.problems.append(f"The head of entry {entry.seq} was signed, and is gone.")

    def _check_stored_hash(self, level: int, index: int, found: str) -> None:
        is_needed = (index + 1) << level <= self.covered_size
        if self.unmatched_hashes.pop((level, index), "" if is_needed else found) != found:
            self.problems.append(f"The stored hash {level}/{index} is not that of its entries.")

    def _check_tree_head(self, size: int) -> None:
        head = self.tree_heads[size]
        if head.root != self.tree.root().hex():
            self.problems.append(
                f"The first {size} entries of the log do not lead to the head that was signed over them."
            )
        public = self.announced_keys.get(head.key_id, "")
        if not signing.is_valid_signature(signed_bytes(head), head.signature, public) or (
            signing.key_id(public) != head.key_id
        ):
            self.problems.append(f"The signature of the head of entry {size} does not hold.")
            return
        if self.vouched_keys and head.key_id not in self.vouched_keys | {self.own_key_id}:
            self.problems.append(
                f"The head of entry {size} is signed with a key that no earlier key vouched for."
            )
        self.vouched_keys |= self.announced_keys.keys()  # those this head covers

    def _check_consistency(self) -> Iterator[str]:
        """Check the proofs that mirrors are given, made from what is stored."""
        tree = StoredTree()
        for old, new in pairwise(sorted(self.tree_heads)):
            roots = [(size, bytes.fromhex(self.tree_heads[size].root)) for size in (old, new)]
            path = merkle.consistency_proof(old, new, tree.subtree)
            if not merkle.is_consistent(roots[0], roots[1], path):
                yield f"The head of entry {new} does not continue the head of entry {old}."
