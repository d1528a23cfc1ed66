"""Verify the stored audit log: hash chain, Merkle tree, signatures, and consistency between tree heads."""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from commentsite.audit import merkle, signing
from commentsite.audit import queries as audit_queries
from commentsite.audit.export import signed_bytes
from commentsite.audit.hash_chain import canonical_json, find_first_break
from commentsite.audit.merkle import IncrementalTree, hash_leaf
from commentsite.audit.models import AuditEntry
from commentsite.audit.private_entries import PRIVATE_ACTION, is_commitment_valid
from commentsite.audit.queries import SIGNING_KEY_ADDED, TREE_HEAD_SIGNED
from commentsite.audit.stored_tree import MIN_STORED_LEVEL, StoredTree
from commentsite.db.session import session

MAX_SEQ = 2**31 - 1
READ_ERRORS = (ValueError, TypeError, AttributeError, SQLAlchemyError)


def find_log_problems(
    own_key_id: str = "", advance: Callable[[int], None] = lambda _: None
) -> list[str]:
    """Return a sentence for each problem of the audit log, which names the entry or checkpoint.

    `own_key_id` is the id of the signing key of this installation, or empty if there is none.
    `advance` is called with 1 for each entry.
    """
    try:
        return LogVerifier(own_key_id, advance).run()
    except READ_ERRORS:
        session().rollback()
        problems = list(_find_unreadable_rows())
        if not problems:
            raise
        return problems


def _find_unreadable_rows() -> Iterator[str]:
    """Yield a sentence about the first entry and the first checkpoint whose columns cannot be parsed."""
    for seq in range(1, audit_queries.get_last_entry()[0] + 1):
        try:
            audit_queries.list_entries_between(seq, seq)
        except READ_ERRORS:
            session().rollback()
            yield f"The audit log is not intact from entry {seq} on: that entry cannot be read."
            return
    for size in audit_queries.list_tree_head_sizes():
        try:
            audit_queries.list_tree_heads_between(size, size)
        except READ_ERRORS:
            session().rollback()
            yield f"The checkpoint of entry {size} cannot be read."
            return


class LogVerifier:
    """One pass over the log, from the first entry to the last."""

    def __init__(self, own_key_id: str, advance: Callable[[int], None]) -> None:
        self.own_key_id, self.advance = own_key_id, advance
        self.tree_heads = {
            head.size: head for head in audit_queries.list_tree_heads_between(0, MAX_SEQ)
        }
        self.unmatched_hashes = audit_queries.get_stored_hashes()
        self.covered_size = max(self.tree_heads, default=0)
        self.tree = IncrementalTree()
        self.announced_keys: dict[str, str] = {}
        self.vouched_keys: set[str] = set()
        self.private_entries = audit_queries.load_all_private_entries()
        self.problems: list[str] = []

    def run(self) -> list[str]:
        broken = find_first_break(self._iter_checked_entries())
        if broken is not None:
            self.problems.append(
                f"The audit log is not intact from entry {broken} on: that entry was changed, removed or inserted later."
            )
            return self.problems
        for size in self.tree_heads:
            if size > self.tree.size:
                self.problems.append(
                    f"A checkpoint covers {size} entries but the audit log has {self.tree.size}: the end of the log is missing."
                )
        self.problems.extend(
            f"The stored hash {level}/{position} belongs to no entries of the audit log."
            for level, position in self.unmatched_hashes
        )
        if self.tree_heads and self.own_key_id and self.own_key_id not in self.announced_keys:
            self.problems.append("No checkpoint was signed with the key of this installation.")
        return self.problems or list(self._check_consistency())

    def _iter_checked_entries(self) -> Iterator[tuple[Mapping[str, Any], str]]:
        for entry in audit_queries.iter_entries():
            fields = audit_queries.hashed_fields(entry)
            for level, index, subtree_hash in self.tree.add(hash_leaf(canonical_json(fields))):
                if level >= MIN_STORED_LEVEL:
                    self._check_stored_hash(level, index, subtree_hash.hex())
            yield fields, entry.hash
            self._check_private_content(entry)
            self.advance(1)
            if entry.action == SIGNING_KEY_ADDED:
                self.announced_keys[entry.object.removeprefix("key:")] = str(
                    entry.details.get("public")
                )
            if entry.seq in self.tree_heads:
                self._check_tree_head(entry.seq)
            elif entry.action == TREE_HEAD_SIGNED:
                self.problems.append(
                    f"The checkpoint of entry {entry.seq} was signed but is missing."
                )

    def _check_private_content(self, entry: AuditEntry) -> None:
        private = self.private_entries.pop(entry.seq, None)
        if entry.action == PRIVATE_ACTION and not is_commitment_valid(entry, private):
            self.problems.append(
                f"The private content of entry {entry.seq} is missing or was changed later."
            )

    def _check_stored_hash(self, level: int, index: int, computed: str) -> None:
        # Hashes are stored when a tree head is signed, so a missing one is a problem only below the newest.
        is_needed = (index + 1) << level <= self.covered_size
        stored = self.unmatched_hashes.pop((level, index), "" if is_needed else computed)
        if stored != computed:
            self.problems.append(f"The stored hash {level}/{index} does not match its entries.")

    def _check_tree_head(self, size: int) -> None:
        head = self.tree_heads[size]
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

    def _check_consistency(self) -> Iterator[str]:
        """Check the consistency proofs that the site publishes. They are computed from the stored hashes."""
        tree = StoredTree()
        for old, new in pairwise(sorted(self.tree_heads)):
            roots = [(size, bytes.fromhex(self.tree_heads[size].root)) for size in (old, new)]
            path = merkle.consistency_proof(old, new, tree.subtree)
            if not merkle.is_consistent(roots[0], roots[1], path):
                yield f"The checkpoint of entry {new} is not consistent with the checkpoint of entry {old}."
