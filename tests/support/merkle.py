"""Merkle trees computed from all their leaves, and the check of a consistency proof that a reader makes."""

from commentsite.audit.merkle import hash_node


def tree_over(leaves):
    """Return a function (level, index) → hash that computes each subtree anew."""

    def subtree(level, index):
        if level == 0:
            return leaves[index]
        return hash_node(subtree(level - 1, 2 * index), subtree(level - 1, 2 * index + 1))

    return subtree


def is_consistent(old, new, path):
    """Return whether a proof shows that the tree `new` (size and root) begins with the tree `old` (RFC 9162, 2.1.4.2)."""
    (old_size, old_root), (new_size, new_root) = old, new
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not path and old_root == new_root
    if not path:
        return False
    # If the old size is a power of two, the old tree is one node of the new tree, and the proof leaves it out.
    steps = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    # The proof leads to both roots at once. Only nodes on the left belong to the old tree.
    old_hash = new_hash = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old_hash, new_hash = hash_node(step, old_hash), hash_node(step, new_hash)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            new_hash = hash_node(new_hash, step)
        node, last = node >> 1, last >> 1
    return last == 0 and old_hash == old_root and new_hash == new_root
