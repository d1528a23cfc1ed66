"""The hashes of the tree over the log, stored so that a head or a proof reads little.

Hashes over 256 entries and over wider runs are stored once their entries are there; they never
change. Those of narrower runs are made from the entries. So a new head reads the entries since
the last one, and a proof reads two runs of 256 and one stored hash for each level, whether the
log has a thousand entries or a million.
"""

from commentsite.audit import queries as audit_queries
from commentsite.audit.hash_chain import canonical_json
from commentsite.audit.merkle import IncrementalTree, hash_leaf, hash_node
from commentsite.audit.models import AuditEntry, TreeNode
from commentsite.db.session import session

MIN_STORED_LEVEL = 8  # the lowest level that is stored
RUN_LENGTH = 1 << MIN_STORED_LEVEL


def hash_entry_leaf(entry: AuditEntry) -> bytes:
    """Return the leaf hash of an entry, over the same bytes as its hash in the chain."""
    return hash_leaf(canonical_json(audit_queries.hashed_fields(entry)))


class StoredTree:
    """The tree as it is stored, read as needed and each part once."""

    def __init__(self) -> None:
        """Read nothing yet."""
        self._cache: dict[tuple[int, int], bytes] = {}

    def subtree(self, level: int, index: int) -> bytes:
        """Return the hash over one complete run. Raises LookupError when its hash or entries are missing."""
        if (level, index) not in self._cache:
            if level < MIN_STORED_LEVEL:
                self._load_run((index << level) // RUN_LENGTH)
            elif (found := audit_queries.find_stored_hash(level, index)) is not None:
                self._cache[level, index] = bytes.fromhex(found)
        return self._cache[level, index]

    def store_up_to(self, size: int) -> None:
        """Store the hashes that became complete among the first `size` entries."""
        for run in range(audit_queries.count_stored_hashes(MIN_STORED_LEVEL), size // RUN_LENGTH):
            self._load_run(run)
            level, index = MIN_STORED_LEVEL, run
            self._store(level, index)
            while index & 1:
                left, right = self.subtree(level, index - 1), self.subtree(level, index)
                level, index = level + 1, index >> 1
                self._cache[level, index] = hash_node(left, right)
                self._store(level, index)
            for narrow in [key for key in self._cache if key[0] < MIN_STORED_LEVEL]:
                del self._cache[narrow]  # a first head may have a million entries below it
        session().flush()

    def _load_run(self, run: int) -> None:
        growing = IncrementalTree()
        for entry in audit_queries.list_entries_between(
            run * RUN_LENGTH + 1, (run + 1) * RUN_LENGTH
        ):
            for level, index, found in growing.add(hash_entry_leaf(entry)):
                self._cache[level, (run * RUN_LENGTH >> level) + index] = found

    def _store(self, level: int, index: int) -> None:
        found = self._cache[level, index].hex()
        session().add(TreeNode(level=level, position=index, hash=found))
