"""Find listed words in a text, in disguise too, in time that grows with the text and not with the list.

Text and list are folded alike: NFKC, case, accents, invisible characters, look-alikes. What
is found is told as it stands in the text that was given, so that it can be marked there.
"""

import html
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from commentsite.text.confusables import FOLDING, INVISIBLE, TOKEN, folded_words
from commentsite.text.scripts import UNSPACED

ANY_LANGUAGE = "all"  # the section of words for every language
MIN_SPACED_OUT_LETTERS = 3  # letters of a word that is found with its letters spaced out
MAX_MATCHES = 50  # places in one text; nobody needs more to look at it

_SECTION = re.compile(r"\[\s*([A-Za-z]{2,3})(?:[-_][\w-]*)?\s*\]")
_SINGLE_LETTER = rf"[^\W{UNSPACED}]"
_SPACED_OUT_WORD = re.compile(
    rf"(?<!{_SINGLE_LETTER}){_SINGLE_LETTER}([^\w\n]{{1,3}}){_SINGLE_LETTER}(?!{_SINGLE_LETTER})(?:\1{_SINGLE_LETTER}(?!{_SINGLE_LETTER}))+"
)
_ONE_LETTER_WORDS = frozenset(
    "aeiouy"
)  # words of one letter, which may stand beside spaced-out ones
# What a reader does not see: tags, the marks of emphasis and code, where a link leads.
_HIDDEN_MARKUP = re.compile(r"<[^<>]{0,80}>|&#?\w{1,31};?|[*_`~\\\[]+|\]\([^()\s]{0,200}\)|\]")


@dataclass(frozen=True)
class Match:
    """A listed word, and where it stands in the text as given."""

    entry: str
    start: int
    end: int


class WordList:
    """Listed words made ready: an automaton over words (Aho and Corasick, 1975), which reads a text once."""

    def __init__(self, entries: list[str]) -> None:
        """Fold the entries and join them; those without any letter are left out."""
        self._next: list[dict[str, int]] = [{}]
        self._ends: list[tuple[tuple[str, int], ...]] = [()]  # entries that end here, with length
        self._by_letters: dict[str, str] = {}  # without spaces → entry
        for entry in entries:
            if parts := folded_words(entry):
                self._add(entry, parts)
        self._fail = self._failure_links()

    def find(self, text: str) -> list[Match]:
        """Return what is found, in the order of the text; each entry and place once."""
        if len(self._next) == 1:
            return []
        found = dict.fromkeys(self._iterate_matches(_FoldedText(text, [(text, 0, 0)])))
        shown = _HIDDEN_MARKUP.sub(_render_markup if "&" in text else "", text)
        if shown != text:
            found |= dict.fromkeys(
                self._iterate_matches(_FoldedText(shown, _split_at_markup(text)))
            )
        return sorted(found, key=lambda match: (match.start, -match.end, match.entry))

    def _add(self, entry: str, parts: list[str]) -> None:
        state = 0
        for part in parts:
            if part not in self._next[state]:
                self._next[state][part] = len(self._next)
                self._next.append({})
                self._ends.append(())
            state = self._next[state][part]
        self._ends[state] = self._ends[state] or ((entry, len(parts)),)
        if len(solid := "".join(parts)) >= MIN_SPACED_OUT_LETTERS:
            self._by_letters.setdefault(solid, entry)

    def _failure_links(self) -> list[int]:
        """Return where to go on from each state when the next word does not fit."""
        fail = [0] * len(self._next)
        waiting = deque(self._next[0].values())
        while waiting:
            state = waiting.popleft()
            for part, after in self._next[state].items():
                back = fail[state]
                while back and part not in self._next[back]:
                    back = fail[back]
                fail[after] = self._next[back].get(part, 0)
                self._ends[after] += self._ends[fail[after]]
                waiting.append(after)
        return fail

    def _iterate_matches(self, reading: "_FoldedText") -> Iterator[Match]:
        ends = list(islice(self._iterate_word_matches(TOKEN.findall(reading.folded)), MAX_MATCHES))
        if ends:
            tokens = TOKEN.finditer(reading.folded)
            spans = [token.span() for token in islice(tokens, ends[-1][0] + 1)]
            for last, entry, length in ends:
                yield reading.match(entry, spans[last - length + 1][0], spans[last][1])
        runs = _SPACED_OUT_WORD.finditer(reading.folded)
        yield from islice(
            (m for run in runs for m in self._match_spaced_out(reading, run)), MAX_MATCHES
        )

    def _iterate_word_matches(self, words: list[str]) -> Iterator[tuple[int, str, int]]:
        """Yield the place of the last word, the entry and its length, for each that is found."""
        root, state = self._next[0], 0
        for index, word in enumerate(words):
            while state and word not in self._next[state]:
                state = self._fail[state]
            state = self._next[state].get(word, 0) if state else root.get(word, 0)
            if state:
                for entry, length in self._ends[state]:
                    yield index, entry, length

    def _match_spaced_out(self, reading: "_FoldedText", run: re.Match[str]) -> Iterator[Match]:
        """Yield an entry whose letters stand one by one, beside at most one word of one letter."""
        step = 1 + len(run[1])
        letters = run[0][::step]
        first = (0, 1) if letters[0] in _ONE_LETTER_WORDS else (0,)
        last = (0, 1) if letters[-1] in _ONE_LETTER_WORDS else (0,)
        for skip in first:
            for leave in last:
                word = letters[skip : len(letters) - leave]
                if entry := self._by_letters.get(word):
                    start = run.start() + skip * step
                    yield reading.match(entry, start, start + (len(word) - 1) * step + 1)


class _FoldedText:
    """A text as it can be read, and how to find the place of each character in the text as given."""

    def __init__(self, text: str, pieces: Iterable[tuple[str, int, int]]) -> None:
        self.folded = text.translate(FOLDING)
        self._origins = _original_ranges(pieces)
        self._places: list[tuple[int, int]] = []  # as far as somebody asked

    def match(self, entry: str, start: int, end: int) -> Match:
        """Return a match whose place in the folded text is known, at its place in the text as given."""
        self._places.extend(islice(self._origins, max(0, end - len(self._places))))
        return Match(entry, self._places[start][0], self._places[end - 1][1])


def _original_ranges(pieces: Iterable[tuple[str, int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the place of each folded character; a piece with an end of its own is one place."""
    for piece, begin, finish in pieces:
        for offset, char in enumerate(piece):
            place = (begin, finish) if finish else (begin + offset, begin + offset + 1)
            for _ in FOLDING[ord(char)]:
                yield place


def _render_markup(mark: re.Match[str]) -> str:
    return html.unescape(mark[0]) if mark[0][0] == "&" else ""


def _split_at_markup(text: str) -> Iterator[tuple[str, int, int]]:
    at = 0
    for mark in _HIDDEN_MARKUP.finditer(text):
        yield text[at : mark.start()], at, 0
        yield _render_markup(mark), mark.start(), mark.end()
        at = mark.end()
    yield text[at:], at, 0


@lru_cache(maxsize=32)
def compile_word_list(lines: tuple[str, ...], languages: frozenset[str]) -> WordList:
    """Return the list that holds for a text in one of these languages, made ready once.

    Words stand one a line. `[fr]` begins those for French, `[all]` those for every language,
    as do the lines before any section.
    """
    chosen: dict[str, None] = {}
    section = ANY_LANGUAGE
    for raw in lines:
        line = INVISIBLE.sub("", raw).strip()
        if begins := _SECTION.fullmatch(line):
            section = begins[1].lower()
        elif section == ANY_LANGUAGE or section in languages:
            chosen[line] = None
    return WordList(list(chosen))


def primary_languages(*codes: str) -> frozenset[str]:
    """Return the primary subtags of language codes, empty ones left out."""
    return frozenset(code.partition("-")[0].lower() for code in codes if code)
