"""The hashes of the tree over the log, stored so that a head or a proof reads little.

Hashes over 256 entries and over wider runs are stored once their entries are there; they never
change. Those of narrower runs are made from the entries. So a new head reads the entries since
the last one, and a proof reads two runs of 256 and one stored hash for each level, whether the
log has a thousand entries or a million.
"""

from commentsite.audit import queries
from commentsite.audit.chain import canonical
from commentsite.audit.merkle import Growing, leaf_hash, node_hash
from commentsite.audit.models import AuditEntry, LogNode
from commentsite.db import session

STORED = 8  # the lowest level that is stored
RUN = 1 << STORED


def leaf_of(entry: AuditEntry) -> bytes:
    """Return the leaf hash of an entry, over the same bytes as its hash in the chain."""
    return leaf_hash(canonical(queries.hashed_fields(entry)))


class StoredTree:
    """The tree as it is stored, read as needed and each part once."""

    def __init__(self) -> None:
        """Read nothing yet."""
        self._known: dict[tuple[int, int], bytes] = {}

    def subtree(self, level: int, index: int) -> bytes:
        """Return the hash over one complete run. Raises LookupError when its hash or entries are missing."""
        if (level, index) not in self._known:
            if level < STORED:
                self._read_run((index << level) // RUN)
            elif (found := queries.node(level, index)) is not None:
                self._known[level, index] = bytes.fromhex(found)
        return self._known[level, index]

    def grow(self, size: int) -> None:
        """Store the hashes that became complete among the first `size` entries."""
        for run in range(queries.count_nodes(STORED), size // RUN):
            self._read_run(run)
            level, index = STORED, run
            self._store(level, index)
            while index & 1:
                left, right = self.subtree(level, index - 1), self.subtree(level, index)
                level, index = level + 1, index >> 1
                self._known[level, index] = node_hash(left, right)
                self._store(level, index)
            for narrow in [key for key in self._known if key[0] < STORED]:
                del self._known[narrow]  # a first head may have a million entries below it
        session().flush()

    def _read_run(self, run: int) -> None:
        growing = Growing()
        for entry in queries.entries_between(run * RUN + 1, (run + 1) * RUN):
            for level, index, found in growing.add(leaf_of(entry)):
                self._known[level, (run * RUN >> level) + index] = found

    def _store(self, level: int, index: int) -> None:
        found = self._known[level, index].hex()
        session().add(LogNode(level=level, position=index, hash=found))
