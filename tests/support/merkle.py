"""Merkle trees computed from all their leaves, to compare with the stored ones."""

from commentsite.audit.merkle import hash_node


def tree_over(leaves):
    """Return a function (level, index) → hash that computes each subtree anew."""

    def subtree(level, index):
        if level == 0:
            return leaves[index]
        return hash_node(subtree(level - 1, 2 * index), subtree(level - 1, 2 * index + 1))

    return subtree
