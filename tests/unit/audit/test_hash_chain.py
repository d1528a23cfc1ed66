"""The hash chain, compared with vectors computed by another program."""

from commentsite.audit.hash_chain import (
    GENESIS_HASH,
    canonical_json,
    find_first_break,
    hash_entry,
)

ONE = {"action": "comment.submitted", "object": "c1", "prev": GENESIS_HASH, "seq": 1}
H1 = "16740e68734e11d1d379ec2901c32565dfdf7fb85298510c238f4ce1dbbd663a"
H2 = "a1b1b0cb6af5b20a0ed26d1812b5c9730cdc7c7e82eed2c736a1fc4cf3f078b1"


def test_known_entries_have_the_known_hashes():
    assert hash_entry(ONE) == H1
    assert hash_entry({"action": "comment.approved", "object": "c1", "prev": H1, "seq": 2}) == H2


def test_the_first_changed_entry_is_found():
    two = {"action": "comment.approved", "object": "c1", "prev": H1, "seq": 2}
    first, second = (1, GENESIS_HASH, canonical_json(ONE), H1), (2, H1, canonical_json(two), H2)
    changed = (2, H1, canonical_json({**two, "object": "c2"}), H2)
    assert find_first_break([first, second]) is None
    assert find_first_break([first, changed]) == 2
    assert find_first_break([second], 1, H1) is None
    assert find_first_break([second], 1, H2) == 2
