"""Find listed words in a text, including disguised ones.

Text and list are folded in the same way (see `text.confusables`): compatibility characters, case,
accents, invisible characters and look-alike letters make no difference. Three disguises are
undone besides: HTML entities and tags, Markdown characters inside a word, and letters that are
spaced out ("c a s i n o"). The positions of a match are those in the original text, so that the
page can highlight it.

The list is compiled to an automaton that reads a text once (Aho and Corasick, 1975). The time of a
search therefore grows with the text and not with the list.
"""

import html
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from commentsite.text.confusables import FOLDING, INVISIBLE, TOKEN, folded_words
from commentsite.text.scripts import UNSPACED

ANY_LANGUAGE = "all"  # the section of words for every language
MIN_SPACED_OUT_LETTERS = 3  # shorter words are not searched for with their letters spaced out
MAX_MATCHES = 50  # in one text

_SECTION = re.compile(r"\[\s*([A-Za-z]{2,3})(?:[-_][\w-]*)?\s*\]")
_SINGLE_LETTER = rf"[^\W{UNSPACED}]"
_SPACED_OUT_WORD = re.compile(
    rf"(?<!{_SINGLE_LETTER}){_SINGLE_LETTER}([^\w\n]{{1,3}}){_SINGLE_LETTER}(?!{_SINGLE_LETTER})(?:\1{_SINGLE_LETTER}(?!{_SINGLE_LETTER}))+"
)
# Words of one letter, such as the article "a", may precede or follow a spaced-out word.
_ONE_LETTER_WORDS = frozenset("aeiouy")
# Characters that the page does not show: tags, entities, Markdown for emphasis and code, the
# address of a link.
_HIDDEN_MARKUP = re.compile(r"<[^<>]{0,80}>|&#?\w{1,31};?|[*_`~\\\[]+|\]\([^()\s]{0,200}\)|\]")


@dataclass(frozen=True)
class Match:
    """An entry of the list, and its range in the original text."""

    entry: str
    start: int
    end: int


class WordList:
    """A compiled word list: an automaton whose input symbols are words."""

    def __init__(self, entries: list[str]) -> None:
        """Compile the entries. An entry without letters is left out."""
        self._next: list[dict[str, int]] = [{}]
        # For each state the entries that end there, with their number of words.
        self._ends: list[tuple[tuple[str, int], ...]] = [()]
        self._entry_by_letters: dict[str, str] = {}  # for spaced-out words
        for entry in entries:
            if words := folded_words(entry):
                self._add(entry, words)
        self._failure = self._failure_links()

    def find(self, text: str) -> list[Match]:
        """Return each match once, in the order of the text."""
        if len(self._next) == 1:
            return []
        matches = dict.fromkeys(self._iterate_matches(_FoldedText(text, [(text, 0, 0)])))
        # A listed word may be in the text as it is written or as the page shows it.
        visible = _HIDDEN_MARKUP.sub(_render_markup if "&" in text else "", text)
        if visible != text:
            matches |= dict.fromkeys(
                self._iterate_matches(_FoldedText(visible, _split_at_markup(text)))
            )
        return sorted(matches, key=lambda match: (match.start, -match.end, match.entry))

    def _add(self, entry: str, words: list[str]) -> None:
        state = 0
        for word in words:
            if word not in self._next[state]:
                self._next[state][word] = len(self._next)
                self._next.append({})
                self._ends.append(())
            state = self._next[state][word]
        self._ends[state] = self._ends[state] or ((entry, len(words)),)
        letters = "".join(words)
        if len(letters) >= MIN_SPACED_OUT_LETTERS:
            self._entry_by_letters.setdefault(letters, entry)

    def _failure_links(self) -> list[int]:
        """Return for each state the state of its longest proper suffix, where a search goes on."""
        failure = [0] * len(self._next)
        queue = deque(self._next[0].values())
        while queue:
            state = queue.popleft()
            for word, target in self._next[state].items():
                suffix = failure[state]
                while suffix and word not in self._next[suffix]:
                    suffix = failure[suffix]
                failure[target] = self._next[suffix].get(word, 0)
                self._ends[target] += self._ends[failure[target]]
                queue.append(target)
        return failure

    def _iterate_matches(self, folded_text: "_FoldedText") -> Iterator[Match]:
        words = TOKEN.findall(folded_text.folded)
        ends = list(islice(self._iterate_word_matches(words), MAX_MATCHES))
        if ends:
            # Only a text with a match is tokenised again for the positions of its words.
            tokens = TOKEN.finditer(folded_text.folded)
            spans = [token.span() for token in islice(tokens, ends[-1][0] + 1)]
            for last, entry, length in ends:
                yield folded_text.match(entry, spans[last - length + 1][0], spans[last][1])
        runs = _SPACED_OUT_WORD.finditer(folded_text.folded)
        spaced_out = (match for run in runs for match in self._match_spaced_out(folded_text, run))
        yield from islice(spaced_out, MAX_MATCHES)

    def _iterate_word_matches(self, words: list[str]) -> Iterator[tuple[int, str, int]]:
        """Yield for each match the index of its last word, the entry, and its number of words."""
        root, state = self._next[0], 0
        for index, word in enumerate(words):
            while state and word not in self._next[state]:
                state = self._failure[state]
            state = self._next[state].get(word, 0) if state else root.get(word, 0)
            if state:
                for entry, length in self._ends[state]:
                    yield index, entry, length

    def _match_spaced_out(self, folded_text: "_FoldedText", run: re.Match[str]) -> Iterator[Match]:
        """Yield the entry whose letters are a run of single letters.

        The first and the last letter of the run may be a word of its own.
        """
        step = 1 + len(run[1])
        letters = run[0][::step]
        skips_before = (0, 1) if letters[0] in _ONE_LETTER_WORDS else (0,)
        skips_after = (0, 1) if letters[-1] in _ONE_LETTER_WORDS else (0,)
        for skip_before in skips_before:
            for skip_after in skips_after:
                word = letters[skip_before : len(letters) - skip_after]
                if entry := self._entry_by_letters.get(word):
                    start = run.start() + skip_before * step
                    yield folded_text.match(entry, start, start + (len(word) - 1) * step + 1)


class _FoldedText:
    """A folded text that maps ranges back to the original text.

    `pieces` are the parts of the text with their origin: see `_original_ranges`.
    """

    def __init__(self, text: str, pieces: Iterable[tuple[str, int, int]]) -> None:
        self.folded = text.translate(FOLDING)
        self._ranges = _original_ranges(pieces)
        self._read_ranges: list[tuple[int, int]] = []  # as far as a match needed them

    def match(self, entry: str, start: int, end: int) -> Match:
        """Build the match of a range of the folded text."""
        self._read_ranges.extend(islice(self._ranges, max(0, end - len(self._read_ranges))))
        return Match(entry, self._read_ranges[start][0], self._read_ranges[end - 1][1])


def _original_ranges(pieces: Iterable[tuple[str, int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the range in the original text of each folded character.

    A piece is a text with the start and the end of its origin. An end of 0 means that the piece
    stands in the original text as it is. Otherwise the whole piece comes from the whole range, as
    an entity does.
    """
    for piece, start, end in pieces:
        for offset, char in enumerate(piece):
            original_range = (start, end) if end else (start + offset, start + offset + 1)
            for _ in FOLDING[ord(char)]:  # a character can be folded to none or to several
                yield original_range


def _render_markup(markup: re.Match[str]) -> str:
    return html.unescape(markup[0]) if markup[0][0] == "&" else ""


def _split_at_markup(text: str) -> Iterator[tuple[str, int, int]]:
    position = 0
    for markup in _HIDDEN_MARKUP.finditer(text):
        yield text[position : markup.start()], position, 0
        yield _render_markup(markup), markup.start(), markup.end()
        position = markup.end()
    yield text[position:], position, 0


@lru_cache(maxsize=32)
def compile_word_list(lines: tuple[str, ...], languages: frozenset[str]) -> WordList:
    """Compile the entries for a text in one of these languages.

    Each line is an entry. The line `[fr]` begins the section for French, and `[all]` the section
    for every language. Lines before the first section also apply to every language.
    """
    entries: dict[str, None] = {}
    section = ANY_LANGUAGE
    for raw_line in lines:
        line = INVISIBLE.sub("", raw_line).strip()
        if heading := _SECTION.fullmatch(line):
            section = heading[1].lower()
        elif section == ANY_LANGUAGE or section in languages:
            entries[line] = None
    return WordList(list(entries))


def has_language_sections(lines: Sequence[str]) -> bool:
    """Return whether some entries apply to texts in certain languages only."""
    headings = map(_SECTION.fullmatch, (INVISIBLE.sub("", line).strip() for line in lines))
    return any(heading and heading[1].lower() != ANY_LANGUAGE for heading in headings)


def primary_languages(*codes: str) -> frozenset[str]:
    """Return the primary subtags of language codes, such as "fr" of "fr-CA". Empty codes are left out."""
    return frozenset(code.partition("-")[0].lower() for code in codes if code)
