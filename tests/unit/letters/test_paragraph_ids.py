"""Paragraph ids across edits: unique, never reused, never moved to another text."""

import random
import string

from hypothesis import given, settings
from hypothesis import strategies as st

from commentsite.letters.text.paragraph_ids import (
    MIN_SIMILARITY,
    ParagraphRelation,
    match_paragraphs,
)
from commentsite.text.diff import diff_words

SCRIPTS = [
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдежзийклмнопрстуфхцчшщыэюя",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "的一是在不了有和人这中大为上个国我以要他时来用们",
]


def paragraph(rnd, script, words=40):
    joiner = "" if script is SCRIPTS[3] else " "
    return joiner.join(
        "".join(rnd.choice(script) for _ in range(rnd.randint(2, 9))) for _ in range(words)
    )


def letter(seed, script, size):
    rnd = random.Random(seed)
    return rnd, [(f"p-{n}", paragraph(rnd, script)) for n in range(size)]


def edited(text, rnd):
    third = len(text) // 3
    return text[:third] + "".join(rnd.choice(string.digits) for _ in range(12)) + text[third + 12 :]


@settings(max_examples=60)
@given(st.integers(0, 10**9), st.sampled_from(SCRIPTS))
def test_a_corrected_letter_keeps_its_ids(seed, script):
    """Three paragraphs edited, one split, one moved, one new, one pair merged, one deleted."""
    rnd, old = letter(seed, script, 14)
    texts = [text for _, text in old]
    new = list(texts)
    for n in (1, 4, 7):
        new[n] = edited(texts[n], rnd)
    middle = len(texts[9]) // 2
    fresh = paragraph(rnd, script)
    arranged = [
        new[13], *new[0:5], fresh, *new[6:9], texts[9][:middle], texts[9][middle:], new[10],
        texts[11] + " " + texts[12],
    ]  # fmt: skip
    links = {link.pid: link for link in match_paragraphs(old, arranged)}
    place = {text: index for index, text in enumerate(arranged)}
    assert links["p-13"].relation == ParagraphRelation.MOVED
    assert links["p-13"].new_index == 0
    for n in (0, 2, 3, 6, 8, 10):
        assert (links[f"p-{n}"].relation, links[f"p-{n}"].new_index) == (
            ParagraphRelation.SAME,
            place[texts[n]],
        )
    for n in (1, 4, 7):
        assert (links[f"p-{n}"].relation, links[f"p-{n}"].new_index) == (
            ParagraphRelation.EDITED,
            place[new[n]],
        )
    assert links["p-5"].relation == ParagraphRelation.DELETED
    assert links["p-9"].relation == ParagraphRelation.SPLIT
    assert links["p-9"].new_index in {place[texts[9][:middle]], place[texts[9][middle:]]}
    merged = place[texts[11] + " " + texts[12]]
    assert {links["p-11"].new_index, links["p-12"].new_index} == {merged}
    assert ParagraphRelation.MERGED in {links["p-11"].relation, links["p-12"].relation}
    assert sum(links[p].keeps_id for p in ("p-11", "p-12")) == 1
    assert fresh not in {arranged[k.new_index] for k in links.values() if k.new_index is not None}


@settings(max_examples=100)
@given(st.lists(st.text(max_size=60), max_size=12), st.lists(st.text(max_size=60), max_size=12))
def test_paragraph_ids_are_unique_and_none_is_lost_for_any_texts(before, after):
    old = [(f"p-{n}", text) for n, text in enumerate(before)]
    links = match_paragraphs(old, after)
    assert [link.pid for link in links] == [pid for pid, _ in old]
    places = [link.new_index for link in links if link.keeps_id]
    assert len(places) == len(set(places))
    for link in links:
        assert (link.new_index is None) == (link.relation == ParagraphRelation.DELETED)
        assert link.new_index is None or 0 <= link.new_index < len(after)
        if link.relation == ParagraphRelation.EDITED:
            assert link.score >= MIN_SIMILARITY
        if link.relation in {ParagraphRelation.SAME, ParagraphRelation.MOVED}:
            assert link.score == 1.0


@given(st.lists(st.text(max_size=30), unique=True, max_size=12), st.randoms(use_true_random=False))
def test_a_shuffled_letter_only_moves(texts, rnd):
    texts = list(dict.fromkeys(" ".join(t.split()) for t in texts))
    old = [(f"p-{n}", text) for n, text in enumerate(texts)]
    shuffled = list(texts)
    rnd.shuffle(shuffled)
    for (_, text), link in zip(old, match_paragraphs(old, shuffled), strict=True):
        assert link.relation in {ParagraphRelation.SAME, ParagraphRelation.MOVED}
        assert " ".join(shuffled[link.new_index].split()) == " ".join(text.split())


@settings(max_examples=200)
@given(st.text(max_size=200), st.text(max_size=200))
def test_a_word_diff_contains_both_texts_completely(before, after):
    segments = diff_words(before, after)
    assert "".join(s.text for s in segments if s.kind != "new") == before
    assert "".join(s.text for s in segments if s.kind != "old") == after
