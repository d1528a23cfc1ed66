"""Every proof of a Merkle tree verifies, and no altered proof does."""

from hypothesis import given
from hypothesis import strategies as st

from commentsite.audit.merkle import (
    IncrementalTree,
    compute_root,
    consistency_proof,
    hash_leaf,
    inclusion_proof,
    is_included,
)
from tests.support.merkle import is_consistent, tree_over

MAX_SIZE = 70
LEAVES = [hash_leaf(str(n).encode()) for n in range(MAX_SIZE)]
TREE = tree_over(LEAVES)
ROOTS = [compute_root(size, TREE) for size in range(MAX_SIZE + 1)]
FLIP = st.tuples(st.integers(0, 31), st.integers(0, 7))


def flipped(content, at):
    byte, bit = at
    return content[:byte] + bytes([content[byte] ^ 1 << bit]) + content[byte + 1 :]


def test_every_inclusion_proof_is_valid():
    for size in range(1, MAX_SIZE + 1):
        for index in range(size):
            path = inclusion_proof(index, size, TREE)
            assert is_included(LEAVES[index], index, size, path, ROOTS[size])
            assert len(path) <= 7


def test_every_consistency_proof_is_valid():
    for new in range(1, MAX_SIZE + 1):
        for old in range(1, new + 1):
            path = consistency_proof(old, new, TREE)
            assert is_consistent((old, ROOTS[old]), (new, ROOTS[new]), path)


def test_an_incremental_tree_has_the_same_roots_and_yields_each_subtree():
    tree = IncrementalTree()
    for size, leaf in enumerate(LEAVES, 1):
        for level, index, subtree_hash in tree.add(leaf):
            assert subtree_hash == TREE(level, index)
        assert tree.root() == ROOTS[size]


@given(st.integers(2, MAX_SIZE), st.data())
def test_an_altered_inclusion_proof_is_invalid(size, data):
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_proof(index, size, TREE)
    step, at = data.draw(st.integers(0, len(path) - 1)), data.draw(FLIP)
    altered = [*path[:step], flipped(path[step], at), *path[step + 1 :]]
    leaf, root = LEAVES[index], ROOTS[size]
    assert not is_included(leaf, index, size, altered, root)
    assert not is_included(flipped(leaf, at), index, size, path, root)
    assert not is_included(leaf, index, size, path, flipped(root, at))
    assert not is_included(leaf, index, size, path[:-1], root)
    assert not is_included(leaf, index, size, [*path, root], root)
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index))
    assert not is_included(leaf, other, size, path, root)


@given(st.integers(2, MAX_SIZE), st.data())
def test_an_altered_consistency_proof_is_invalid(new, data):
    old, at = data.draw(st.integers(1, new - 1)), data.draw(FLIP)
    path = consistency_proof(old, new, TREE)
    step = data.draw(st.integers(0, len(path) - 1))
    altered = [*path[:step], flipped(path[step], at), *path[step + 1 :]]
    one, two = (old, ROOTS[old]), (new, ROOTS[new])
    assert not is_consistent(one, two, altered)
    assert not is_consistent((old, flipped(ROOTS[old], at)), two, path)
    assert not is_consistent(one, (new, flipped(ROOTS[new], at)), path)
    assert not is_consistent(one, two, path[:-1])
    assert not is_consistent(one, two, [*path, ROOTS[old]])
