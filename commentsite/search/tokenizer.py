"""What is the same to somebody who searches: case, accents and widths go, scripts without spaces become characters.

Index and question pass through here, so that SQLite and PostgreSQL find the same; a word
of one or two Chinese characters is a phrase of characters and needs no index of its own.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from commentsite.text.scripts import HANGUL_SYLLABLES, UNSPACED

MAX_PHRASES = 8
MAX_TOKEN_LENGTH = 60
MIN_PREFIX_LENGTH = 2
CONTEXT_LENGTH = 90  # characters before and after the first match
# The units are stored in the index: a change here needs `commentsite search rebuild`.
_ONE_BY_ONE = UNSPACED + HANGUL_SYLLABLES
# Marks that belong to the letter before them, and the joiners of Persian and Indic words.
_COMBINING_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0900-\u0963\u0966-\u0dff\u200c\u200d"
)
_LETTER = rf"[^\W_{_ONE_BY_ONE}]"
_TOKEN = re.compile(rf"[{_ONE_BY_ONE}]|{_LETTER}(?:{_LETTER}|[{_COMBINING_MARKS}])*")
_JOINERS = re.compile("[\u200c\u200d\u0640]")
_PHRASE = re.compile(r"\"([^\"]+)\"|“([^”]+)”|«([^»]+)»|(\S+)")


@dataclass(frozen=True)
class Phrase:
    """Units that must stand in a row; the last may be only the beginning of a word."""

    tokens: tuple[str, ...]
    is_prefix: bool


@dataclass(frozen=True)
class ExcerptSegment:
    """A stretch of a text in its own spelling, and whether it was searched for."""

    text: str
    is_match: bool


def tokenize(text: str) -> list[str]:
    """Return the units under which a text is found, in order."""
    return [unit for _, unit in _iter_tokens(text)]


def parse_query(query: str) -> list[Phrase]:
    """Return what somebody searches for; every chunk must be found, the last may be still being typed."""
    found: list[Phrase] = []
    for match in list(_PHRASE.finditer(query))[:MAX_PHRASES]:
        words = tuple(tokenize(next(group for group in match.groups() if group)))
        if words:
            is_open = match[4] is not None and len(words[-1]) >= MIN_PREFIX_LENGTH
            found.append(Phrase(words, is_prefix=is_open))
    return [
        Phrase(c.tokens, is_prefix=c.is_prefix and position == len(found) - 1)
        for position, c in enumerate(found)
    ]


def build_excerpt(text: str, phrases: list[Phrase]) -> list[ExcerptSegment]:
    """Return the stretch of a text around its first match, matches marked; its beginning where none is."""
    tokens = list(_iter_tokens(text))
    spans = sorted({span for chunk in phrases for span in _find_phrase(tokens, chunk)})
    middle = spans[0][0] if spans else 0
    start, end = max(0, middle - CONTEXT_LENGTH), min(len(text), middle + 2 * CONTEXT_LENGTH)
    while start > 0 and not text[start - 1].isspace() and start > middle - CONTEXT_LENGTH - 20:
        start -= 1
    while end < len(text) and not text[end].isspace() and end < middle + 2 * CONTEXT_LENGTH + 20:
        end += 1
    parts: list[ExcerptSegment] = [ExcerptSegment("… ", is_match=False)] if start else []
    at = start
    for first, last in spans:
        if first < at or last > end:
            continue
        parts += [
            ExcerptSegment(text[at:first], is_match=False),
            ExcerptSegment(text[first:last], is_match=True),
        ]
        at = last
    parts.append(ExcerptSegment(text[at:end], is_match=False))
    if end < len(text):
        parts.append(ExcerptSegment(" …", is_match=False))
    return [part for part in parts if part.text]


def _iter_tokens(text: str) -> Iterator[tuple[tuple[int, int], str]]:
    for match in _TOKEN.finditer(text):
        for unit in _fold_token(match[0]):
            yield match.span(), unit


def _fold_token(token: str) -> list[str]:
    if token.isascii():  # most tokens of most texts
        return [token.lower()[:MAX_TOKEN_LENGTH]]
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", token).casefold())
    bare = "".join(char for char in _JOINERS.sub("", plain) if not unicodedata.combining(char))
    return [unit[:MAX_TOKEN_LENGTH] for unit in _TOKEN.findall(unicodedata.normalize("NFC", bare))]


def _find_phrase(
    tokens: list[tuple[tuple[int, int], str]], chunk: Phrase
) -> Iterator[tuple[int, int]]:
    size = len(chunk.tokens)
    for i in range(len(tokens) - size + 1):
        here = [unit for _, unit in tokens[i : i + size]]
        last = (
            here[-1].startswith(chunk.tokens[-1])
            if chunk.is_prefix
            else here[-1] == chunk.tokens[-1]
        )
        if last and tuple(here[:-1]) == chunk.tokens[:-1]:
            yield tokens[i][0][0], tokens[i + size - 1][0][1]
