"""A search finds words in any script, with other accents and in other case."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsite.search.tokenizer import (
    BOUNDARY,
    build_excerpt,
    find_spans,
    parse_query,
    tokenize,
    tokenize_for_index,
)


def find_matches(text, query):
    return [part.text for part in build_excerpt(text, parse_query(query)) if part.is_match]


@given(st.text(alphabet="aB9 -'`\".,_:;/\n@", max_size=20))
def test_plain_ascii_gets_the_tokens_that_other_texts_get(text):
    bounds = {"max_tokens": 50, "max_bytes": 500}
    # A word with an accent after a space is a word of its own. Its text takes the general path.
    rows = " ".join(tokenize_for_index(f"{text} é", **bounds)).split(f" {BOUNDARY} ")
    expected = f" {BOUNDARY} ".join(row.removesuffix("e").rstrip() for row in rows)
    assert " ".join(tokenize_for_index(text, **bounds)) == expected


SPELLINGS = [
    # invisible characters
    ("in\u00adter\u200bna\u2060tio\ufeffnal", "international"),
    ("نمی\u200cخواهم", "نمیخواهم"),
    ("क्\u200dष", "क्ष"),
    # compounds, symbols and numbers
    ("e-mail", "email"),
    ("e\u2011mail", "E‐Mail"),
    ("micro-targeting", "microtargeting"),
    ("state-of-the-art", "stateoftheart"),
    ("multi‑stakeholder", "multi stakeholder"),
    ("RFC9162", "RFC 9162"),
    ("RFC-9162", "rfc9162"),
    ("COVID-19", "Covid19"),
    ("A/RES/70/125", "a/res/70/125"),
    ("10,000", "10000"),
    ("U.N.", "UN"),
    # letters and their relatives
    ("Łódź", "Lodz"),
    ("Tromsø", "tromso"),
    ("Đorđe", "Dorde"),
    ("Ħamrun", "hamrun"),
    ("Straße", "STRASSE"),
    ("Ærø", "aero"),
    ("cœur", "coeur"),
    ("Þórður", "thordur"),
    ("ISPARTA", "ısparta"),
    ("İzmir", "izmir"),
    ("l’accord", "l'accord"),
    ("l’accord", "laccord"),
    ("Hawaiʻi", "hawaii"),
    ("ёлка", "елка"),
    ("Ὀδυσσεύς", "οδυσσευς"),
    ("ﬁnance", "finance"),
    ("ｗｉｄｅ", "wide"),
    ("المكتبة", "المكتبه"),
    ("أحمد", "احمد"),
    ("إسلام", "اسلام"),
    ("مصطفى", "مصطفي"),
    ("كتـــاب", "كتاب"),
    ("مُحَمَّد", "محمد"),
    ("کشوری", "كشوري"),
    ("שָׁלוֹם", "שלום"),
    ("צה״ל", 'צה"ל'),
    ("क़लम", "कलम"),
    ("हिन्दी", "हिंदी"),
    ("ガイド", "ｶﾞｲﾄﾞ"),
    # digits
    ("۱۲۳", "123"),
    ("١٢٣", "१२३"),
    ("２５６３", "๒๕๖๓"),
]


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_two_spellings_of_a_word_find_each_other(one, other):
    for text, query in ((one, other), (other, one)):
        shown = build_excerpt(f"x {text} x", parse_query(query))
        assert "".join(part.text for part in shown) == f"x {text} x"
        assert [part.text for part in shown if part.is_match]


@pytest.mark.parametrize(("text", "query"), [("がき", "かき"), ("हिन्दी", "हद"), ("unit", "UN IT")])
def test_different_words_do_not_find_each_other(text, query):
    assert find_matches(text, f'"{query}"') == []


@given(st.text(max_size=100))
def test_the_composition_of_letters_makes_no_difference(text):
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert tokenize(composed) == tokenize(decomposed)


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


def test_two_words_also_find_the_compound_of_both():
    phrases = parse_query("micro targeting")
    for text in ("On microtargeting.", "On micro-targeting.", "On micro targeting."):
        assert find_spans(text, phrases)
    assert not find_spans("microtargeting", parse_query('"micro targeting"'))
    assert find_spans("in formation", parse_query("in formation"))
    assert not find_spans("information", parse_query("in formation"))
