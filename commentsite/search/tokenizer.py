"""Split texts and search queries into the tokens of the full-text index.

Texts and queries both pass through this module and through `folding`, so that a query finds a text
however either is spelled, and SQLite and PostgreSQL find the same. In scripts without spaces, each
character is a token, and a word is searched for as a phrase.

A compound such as “e-mail” is written in parts or as one word. The index therefore holds two rows of
tokens for a text: one in which compounds are split (e, mail), and one in which they are joined
(email). A query matches if one of its own spellings is in either row.

The index stores the tokens. After a change of the tokens, increase TOKENIZER_VERSION: the worker
then rebuilds the index of every site in the background.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import NamedTuple

from commentsite.search.folding import (
    MAX_TOKEN_LENGTH,
    SINGLE_CHARACTERS,
    find_words,
    list_ascii_spans,
    list_ascii_words,
    visible_gap,
)

TOKENIZER_VERSION = 2
MAX_PHRASES = 8
MIN_PREFIX_LENGTH = 2
MIN_WORD_LENGTH = 3  # of a part of a compound that a query writes as two words
MAX_VARIED_JOINTS = 3  # of a phrase with more, only the spellings all split and all joined count
CONTEXT_LENGTH = 90  # characters before the first match in an excerpt; twice as many after it
MAX_CONTEXT_EXTENSION = 20  # characters by which an excerpt grows to begin and end with whole words

#: Stands in the index between texts that no phrase may cross. No token contains it.
BOUNDARY = "¶"
# Hyphens and dashes without spaces, apostrophes, points, and the signs that act as such in other scripts.
_JOINTS = frozenset(
    "-\u2010\u2011\u2012\u2013\u2212\u2043\u058a\u05be\ufe63\uff0d"
    "'\u2019\u2018\u02bc\u02bb\u02b9\u02be\u02bf\u2032\u00b4`\uff07\u055a\u05f3\ua78b\ua78c\u201b"
    '"\u05f4\u201d.,\u00b7\u2027\u0387\u066b\u066c\uff0e\uff0c'
)
_ASCII_COMPOUND = re.compile(r"[0-9A-Za-z][-'`\".,][0-9A-Za-z]")
_DIGIT_JOINTS = frozenset("\u00a0\u2009\u202f")
_SINGLE = re.compile(f"[{SINGLE_CHARACTERS}]")
_PHRASE = re.compile(r"\"([^\"]+)\"|“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»|»([^«]+)«|「([^」]+)」|(\S+)")

#: The tokens of a text, and the range of the word of each.
Row = tuple[list[str], list[tuple[int, int]]]


class Token(NamedTuple):
    """A token and the range of its word in the text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Phrase:
    """Consecutive tokens, in each spelling that the index may hold.

    With `is_prefix`, the last token may be the beginning of a longer word.
    """

    spellings: tuple[tuple[str, ...], ...]
    is_prefix: bool


@dataclass(frozen=True)
class ExcerptSegment:
    """A part of an excerpt in its original spelling."""

    text: str
    is_match: bool


def tokenize(text: str) -> list[str]:
    """Return the tokens of a text with its compounds split."""
    return [token.text for token in _split(text)]


def tokenize_for_index(text: str, *, max_tokens: int, max_bytes: int) -> list[str]:
    """Return the tokens that the index stores: compounds split, a boundary, and compounds joined.

    The second row is missing where it equals the first. Of a long text, each row ends after
    `max_tokens` tokens, or before its different tokens have more than `max_bytes` bytes.
    """
    if text.isascii() and not _ASCII_COMPOUND.search(text):
        rows = [list_ascii_words(text)]
    else:
        split = _split(text)
        rows = [[token.text for token in split]]
        joined = [token.text for token in _join(text, split)]
        if joined != rows[0]:
            rows.append(joined)
    first, *others = [_shorten(row[:max_tokens], max_bytes) for row in rows]
    return [*first, *(token for row in others for token in (BOUNDARY, *row))]


def parse_query(query: str) -> list[Phrase]:
    """Split a query into the phrases that a text must contain: its words, and texts in quotation marks.

    The last word matches as a prefix, because the reader may still be typing it. Two words next to
    each other also find the compound of both: “micro targeting” finds “microtargeting”.
    """
    phrases: list[Phrase] = []
    previous: Phrase | None = None  # the word just before, outside quotation marks
    for match in list(_PHRASE.finditer(query))[:MAX_PHRASES]:
        spellings = _list_spellings(next(group for group in match.groups() if group))
        if spellings:
            is_unquoted = match[match.re.groups] is not None
            can_be_prefix = is_unquoted and len(spellings[0][-1]) >= MIN_PREFIX_LENGTH
            phrase = Phrase(spellings, is_prefix=can_be_prefix)
            if previous and is_unquoted and (compound := _join_words(previous, phrase)):
                phrases[-1] = replace(phrases[-1], spellings=(*phrases[-1].spellings, compound))
                phrases.append(replace(phrase, spellings=(*spellings, compound)))
            else:
                phrases.append(phrase)
            previous = phrase if is_unquoted else None
    return [
        *(Phrase(phrase.spellings, is_prefix=False) for phrase in phrases[:-1]),
        *phrases[-1:],
    ]


def _join_words(first: Phrase, second: Phrase) -> tuple[str, ...] | None:
    """Return the compound that two words of letters can be, or None."""
    (*others, before), (*more, after) = first.spellings[0], second.spellings[0]
    if others or more or not (before.isalpha() and after.isalpha()):
        return None
    if (
        _SINGLE.match(before)
        or _SINGLE.match(after)
        or min(len(before), len(after)) < MIN_WORD_LENGTH
    ):
        return None
    return ((before + after)[:MAX_TOKEN_LENGTH],)


def mark_matches(text: str, phrases: list[Phrase]) -> list[ExcerptSegment]:
    """Split a whole text at its matches."""
    return [part for part in _split_at(text, find_spans(text, phrases)) if part.text]


def build_excerpt(text: str, phrases: list[Phrase]) -> list[ExcerptSegment]:
    """Return the part of a text around its first match, split at matches.

    Without a match, it is the beginning of the text.
    """
    spans = find_spans(text, phrases)
    start, end = _excerpt_range(text, spans[0][0] if spans else 0)
    shown = [(a - start, b - start) for a, b in spans if a >= start and b <= end]
    segments = [
        ExcerptSegment("… " if start else "", is_match=False),
        *_split_at(text[start:end], shown),
        ExcerptSegment(" …" if end < len(text) else "", is_match=False),
    ]
    return [segment for segment in segments if segment.text]


def find_spans(text: str, phrases: list[Phrase]) -> list[tuple[int, int]]:
    """Return the ranges of a text that match a phrase, in order. Ranges that overlap become one."""
    rows = _list_rows(text)
    found = {span for row in rows for phrase in phrases for span in _find_phrase(row, phrase)}
    spans: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if spans and start < spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    return spans


def _split_at(text: str, spans: list[tuple[int, int]]) -> Iterator[ExcerptSegment]:
    position = 0
    for start, end in spans:
        yield ExcerptSegment(text[position:start], is_match=False)
        yield ExcerptSegment(text[start:end], is_match=True)
        position = end
    yield ExcerptSegment(text[position:], is_match=False)


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


def _list_rows(text: str) -> list[Row]:
    """Return the tokens of a text with its compounds split, and then joined where that makes a difference."""
    if text.isascii() and not _ASCII_COMPOUND.search(text):  # most texts, in a fifth of the time
        return [(list_ascii_words(text), list_ascii_spans(text))]
    split = _split(text)
    joined = _join(text, split)
    return [
        ([token.text for token in row], [(token.start, token.end) for token in row])
        for row in ([split] if joined == split else [split, joined])
    ]


def _split(text: str) -> list[Token]:
    return [
        Token(token, word.start, word.end) for word in find_words(text) for token in word.tokens
    ]


def _join(text: str, split: list[Token]) -> list[Token]:
    """Return the tokens of a text with its compounds joined, from its split tokens."""
    joints = _find_joints(text, split)
    if not joints:
        return split
    joined: list[Token] = []
    for i, token in enumerate(split):
        if i in joints:
            before = joined[-1]
            compound = (before.text + token.text)[:MAX_TOKEN_LENGTH]
            joined[-1] = Token(compound, before.start, token.end)
        else:
            joined.append(token)
    return joined


def _find_joints(text: str, split: list[Token]) -> set[int]:
    """Return the positions of the tokens that continue the one before them, as “mail” in “e-mail”."""
    return {
        i
        for i, (before, token) in enumerate(pairwise(split), 1)
        if 0 < token.start - before.end <= MAX_CONTEXT_EXTENSION
        and text[before.end : token.start] != " "  # most words
        and _is_joint(visible_gap(text, before.end, token.start), before.text, token.text)
    }


def _is_joint(gap: str, before: str, after: str) -> bool:
    # Letters and digits stay apart, as in “RFC-9162”. Characters without spaces are always apart.
    last, first = before[-1], after[0]
    is_number = last.isdecimal()
    if is_number != first.isdecimal() or _SINGLE.match(last) or _SINGLE.match(first):
        return False
    return gap in _JOINTS or (is_number and gap in _DIGIT_JOINTS)


def _list_spellings(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the tokens of a phrase with each of its compounds split or joined, all split first."""
    split = _split(text)
    joints = sorted(_find_joints(text, split))
    choices = list(product((False, True), repeat=len(joints)))
    if len(joints) > MAX_VARIED_JOINTS:
        choices = [(False,) * len(joints), (True,) * len(joints)]
    spellings: dict[tuple[str, ...], None] = {}
    for choice in choices:
        joined = {position for position, is_joined in zip(joints, choice, strict=True) if is_joined}
        tokens: list[str] = []
        for i, token in enumerate(split):
            if i in joined:
                tokens[-1] = (tokens[-1] + token.text)[:MAX_TOKEN_LENGTH]
            else:
                tokens.append(token.text)
        if tokens:
            spellings[tuple(tokens)] = None
    return tuple(spellings)


def _shorten(tokens: list[str], max_bytes: int) -> list[str]:
    if sum(map(len, tokens)) * 4 + len(tokens) <= max_bytes:  # a character has at most four bytes
        return tokens
    seen: set[str] = set()
    size = 0
    for i, token in enumerate(tokens):
        if token in seen:
            continue
        seen.add(token)
        size += len(token.encode()) + 1
        if size > max_bytes:
            return tokens[:i]
    return tokens


def _find_phrase(row: Row, phrase: Phrase) -> Iterator[tuple[int, int]]:
    """Yield the range of each occurrence of a phrase, in any of its spellings."""
    tokens, spans = row
    for *first_tokens, last_token in phrase.spellings:
        if phrase.is_prefix:
            ends = [i for i, token in enumerate(tokens) if token.startswith(last_token)]
        else:
            ends = [i for i, token in enumerate(tokens) if token == last_token]
        before = len(first_tokens)
        for end in ends:
            if end >= before and tokens[end - before : end] == first_tokens:
                yield spans[end - before][0], spans[end][1]
