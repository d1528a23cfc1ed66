"""Every proof of a Merkle tree verifies, and no altered proof does."""

from hypothesis import given
from hypothesis import strategies as st

from commentsite.audit.merkle import (
    IncrementalTree,
    compute_root,
    consistency_proof,
    hash_leaf,
    inclusion_proof,
    is_consistent,
    is_included,
)
from tests.support.merkle import tree_over

MOST = 70
LEAVES = [hash_leaf(str(n).encode()) for n in range(MOST)]
TREE = tree_over(LEAVES)
ROOTS = [compute_root(size, TREE) for size in range(MOST + 1)]
FLIP = st.tuples(st.integers(0, 31), st.integers(0, 7))


def flipped(content, at):
    byte, bit = at
    return content[:byte] + bytes([content[byte] ^ 1 << bit]) + content[byte + 1 :]


def test_every_leaf_of_every_size_is_proved():
    for size in range(1, MOST + 1):
        for index in range(size):
            path = inclusion_proof(index, size, TREE)
            assert is_included(LEAVES[index], index, size, path, ROOTS[size])
            assert len(path) <= 7


def test_every_size_continues_every_smaller_one():
    for new in range(1, MOST + 1):
        for old in range(1, new + 1):
            path = consistency_proof(old, new, TREE)
            assert is_consistent((old, ROOTS[old]), (new, ROOTS[new]), path)


def test_a_tree_that_grows_has_the_same_roots_and_names_each_subtree():
    growing = IncrementalTree()
    for size, leaf in enumerate(LEAVES, 1):
        for level, index, found in growing.add(leaf):
            assert found == TREE(level, index)
        assert growing.root() == ROOTS[size]


@given(st.integers(2, MOST), st.data())
def test_an_altered_proof_of_a_leaf_does_not_hold(size, data):
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_proof(index, size, TREE)
    step, at = data.draw(st.integers(0, len(path) - 1)), data.draw(FLIP)
    touched = [*path[:step], flipped(path[step], at), *path[step + 1 :]]
    leaf, here = LEAVES[index], ROOTS[size]
    assert not is_included(leaf, index, size, touched, here)
    assert not is_included(flipped(leaf, at), index, size, path, here)
    assert not is_included(leaf, index, size, path, flipped(here, at))
    assert not is_included(leaf, index, size, path[:-1], here)
    assert not is_included(leaf, index, size, [*path, here], here)
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index))
    assert not is_included(leaf, other, size, path, here)


@given(st.integers(2, MOST), st.data())
def test_an_altered_proof_of_consistency_does_not_hold(new, data):
    old, at = data.draw(st.integers(1, new - 1)), data.draw(FLIP)
    path = consistency_proof(old, new, TREE)
    step = data.draw(st.integers(0, len(path) - 1))
    touched = [*path[:step], flipped(path[step], at), *path[step + 1 :]]
    one, two = (old, ROOTS[old]), (new, ROOTS[new])
    assert not is_consistent(one, two, touched)
    assert not is_consistent((old, flipped(ROOTS[old], at)), two, path)
    assert not is_consistent(one, (new, flipped(ROOTS[new], at)), path)
    assert not is_consistent(one, two, path[:-1])
    assert not is_consistent(one, two, [*path, ROOTS[old]])
