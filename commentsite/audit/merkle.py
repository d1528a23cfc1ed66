"""The Merkle tree of RFC 9162, section 2.1: its hashes, its proofs, and how both are checked.

Whoever makes a root or a proof says with `subtree(level, index)` what the hash over the leaves
from index·2^level up to (index+1)·2^level is. So the arithmetic stands here, and how those hashes
are kept, that a root need not read the whole log again, stands elsewhere.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

Subtree = Callable[[int, int], bytes]
EMPTY_ROOT = sha256().digest()


def hash_leaf(content: bytes) -> bytes:
    """Return the hash of a leaf; the byte before it keeps leaves and nodes apart."""
    return sha256(b"\0" + content).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees that stand beside each other."""
    return sha256(b"\1" + left + right).digest()


def compute_root(size: int, subtree: Subtree) -> bytes:
    """Return the hash of the tree over the first `size` leaves."""
    return _hash_range(0, size, subtree) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """Return the hashes that lead from a leaf to the root of the first `size` leaves (2.1.3.1)."""
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
    """Return the hashes that show that the first `new` leaves begin with the first `old`, 0 < old (2.1.4.1)."""
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
    """Say whether a path leads from a leaf's hash to a root (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    here, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if here & 1 or here == last:
            found = hash_node(step, found)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            found = hash_node(found, step)
        here, last = here >> 1, last >> 1
    return last == 0 and found == expected_root


def is_consistent(old: tuple[int, bytes], new: tuple[int, bytes], path: Sequence[bytes]) -> bool:
    """Say whether a path shows that the tree `new` (size and root) begins with `old` (2.1.4.2)."""
    (old_size, old_root), (new_size, new_root) = old, new
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not path and old_root == new_root
    steps = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    if not path:
        return False
    here, last = old_size - 1, new_size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            before, after = hash_node(step, before), hash_node(step, after)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            after = hash_node(after, step)
        here, last = here >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


class IncrementalTree:
    """A tree that leaves are added to, holding only one hash for each bit of its size."""

    def __init__(self) -> None:
        """Start with no leaf."""
        self.size = 0
        self._complete_subtrees: list[bytes] = []  # complete subtrees, the widest first

    def add(self, leaf: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Take the hash of the next leaf, and yield level, index and hash of each subtree it completes."""
        level, index, found = 0, self.size, leaf
        yield level, index, found
        while index & 1:
            level, index, found = (
                level + 1,
                index >> 1,
                hash_node(self._complete_subtrees.pop(), found),
            )
            yield level, index, found
        self._complete_subtrees.append(found)
        self.size += 1

    def root(self) -> bytes:
        """Return the hash of the tree as it is now."""
        if not self._complete_subtrees:
            return EMPTY_ROOT
        *rest, found = self._complete_subtrees
        for left in reversed(rest):
            found = hash_node(left, found)
        return found


def _hash_range(low: int, high: int, subtree: Subtree) -> bytes:
    width = high - low
    if width & (width - 1) == 0:
        return subtree(width.bit_length() - 1, low // width)
    middle = low + _left_size(width)
    return hash_node(_hash_range(low, middle, subtree), _hash_range(middle, high, subtree))


def _left_size(width: int) -> int:
    """Return how many leaves the left side has: the largest power of two below the width."""
    return 1 << (width - 1).bit_length() - 1
