"""A search finds words in any script and in other spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsite.search.tokenizer import build_excerpt, parse_query, tokenize


def marked_words(text, question):
    return [part.text for part in build_excerpt(text, parse_query(question)) if part.is_match]


@pytest.mark.parametrize(
    ("text", "question", "found"),
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
def test_words_are_found_and_marked_in_their_own_spelling(text, question, found):
    assert marked_words(text, question) == found


def test_only_the_last_word_may_be_a_beginning():
    assert [c.is_prefix for c in parse_query("work group")] == [False, True]
    assert [c.is_prefix for c in parse_query('work "group"')] == [False, False]
    assert parse_query('"" - !') == []


@given(st.text(max_size=200))
def test_units_are_plain_words_that_any_index_takes(text):
    for unit in tokenize(text):
        assert unit
        assert not set(unit) & set("'\"\\ :*&|()<>-")


@given(st.text(max_size=300), st.text(max_size=40))
def test_the_words_around_a_match_are_the_text_itself(text, question):
    parts = build_excerpt(text, parse_query(question))
    shown = "".join(p.text for p in parts if p.text not in {"… ", " …"})
    assert shown in text
