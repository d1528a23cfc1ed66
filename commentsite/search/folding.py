"""Fold the spellings of one word to one token: case, accents, scripts, digits and invisible characters.

`find_words` gives the words of a text with their place in it, each folded to one or more tokens. Two
words that a reader takes for the same have equal tokens. The table of letters follows the
transliteration "Latin-ASCII" of CLDR and the normalisers for Arabic, Persian and Hindi of Lucene.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from commentsite.text.scripts import HANGUL_SYLLABLES, UNSPACED

MAX_TOKEN_LENGTH = 60

_ASCII_WORD = re.compile(r"[0-9]+|[A-Za-z]+")  # as word_pattern(), and faster
#: Characters that are written one by one, without spaces.
SINGLE_CHARACTERS = UNSPACED + HANGUL_SYLLABLES
# Default_Ignorable_Code_Point of Unicode, which are invisible, and the tatweel, which only stretches a word.
_IGNORED = re.compile(
    "[\u00ad\u034f\u061c\u0640\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
# Apostrophes that Unicode counts as letters, such as the okina.
_LETTER_APOSTROPHES = "\u02b9-\u02bf\ua78b\ua78c"
_VOICING_MARKS = "\u3099\u309a\uff9e\uff9f"  # they turn one kana into another
_KEPT_MARKS = frozenset("\u3099\u309a")
_VIRAMA_CLASS = 9
# Hindi writes a nasal consonant before another consonant also as a dot: हिन्दी, हिंदी.
_NASAL_BEFORE_CONSONANT = re.compile("[ङञणनम]\u094d(?=[क-ह])|\u0901")
_LETTERS = str.maketrans(
    {
        **dict.fromkeys("łƚɫɬɭ", "l"), **dict.fromkeys("øɵꝋ", "o"), **dict.fromkeys("đðɖɗ", "d"),
        **dict.fromkeys("ıɨɪ", "i"), **dict.fromkeys("ŧƭʈⱦ", "t"), **dict.fromkeys("ƀɓƃ", "b"),
        **dict.fromkeys("ƶȥʐ", "z"), **dict.fromkeys("ŋɲƞɳ", "n"), **dict.fromkeys("ƙĸꝁ", "k"),
        **dict.fromkeys("ƴɏ", "y"), **dict.fromkeys("ʉʊ", "u"), **dict.fromkeys("ȼƈ", "c"),
        **dict.fromkeys("ǥɠɡ", "g"), **dict.fromkeys("ɍɽ", "r"),
        "ħ": "h", "ɦ": "h", "ƒ": "f", "ɇ": "e", "ɉ": "j", "ȷ": "j", "ƥ": "p", "ᵽ": "p", "ⱥ": "a", "ʋ": "v",
        "ɱ": "m", "ȿ": "s", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ĳ": "ij",
        "ґ": "г", "ғ": "г", "ѐ": "е", "ѝ": "и",
        **dict.fromkeys("ٱٲٳٵ", "ا"), **dict.fromkeys("ىیېۍێ", "ي"), **dict.fromkeys("کڪګ", "ك"),
        **dict.fromkeys("ةۀہھۂۃە", "ه"), **dict.fromkeys("ۆۇۈ", "و"),
    }
)  # fmt: skip


class Word(NamedTuple):
    """A word of a text from `start` to `end`, and the tokens that it is folded to."""

    start: int
    end: int
    tokens: tuple[str, ...]


def find_words(text: str) -> Iterator[Word]:
    """Yield the words of a text: runs of letters, runs of digits, and single characters without spaces.

    A word of letters and digits, such as “RFC9162”, is two words here, so that it equals “RFC 9162”.
    """
    if text.isascii():
        for match in _ASCII_WORD.finditer(text):
            yield Word(*match.span(), (match[0].lower()[:MAX_TOKEN_LENGTH],))
        return
    visible, positions = _remove_ignored(text)
    for match in word_pattern().finditer(visible):
        tokens = fold_word(match[0])
        if tokens:
            start, end = match.span()
            if positions is not None:
                start, end = positions[start], positions[end - 1] + 1
            yield Word(start, end, tokens)


def list_ascii_words(text: str) -> list[str]:
    """Return the tokens of an ASCII text, as those of `find_words`, in a fifth of the time."""
    return [word[:MAX_TOKEN_LENGTH] for word in _ASCII_WORD.findall(text.lower())]


def list_ascii_spans(text: str) -> list[tuple[int, int]]:
    """Return the places of the words of an ASCII text, in the order of `list_ascii_words`."""
    return [match.span() for match in _ASCII_WORD.finditer(text)]


def visible_gap(text: str, start: int, end: int) -> str:
    """Return the characters between two places in a text that a reader sees."""
    return _IGNORED.sub("", text[start:end])


@cache
def word_pattern() -> re.Pattern[str]:
    """Return the pattern of one word. It is built when it is first used, because that takes some time."""
    letter = rf"[^\W\d_{SINGLE_CHARACTERS}{_LETTER_APOSTROPHES}]"
    single = rf"[{SINGLE_CHARACTERS}][{_VOICING_MARKS}]?"
    return re.compile(rf"\d+|{single}|{letter}(?:{letter}|[{_find_marks()}])*")


def fold_word(word: str) -> tuple[str, ...]:
    """Return the tokens of one word. The compatibility form of a character such as ½ has several."""
    if word.isascii():  # the fast path for most words
        return (word.lower()[:MAX_TOKEN_LENGTH],)
    if word.isdecimal():
        return ("".join(str(unicodedata.decimal(digit)) for digit in word)[:MAX_TOKEN_LENGTH],)
    bare = _strip_marks(unicodedata.normalize("NFKD", unicodedata.normalize("NFC", word)))
    folded = _strip_marks(unicodedata.normalize("NFKD", bare.casefold())).translate(_LETTERS)
    composed = unicodedata.normalize("NFC", folded)
    return tuple(token[:MAX_TOKEN_LENGTH] for token in word_pattern().findall(composed))


def _strip_marks(decomposed: str) -> str:
    """Remove accents, vowel points and similar marks, but no vowel signs of Indic scripts."""
    without_accents = "".join(
        char
        for char in decomposed
        if unicodedata.combining(char) in {0, _VIRAMA_CLASS} or char in _KEPT_MARKS
    )
    with_dots = _NASAL_BEFORE_CONSONANT.sub("\u0902", without_accents)
    return "".join(
        char
        for char in with_dots
        if unicodedata.combining(char) != _VIRAMA_CLASS and unicodedata.category(char) != "Me"
    )


def _remove_ignored(text: str) -> tuple[str, list[int] | None]:
    """Return a text without ignored characters, and the place of each character left in the original.

    The places are None for a text without ignored characters.
    """
    if text.isascii() or not _IGNORED.search(text):
        return text, None
    positions = [i for i, char in enumerate(text) if not _IGNORED.match(char)]
    return "".join(text[i] for i in positions), positions


def _find_marks() -> str:
    """Return the marks that belong to the letter before them, as ranges of a character class."""
    single = re.compile(f"[{SINGLE_CHARACTERS}]")
    marks = [
        code
        for code in range(0x300, 0x1F000)
        if unicodedata.category(chr(code)).startswith("M") and not single.match(chr(code))
    ]
    ranges: list[list[int]] = []
    for code in marks:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
