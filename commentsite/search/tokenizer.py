"""Split texts and search queries into the tokens of the full-text index.

Tokens have no case, no accents and no full-width forms. In scripts without spaces, each character
is a token, and a word is searched for as a phrase. The databases do not tokenise themselves:
texts and queries both pass through this module, so that SQLite and PostgreSQL find the same.

The index stores the tokens. After a change of the tokens, `commentsite search rebuild` is needed.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from commentsite.text.scripts import HANGUL_SYLLABLES, UNSPACED

MAX_PHRASES = 8
MAX_TOKEN_LENGTH = 60
MIN_PREFIX_LENGTH = 2
CONTEXT_LENGTH = 90  # characters before the first match in an excerpt; twice as many after it
MAX_CONTEXT_EXTENSION = 20  # characters by which an excerpt grows to begin and end with whole words

_SINGLE_CHARACTERS = UNSPACED + HANGUL_SYLLABLES
# Marks that belong to the letter before them, and the joiners of Persian and Indic words.
_COMBINING_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0900-\u0963\u0966-\u0dff\u200c\u200d"
)
_LETTER = rf"[^\W_{_SINGLE_CHARACTERS}]"
_TOKEN = re.compile(rf"[{_SINGLE_CHARACTERS}]|{_LETTER}(?:{_LETTER}|[{_COMBINING_MARKS}])*")
_JOINERS = re.compile("[\u200c\u200d\u0640]")
_PHRASE = re.compile(r"\"([^\"]+)\"|“([^”]+)”|«([^»]+)»|(\S+)")


@dataclass(frozen=True)
class Phrase:
    """Consecutive tokens. With `is_prefix`, the last one may be the beginning of a longer word."""

    tokens: tuple[str, ...]
    is_prefix: bool


@dataclass(frozen=True)
class ExcerptSegment:
    """A part of an excerpt in its original spelling."""

    text: str
    is_match: bool


def tokenize(text: str) -> list[str]:
    return [token for _span, token in _iter_tokens(text)]


def parse_query(query: str) -> list[Phrase]:
    """Split a query into the phrases that a text must contain: its words, and texts in quotation marks.

    The last word matches as a prefix, because the reader may still be typing it.
    """
    phrases: list[Phrase] = []
    for match in list(_PHRASE.finditer(query))[:MAX_PHRASES]:
        tokens = tuple(tokenize(next(group for group in match.groups() if group)))
        if tokens:
            is_unquoted = match[4] is not None
            can_be_prefix = is_unquoted and len(tokens[-1]) >= MIN_PREFIX_LENGTH
            phrases.append(Phrase(tokens, is_prefix=can_be_prefix))
    return [
        *(Phrase(phrase.tokens, is_prefix=False) for phrase in phrases[:-1]),
        *phrases[-1:],
    ]


def build_excerpt(text: str, phrases: list[Phrase]) -> list[ExcerptSegment]:
    """Return the part of a text around its first match, split at matches.

    Without a match, it is the beginning of the text.
    """
    tokens = list(_iter_tokens(text))
    spans = sorted({span for phrase in phrases for span in _find_phrase(tokens, phrase)})
    start, end = _excerpt_range(text, spans[0][0] if spans else 0)
    segments = [ExcerptSegment("… ", is_match=False)] if start else []
    position = start
    for match_start, match_end in spans:
        if match_start < position or match_end > end:
            continue
        segments += [
            ExcerptSegment(text[position:match_start], is_match=False),
            ExcerptSegment(text[match_start:match_end], is_match=True),
        ]
        position = match_end
    segments.append(ExcerptSegment(text[position:end], is_match=False))
    if end < len(text):
        segments.append(ExcerptSegment(" …", is_match=False))
    return [segment for segment in segments if segment.text]


def _excerpt_range(text: str, match_start: int) -> tuple[int, int]:
    start = max(0, match_start - CONTEXT_LENGTH)
    end = min(len(text), match_start + 2 * CONTEXT_LENGTH)
    first_start = match_start - CONTEXT_LENGTH - MAX_CONTEXT_EXTENSION
    last_end = match_start + 2 * CONTEXT_LENGTH + MAX_CONTEXT_EXTENSION
    while start > 0 and not text[start - 1].isspace() and start > first_start:
        start -= 1
    while end < len(text) and not text[end].isspace() and end < last_end:
        end += 1
    return start, end


def _iter_tokens(text: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield each token with the range of its word in the text."""
    for match in _TOKEN.finditer(text):
        for token in _fold_word(match[0]):
            yield match.span(), token


def _fold_word(word: str) -> list[str]:
    if word.isascii():  # the fast path for most words
        return [word.lower()[:MAX_TOKEN_LENGTH]]
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
    without_accents = "".join(
        char for char in _JOINERS.sub("", decomposed) if not unicodedata.combining(char)
    )
    # The compatibility form of a character such as ½ consists of several tokens.
    tokens = _TOKEN.findall(unicodedata.normalize("NFC", without_accents))
    return [token[:MAX_TOKEN_LENGTH] for token in tokens]


def _find_phrase(
    tokens: list[tuple[tuple[int, int], str]], phrase: Phrase
) -> Iterator[tuple[int, int]]:
    """Yield the range of each occurrence of a phrase."""
    size = len(phrase.tokens)
    *first_tokens, last_token = phrase.tokens
    for i in range(len(tokens) - size + 1):
        *first_candidates, last_candidate = [token for _span, token in tokens[i : i + size]]
        is_last_equal = (
            last_candidate.startswith(last_token)
            if phrase.is_prefix
            else last_candidate == last_token
        )
        if is_last_equal and first_candidates == first_tokens:
            yield tokens[i][0][0], tokens[i + size - 1][0][1]
