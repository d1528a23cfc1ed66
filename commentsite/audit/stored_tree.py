"""The Merkle tree over the audit log, with the hashes of large subtrees stored in the database.

The hash of a complete subtree never changes, so hashes over 256 entries and more are stored once. Hashes of
smaller subtrees are computed from their entries. A new tree head therefore reads only the entries since the
last one. A proof reads two runs of 256 entries and one stored hash for each level, whether the log has a
thousand entries or a million.
"""

from commentsite.audit import queries as audit_queries
from commentsite.audit.hash_chain import canonical_json
from commentsite.audit.merkle import IncrementalTree, hash_leaf, hash_node
from commentsite.audit.models import AuditEntry, TreeNode
from commentsite.db.session import session

MIN_STORED_LEVEL = 8  # subtrees of 2^8 = 256 entries
RUN_LENGTH = 1 << MIN_STORED_LEVEL


def hash_entry_leaf(entry: AuditEntry) -> bytes:
    """Return the leaf hash of an entry. It covers the same bytes as the hash in the chain."""
    return hash_leaf(canonical_json(audit_queries.hashed_fields(entry)))


class StoredTree:
    """The tree in the database. It loads hashes as needed, and each of them once."""

    def __init__(self) -> None:
        self._cache: dict[tuple[int, int], bytes] = {}

    def subtree(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree. Raises LookupError if its hash or entries are missing."""
        if (level, index) not in self._cache:
            if level < MIN_STORED_LEVEL:
                self._load_run((index << level) // RUN_LENGTH)
            elif (stored := audit_queries.find_stored_hash(level, index)) is not None:
                self._cache[level, index] = bytes.fromhex(stored)
        return self._cache[level, index]

    def store_up_to(self, size: int) -> None:
        """Store the hashes of all subtrees that are complete within the first `size` entries."""
        for run in range(audit_queries.count_stored_hashes(MIN_STORED_LEVEL), size // RUN_LENGTH):
            self._load_run(run)
            level, index = MIN_STORED_LEVEL, run
            self._store(level, index)
            while index & 1:
                left, right = self.subtree(level, index - 1), self.subtree(level, index)
                level, index = level + 1, index >> 1
                self._cache[level, index] = hash_node(left, right)
                self._store(level, index)
            # The first tree head of an old log may cover a million entries, so the small subtrees must go.
            for key in [key for key in self._cache if key[0] < MIN_STORED_LEVEL]:
                del self._cache[key]
        session().flush()

    def _load_run(self, run: int) -> None:
        """Compute the hashes of all subtrees within one run of RUN_LENGTH entries."""
        tree = IncrementalTree()
        for entry in audit_queries.list_entries_between(
            run * RUN_LENGTH + 1, (run + 1) * RUN_LENGTH
        ):
            for level, index, subtree_hash in tree.add(hash_entry_leaf(entry)):
                self._cache[level, (run * RUN_LENGTH >> level) + index] = subtree_hash

    def _store(self, level: int, index: int) -> None:
        value = self._cache[level, index].hex()
        session().add(TreeNode(level=level, position=index, hash=value))
