"""The Merkle tree of RFC 9162, section 2.1: hashes, proofs, and the verification of proofs.

The functions here are independent of storage. Roots and proofs are computed from a function
`subtree(level, index)`, which returns the hash over the complete subtree of the leaves index·2^level up to
(index+1)·2^level. `stored_tree` provides it from stored hashes, so that a root does not read the whole log.
Numbers in parentheses are sections of the RFC.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

Subtree = Callable[[int, int], bytes]
EMPTY_ROOT = sha256().digest()


def hash_leaf(content: bytes) -> bytes:
    """Return the hash of a leaf. The prefix byte makes sure that no leaf has the hash of a node."""
    return sha256(b"\0" + content).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two neighbouring subtrees."""
    return sha256(b"\1" + left + right).digest()


def compute_root(size: int, subtree: Subtree) -> bytes:
    """Return the root over the first `size` leaves."""
    return _hash_range(0, size, subtree) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """Return the hashes that connect a leaf with the root of the first `size` leaves (2.1.3.1)."""
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + _left_size(high - low)
        if index < middle:
            path.append(_hash_range(middle, high, subtree))
            high = middle
        else:
            path.append(_hash_range(low, middle, subtree))
            low = middle
    return path[::-1]


def consistency_proof(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """Return the hashes that prove that the first `new` leaves begin with the first `old` (2.1.4.1). 0 < old."""
    low, high, path = 0, new, []
    while old != high:
        middle = low + _left_size(high - low)
        if old <= middle:
            path.append(_hash_range(middle, high, subtree))
            high = middle
        else:
            path.append(_hash_range(low, middle, subtree))
            low = middle
    if low:
        path.append(_hash_range(low, high, subtree))
    return path[::-1]


def is_included(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], expected_root: bytes
) -> bool:
    """Return whether an inclusion proof connects the hash of a leaf with a root (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    # `node` and `last` are the positions of the current node and of the last node on the current level.
    node, last, current = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            current = hash_node(step, current)
            # A last node without a sibling has no hash of its own on this level: go up to where it has one.
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            current = hash_node(current, step)
        node, last = node >> 1, last >> 1
    return last == 0 and current == expected_root


class IncrementalTree:
    """A tree that grows leaf by leaf. It stores one hash for each bit that is set in its size.

    `subtrees` are these hashes, the widest subtree first. With them a tree of `size` leaves can be continued.
    """

    def __init__(self, size: int = 0, subtrees: Sequence[bytes] = ()) -> None:
        self.size = size
        self.subtrees = list(subtrees)

    def add(self, leaf: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Add the hash of the next leaf. Yield level, index and hash of each subtree that it completes."""
        level, index, subtree_hash = 0, self.size, leaf
        yield level, index, subtree_hash
        while index & 1:
            level, index = level + 1, index >> 1
            subtree_hash = hash_node(self.subtrees.pop(), subtree_hash)
            yield level, index, subtree_hash
        self.subtrees.append(subtree_hash)
        self.size += 1

    def root(self) -> bytes:
        if not self.subtrees:
            return EMPTY_ROOT
        *rest, root = self.subtrees
        for left in reversed(rest):
            root = hash_node(left, root)
        return root


def _hash_range(low: int, high: int, subtree: Subtree) -> bytes:
    width = high - low
    if width & (width - 1) == 0:
        return subtree(width.bit_length() - 1, low // width)
    middle = low + _left_size(width)
    return hash_node(_hash_range(low, middle, subtree), _hash_range(middle, high, subtree))


def _left_size(width: int) -> int:
    """Return the number of leaves of the left subtree: the largest power of two below the width."""
    return 1 << (width - 1).bit_length() - 1
