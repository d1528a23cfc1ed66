"""Word lists: their format, word boundaries, and positions of matches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsite.comments.screening.wordlists import (
    MAX_MATCHES,
    compile_word_list,
    primary_languages,
)

ANY_LANGUAGE = frozenset()


def find_matches(text, *lines, languages=ANY_LANGUAGE):
    return [
        (m.entry, text[m.start : m.end]) for m in compile_word_list(lines, languages).find(text)
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ("casino",),
        ("casino", "lottery"),
        ("", "casino", "  ", ""),
        ("casino\r", "lottery\r"),
        ("\ufeffcasino", "lottery"),
        ("...", "!", "casino"),
    ],
)
def test_a_word_list_may_have_blank_lines_crlf_or_a_bom(lines):
    assert find_matches("A Casino here.", *lines) == [("casino", "Casino")]
    assert not find_matches("A place here, and another…", *lines)


def test_an_empty_list_finds_nothing():
    assert not find_matches("Anything.", "", " ")


def test_a_section_applies_to_its_language_and_the_lines_before_it_to_every_language():
    lines = ("spam", "[fr]", "bras", "[de-AT]", "gift", "[ALL]", "casino")
    text = "spam bras gift casino"
    assert [entry for entry, _ in find_matches(text, *lines)] == ["spam", "casino"]
    french = find_matches(text, *lines, languages=primary_languages("fr-CA", ""))
    assert [entry for entry, _ in french] == ["spam", "bras", "casino"]
    both = find_matches(text, *lines, languages=primary_languages("de", "FR"))
    assert [entry for entry, _ in both] == ["spam", "bras", "gift", "casino"]


@pytest.mark.parametrize(
    ("text", "line", "place"),
    [
        ("我在学法轮功吗", "法轮功", "法轮功"),
        ("我在学法 轮 功吗", "法轮功", "法 轮 功"),
        ("จังหวัดคำหยาบมาก", "คำหยาบ", "คำหยาบ"),
        ("これはバカだ", "バカ", "バカ"),
        ("买viagra吧", "viagra", "viagra"),
        ("buy CHEAP   pills!", "cheap pills", "CHEAP   pills"),
        ("in der Straße", "strasse", "Straße"),
        ("eine ﬁxe Idee", "fixe", "ﬁxe"),
        ("هذا مـمـنـوع هنا", "ممنوع", "مـمـنـوع"),  # stretched
        ("get a v i a g r a now", "viagra", "v i a g r a"),
        ("f r e e  v i a g r a", "viagra", "v i a g r a"),
    ],
)
def test_a_banned_word_is_found_with_its_position(text, line, place):
    assert find_matches(text, line) == [(line, place)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("WordPress is pressing", "press"),
        ("यह करी है", "कर"),  # a vowel sign makes another word
        ("これはハカだ", "バカ"),  # a voiced kana is another letter
        ("They left the kill. Switch it off.", "kill switch"),
        ("中。文", "中文"),
        ("c l a s s", "ass"),
        ("a b c", "bc"),
    ],
)
def test_a_word_that_only_resembles_a_banned_one_is_not_found(text, line):
    assert not find_matches(text, line)


def test_overlapping_phrases_with_the_same_beginning_are_all_found():
    entries = {entry for entry, _ in find_matches("a b c d", "a b c", "b c d", "b c x", "c")}
    assert entries == {"a b c", "b c d", "c"}


def test_the_number_of_matches_is_limited():
    assert len(find_matches("casino " * 2000, "casino")) == MAX_MATCHES


@given(st.text(alphabet="ab .<>&;*_ſßéе１\u200b中文lt", max_size=60))
def test_the_text_of_a_match_alone_matches_the_same_entry(text):
    lines = ("a", "ab", "a b", "ss", "e", "中文", "1a")
    for entry, place in find_matches(text, *lines):
        assert entry in {e for e, _ in find_matches(place, *lines)}, (entry, place)
