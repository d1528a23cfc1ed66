"""The hash chain names an entry that was changed, dropped, repeated or moved."""

from hypothesis import given
from hypothesis import strategies as st

from commentsite.audit import hash_chain
from commentsite.audit.hash_chain import GENESIS_HASH, canonical_json, hash_entry

WORD = st.text(min_size=1, max_size=12)
DETAILS = st.dictionaries(
    WORD, st.one_of(WORD, st.integers(), st.lists(WORD, max_size=3)), max_size=3
)


def find_first_break(entries):
    return hash_chain.find_first_break(
        (fields["seq"], fields["prev"], canonical_json(fields), stored)
        for fields, stored in entries
    )


def chained(details):
    prev, entries = GENESIS_HASH, []
    for seq, entry_details in enumerate(details, 1):
        fields = {"seq": seq, "action": "a", "object": "o", "details": entry_details, "prev": prev}
        prev = hash_entry(fields)
        entries.append((fields, prev))
    return entries


@given(st.lists(DETAILS, max_size=12))
def test_an_unchanged_chain_is_valid(details):
    assert find_first_break(chained(details)) is None


@given(st.lists(DETAILS, min_size=2, max_size=12), st.data())
def test_a_changed_entry_is_found(details, data):
    entries = chained(details)
    index = data.draw(st.integers(0, len(entries) - 1))
    fields, stored = entries[index]
    entries[index] = ({**fields, "action": "b"}, stored)
    assert find_first_break(entries) == index + 1


@given(st.lists(DETAILS, min_size=3, max_size=12), st.data())
def test_an_entry_dropped_or_swapped_is_found(details, data):
    entries = chained(details)
    index = data.draw(st.integers(0, len(entries) - 2))
    assert find_first_break(entries[:index] + entries[index + 1 :]) == index + 1
    entries[index], entries[index + 1] = entries[index + 1], entries[index]
    assert find_first_break(entries) == index + 1


@given(st.lists(DETAILS, min_size=2, max_size=12), st.data())
def test_a_rewritten_entry_breaks_the_next_even_with_a_new_hash(details, data):
    entries = chained(details)
    index = data.draw(st.integers(0, len(entries) - 2))
    fields = {**entries[index][0], "action": "b"}
    entries[index] = (fields, hash_entry(fields))
    assert find_first_break(entries) == index + 2
