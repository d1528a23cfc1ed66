"""A search finds words in any script, with other accents and in other case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsite.search.tokenizer import build_excerpt, parse_query, tokenize


def find_matches(text, query):
    return [part.text for part in build_excerpt(text, parse_query(query)) if part.is_match]


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("Chère Présidente", "chere", ["Chère"]),
        ("ŁÓDŹ and straße", "strasse", ["straße"]),
        ("我们没有共识。", "共识", ["共识"]),
        ("لا يوجد تَوافُق", "توافق", ["تَوافُق"]),
        ("Соглашение", "соглаш", ["Соглашение"]),
        ("side by side, by the side", '"by side"', ["by side"]),
        ("enhanced cooperation", "cooper", ["cooperation"]),
        ("co-operation", "operation", ["operation"]),
        ("Ｗｉｄｅ letters", "wide", ["Ｗｉｄｅ"]),
        ("nothing here", "absent", []),
    ],
)  # fmt: skip
def test_words_are_found_and_marked_in_their_own_spelling(text, query, found):
    assert find_matches(text, query) == found


def test_only_the_last_word_matches_as_a_prefix():
    assert [c.is_prefix for c in parse_query("work group")] == [False, True]
    assert [c.is_prefix for c in parse_query('work "group"')] == [False, False]
    assert parse_query('"" - !') == []


@given(st.text(max_size=200))
def test_tokens_contain_no_characters_of_a_query_syntax(text):
    for token in tokenize(text):
        assert token
        assert not set(token) & set("'\"\\ :*&|()<>-")


@given(st.text(max_size=300), st.text(max_size=40))
def test_an_excerpt_is_part_of_the_text(text, query):
    segments = build_excerpt(text, parse_query(query))
    shown = "".join(p.text for p in segments if p.text not in {"… ", " …"})
    assert shown in text
