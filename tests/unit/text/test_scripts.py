"""Every module that counts, compares or indexes words treats the same scripts character by character."""

import re
import unicodedata

import pytest

from commentsite.comments.screening.wordlists import compile_word_list
from commentsite.letters.reading_time import estimate_reading_minutes
from commentsite.search.tokenizer import build_excerpt, parse_query, tokenize
from commentsite.text.confusables import folded_words, skeleton
from commentsite.text.diff import diff_words
from commentsite.text.scripts import HANGUL_SYLLABLES, UNSPACED, UNSPACED_IN_SKETCHES
from commentsite.text.similarity import (
    SAME_TEXT_THRESHOLD,
    build_sketch,
    extract_shingles,
    jaccard_similarity,
)

#: A text, a word inside it, and a word that could stand in its place.
TEXTS = {
    "thai": ("เราไม่เห็นด้วยกับข้อเสนอนี้เพราะไม่มีเหตุผล", "ข้อเสนอ", "จดหมาย"),
    "lao": ("ພວກເຮົາບໍ່ເຫັນດີກັບຂໍ້ສະເໜີນີ້ເພາະບໍ່ມີເຫດຜົນ", "ຂໍ້ສະເໜີ", "ຈົດໝາຍ"),
    "khmer": ("យើងមិនយល់ស្របនឹងសំណើនេះទេព្រោះគ្មានហេតុផល", "សំណើ", "លិខិត"),
    "burmese": ("ဤအဆိုပြုချက်ကိုကျွန်ုပ်တို့သဘောမတူပါ", "အဆိုပြုချက်", "စာ"),
    "tibetan": ("ང་ཚོས་གྲོས་འཆར་འདི་ལ་མོས་མཐུན་མེད", "གྲོས་འཆར", "ཡི་གེ"),
    "chinese": ("我们不同意这一提案因为它没有任何理由", "提案", "信件"),
    "japanese": ("私たちはこのデジタル協定の提案に賛成しません", "協定", "手紙"),
    "han extension b": ("𠀀𠀁𠀂𠀃𠀄𠀅𠀆𠀇𠀈𠀉𠀊𠀋𠀌𠀍𠀎𠀏𠀐𠀑𠀒𠀓", "𠀅𠀆", "𠀕𠀖"),
}
KOREAN = "우리는 이 제안에 동의하지 않습니다 왜냐하면 그 이유가 없기 때문입니다"
of_each_script = pytest.mark.parametrize("script", TEXTS)


@of_each_script
def test_reading_time_counts_characters(script):
    text = TEXTS[script][0]
    assert estimate_reading_minutes([text * 100]) == max(1, round(len(text) / 4))


@of_each_script
def test_a_difference_is_shown_by_character(script):
    text, word, other = TEXTS[script]
    segments = diff_words(text, text.replace(word, other))
    kept = "".join(s.text for s in segments if s.kind == "same")
    gone = "".join(s.text for s in segments if s.kind == "old")
    assert len(kept) >= len(text) - len(word)
    assert 0 < len(gone) <= len(word)


@of_each_script
def test_a_word_in_the_middle_is_found(script):
    text, word, other = TEXTS[script]
    assert "".join(p.text for p in build_excerpt(text, parse_query(f'"{word}"')) if p.is_match)
    assert not [p for p in build_excerpt(text, parse_query(f'"{other}"')) if p.is_match]
    assert all(len(unicodedata.normalize("NFD", unit)) <= 2 for unit in tokenize(text))


@of_each_script
def test_a_listed_word_is_found_in_the_middle(script):
    text, word, other = TEXTS[script]
    (found, *_) = compile_word_list((word,), frozenset()).find(text)
    assert text[found.start : found.end] == word
    assert not compile_word_list((other,), frozenset()).find(text)


@pytest.mark.parametrize("script", [name for name in TEXTS if name != "tibetan"])
def test_near_copies_share_most_of_their_shingles(script):
    text = TEXTS[script][0]
    near = extract_shingles(text), extract_shingles(text + text[0])
    assert near[0], "a text that is long enough has shingles"
    assert jaccard_similarity(*near) >= SAME_TEXT_THRESHOLD - 0.1
    assert set(build_sketch(near[0])) & set(build_sketch(near[1]))


def test_korean_is_compared_by_word():
    assert estimate_reading_minutes([KOREAN * 100]) == round(len((KOREAN * 100).split()) / 220)
    segments = diff_words("이 제안에 동의합니다", "이 편지에 동의합니다")
    assert [(s.kind, s.text) for s in segments] == [
        ("same", "이 "), ("old", "제안에"), ("new", "편지에"), ("same", " 동의합니다")
    ]  # fmt: skip
    assert compile_word_list(("제안에",), frozenset()).find(KOREAN)
    assert not compile_word_list(("제안",), frozenset()).find(KOREAN)
    assert (
        len(extract_shingles(KOREAN + " 이 제안에 동의하지 않습니다"))
        == len(KOREAN.split()) + 4 - 2
    )


def test_a_korean_noun_is_found_before_its_particle():
    assert [p.text for p in build_excerpt(KOREAN, parse_query("제안")) if p.is_match] == ["제안"]


def test_words_of_a_spaced_script_stay_whole_beside_characters():
    assert [s.text for s in diff_words("URLを送る", "URIを送る")] == ["URL", "URI", "を送る"]
    assert tokenize("ICTに関する") == ["ict", "に", "関", "す", "る"]
    assert folded_words("ICTに") == ["ict", "に"]


@pytest.mark.parametrize(
    ("char", "is_unspaced"),
    [
        ("漢", True), ("々", True), ("〇", True), ("𪜀", True), ("𰀀", True), ("豈", True),
        ("ひ", True), ("カ", True), ("ｶ", True), ("ー", True), ("ㄅ", True), ("ก", True),
        ("ັ", True), ("ក", True), ("្", True), ("က", True), ("ꩠ", True), ("བ", True), ("་", True),
        ("한", False), ("a", False), ("é", False), ("ж", False), ("न", False), ("ა", False),
        ("።", False), ("1", False), (" ", False), ("\u3000", False), ("。", False), ("😀", False),
    ],
)  # fmt: skip
def test_the_set_of_unspaced_characters(char, is_unspaced):
    assert bool(re.fullmatch(f"[{UNSPACED}]", char)) is is_unspaced


def test_the_set_for_stored_sketches_differs_by_tibetan_alone():
    everything, stored = (re.compile(f"[{ranges}]") for ranges in (UNSPACED, UNSPACED_IN_SKETCHES))
    differing = [
        code
        for code in range(0x110000)
        if bool(everything.fullmatch(chr(code))) != bool(stored.fullmatch(chr(code)))
    ]
    assert (differing[0], differing[-1], len(differing)) == (0xF00, 0xFFF, 0x100)
    assert re.fullmatch(f"[{HANGUL_SYLLABLES}]", "힣")


#: The sketches of the texts as they were stored before all modules shared one set of ranges.
STORED_SKETCHES = {
    "thai": [1094750992361670, 2114816662183312],
    "lao": [448542517029501, 4235587942709599],
    "khmer": [803855415770810, 3600063308175601],
    "burmese": [6907116487215683, 7632016291547967],
    "tibetan": [17418402114502059, 17700397615175163],
    "chinese": [285543987960133, 1004283463552434],
    "japanese": [1247731249271924, 1766027264774458],
    "korean": [2035082090128242, 5537535302723176],
}


@pytest.mark.parametrize("script", STORED_SKETCHES)
def test_a_stored_sketch_still_finds_the_same_text(script):
    text = f"{KOREAN} {KOREAN}" if script == "korean" else TEXTS[script][0]
    assert build_sketch(extract_shingles(text))[:2] == STORED_SKETCHES[script]


def test_two_names_that_look_alike_have_one_skeleton():
    assert skeleton("Моnа Мodеrаtоr") == skeleton("mona  MODERATOR") == skeleton("M0na M0derator")
    assert skeleton("Mona Moderator") != skeleton("Mono Moderator")
    assert skeleton("| love") == skeleton("I love")
    assert skeleton("\u200b!?") == ""
