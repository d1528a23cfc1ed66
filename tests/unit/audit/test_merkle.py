"""The Merkle tree of RFC 9162, compared with vectors computed by another program."""

from hashlib import sha256

from commentsite.audit.merkle import (
    EMPTY_ROOT,
    IncrementalTree,
    compute_root,
    hash_leaf,
    hash_node,
    inclusion_proof,
    is_included,
)
from tests.support.merkle import is_consistent, tree_over

A, B, C = (hash_leaf(x) for x in (b"a", b"b", b"c"))
ABC = "36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1"
PATH_OF_A = [
    "57eb35615d47f34ec714cacdf5fd74608a5e8e102724e80b24b287c0c27b6a31",
    "597fcb31282d34654c200d3418fca5705c648ebf326ec73d8ddef11841f876d8",
]


def test_hashes_and_roots_are_those_of_the_standard():
    assert (
        sha256(b"").digest()
        == EMPTY_ROOT
        == compute_root(0, tree_over([]))
        == IncrementalTree().root()
    )
    assert hash_leaf(b"").hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert A.hex() == "022a6979e6dab7aa5ae4c3e5e45f7e977112a7e63593820dbec1ec738a24f93c"
    assert compute_root(1, tree_over([A])) == A
    assert compute_root(2, tree_over([A, B])).hex() == (
        "b137985ff484fb600db93107c77b0365c80d78f5b429ded0fd97361d077999eb"
    )
    assert compute_root(3, tree_over([A, B, C])).hex() == ABC


def test_the_proof_of_a_leaf_equals_the_vector():
    path = inclusion_proof(0, 3, tree_over([A, B, C]))
    assert [step.hex() for step in path] == PATH_OF_A
    assert is_included(A, 0, 3, path, bytes.fromhex(ABC))


def test_proofs_about_positions_outside_the_tree_are_invalid():
    assert not is_included(A, 1, 1, [], A)
    assert not is_included(A, -1, 1, [], A)
    assert not is_consistent((0, EMPTY_ROOT), (1, A), [])
    assert not is_consistent((2, A), (1, A), [])
    assert not is_consistent((1, A), (2, hash_node(A, B)), [])
