"""Find the lines of a paragraph that begin with the labels of a series: 1., ii., (c), 1.2, Art. 3."""

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from commentsite.letters.importing.number_formats import format_number

_SUFFIXES = ("", "bis", "ter", "quater", "quinquies", "sexies")
_ROMANS = {format_number(number, "lowerRoman"): number for number in range(1, 90)}
_CHINESE_NUMBERS = {format_number(number, "chineseCounting"): number for number in range(1, 100)}
_SPACE = r"[ \t\u00a0\u3000]"
_NUMBER = re.compile(
    rf"\s*(?P<open>[(（]?)(?P<number>\d{{1,3}}(?:\.\d{{1,3}}){{0,4}})"
    rf"(?P<suffix>(?: ?(?:{'|'.join(_SUFFIXES[1:])})|[a-h])?)"
    rf"(?P<close>[.)]{_SPACE}+|[）．、]\s*|{_SPACE}+)(?=\S)"
)
_LETTERS = re.compile(
    rf"\s*(?P<open>[(（]?)(?P<value>[^\W\d_]{{1,7}})(?P<close>[.)]{_SPACE}+|[）．、]\s*)(?=\S)"
)
_WORD = re.compile(
    rf"\s*(?P<word>(?:[^\W\d_]{{1,14}}\.?|§){_SPACE}?)(?P<number>\d{{1,3}})"
    rf"(?P<suffix>(?: ?(?:{'|'.join(_SUFFIXES[1:])})|[a-h])?)[.:：)–-]?{_SPACE}+(?=\S)"
)


@dataclass(frozen=True)
class _Label:
    kind: tuple[str, ...]  # labels of one series have one kind
    value: tuple[int, ...]


def find_labelled_lines(lines: list[str]) -> set[int]:
    """Return the indexes of the lines that begin an item, because a series has their label.

    Two lines with numbers of one kind are a series. Letters, Roman numerals, words with a number, and
    numbers without a dot or bracket after them can also begin a line by chance, so that two of them
    have to follow each other.
    """
    series: dict[tuple[str, ...], list[tuple[int, tuple[int, ...]]]] = defaultdict(list)
    for index, line in enumerate(lines):
        for label in _read_labels(line):
            series[label.kind].append((index, label.value))
    found: set[int] = set()
    for kind, items in series.items():
        values = [value for _, value in items]
        is_series = len(set(values)) > 1
        if is_series and kind[0] != "number":
            is_series = any(_follows(*pair) for pair in pairwise(values))
        if is_series:
            found.update(index for index, _ in items)
    return found


def _follows(value: tuple[int, ...], following: tuple[int, ...]) -> bool:
    """Return whether a label is the next one: 3 after 2, 2bis after 2, 1.2 after 1.1, 2.1 after 1.4."""
    (*numbers, suffix), (*next_numbers, next_suffix) = value, following
    if numbers == next_numbers:
        return next_suffix == suffix + 1 or (suffix == 0 and next_suffix > 0)
    changed = next(
        i for i, pair in enumerate(zip(numbers, next_numbers, strict=False)) if pair[0] != pair[1]
    )
    return next_numbers[changed] == numbers[changed] + 1


def _read_labels(line: str) -> list[_Label]:
    """Return what the label of a line can be. A letter can be a Roman numeral too."""
    if match := _NUMBER.match(line):
        numbers = tuple(int(part) for part in match["number"].split("."))
        form = match["close"].strip()
        is_bare = not form
        if is_bare and len(numbers) == 1:
            return []
        kind = "bare number" if is_bare else "number"
        depth = str(len(numbers)) if is_bare else ""
        return [
            _Label((kind, match["open"], form, depth), (*numbers, _read_suffix(match["suffix"])))
        ]
    letters = _LETTERS.match(line)
    if letters and (
        labels := _read_letters(letters["value"], letters["open"] + letters["close"].strip())
    ):
        return labels
    if match := _WORD.match(line):
        word = match["word"].strip().casefold()
        value = (int(match["number"]), _read_suffix(match["suffix"]))
        return [_Label(("word", word), value)]
    return []


def _read_letters(value: str, form: str) -> list[_Label]:
    case = "upper" if value.isupper() else "lower"
    labels = []
    if value in _CHINESE_NUMBERS:
        return [_Label(("chinese", form), (_CHINESE_NUMBERS[value], 0))]
    if len(value) == 1:
        labels.append(_Label(("letter", case, form), (ord(value), 0)))
    if value.lower() in _ROMANS and value in {value.lower(), value.upper()}:
        labels.append(_Label(("roman", case, form), (_ROMANS[value.lower()], 0)))
    return labels


def _read_suffix(suffix: str) -> int:
    suffix = suffix.strip()
    return _SUFFIXES.index(suffix) if suffix in _SUFFIXES else ord(suffix) - ord("a") + 1
