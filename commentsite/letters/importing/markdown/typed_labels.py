"""Numbers that authors typed before their paragraphs: `2.`, `(b)`, `iv.`, `1.3.`, `（一）`."""

import re
from dataclasses import replace
from functools import cache

from babel.dates import get_month_names

from commentsite.letters.importing.markdown.tree import Block, Paragraph, Span, merge_spans
from commentsite.letters.importing.number_formats import format_number
from commentsite.letters.text.labels import take_label

_SUFFIX = r"(?:[ \u00a0]?(?:bis|ter|quater|quinquies|sexies)|[a-h])?"
_TYPED_LABEL = re.compile(
    rf"\s*(\d{{1,3}}(?:\.\d{{1,3}}){{0,4}}{_SUFFIX}[.)]|[ivxl]{{1,6}}[.)]|"
    r"\((?:\d{1,3}[a-h]?|[a-z]{1,2}|[ivxlc]{1,7}|[A-Z])\)|[a-z]\))(?:\t\s*|[ \u00a0]+(?=\S))"
)
_CHINESE_NUMBERS = {format_number(number, "chineseCounting"): number for number in range(1, 100)}
# Full-width brackets, dots and commas need no space after them: （一）, １．, 12、.
_FULL_WIDTH_LABEL = re.compile(
    r"\s*([（(](?:\d{1,3}|[一二三四五六七八九十]{1,4})[）)]|(?:\d{1,3}|[一二三四五六七八九十]{1,4})[．、](?!\d))\s*(?=\S)"
)
_PUNCTUATION = "().（）．、"
# Between numbers that a letter can skip.
_GAPS = {"digits": 10, "chinese": 10, "letter": 1, "roman": 1}
_LANGUAGES_WITH_ORDINAL_DAYS = [
    "de",
    "da",
    "nb",
    "fi",
    "et",
    "lv",
    "lt",
    "cs",
    "sk",
    "sl",
    "hr",
    "sr",
    "bs",
    "hu",
    "is",
    "fo",
    "tr",
]
_TYPED_LABEL_BEFORE_TAB = re.compile(
    r"\s*(\(?(?:\d{1,3}|[A-Za-z]|[ivxlcIVXLC]{1,7})(?:\.(?:\d{1,3}|[a-z])){0,4}[.)]?)\t\s*(?=\S)"
)
_ROMANS = [format_number(number, "lowerRoman") for number in range(1, 51)]
_MONTH_AND_YEAR = re.compile(r"\d{1,2}\.[ \u00a0]?(?:1[5-9]|20)\d\d\b")


def find_typed_labels(blocks: list[Block], *, is_piece: bool = False) -> frozenset[str]:
    """Return the numbers that the author typed before paragraphs: `2.`, `(b)`, `iv.`, `1.3.`.

    A single “12.” can begin a date, so a number counts if another one of its kind is near it in
    value, or if a tab follows it. A number of four digits is taken for a year, and one before the
    rest of a date for a day. In a piece of a letter, a single number counts too if it has a usual form.
    """
    certain: set[str] = set()
    possible: set[str] = set()
    for block in blocks:
        if isinstance(block, Paragraph) and not block.label and not block.heading:
            label, has_tab, length = _match_typed_label(block.spans)
            if not has_tab and _continues_date(block.text[length:]):
                continue
            (certain if has_tab or label.count(".") > 1 else possible).add(label)
    possible -= {""}
    if is_piece:
        return frozenset(certain | {label for label in possible if take_label(f"{label} x")[0]})
    series = [(label, kind, value) for label in possible for kind, value in _read_label(label)]
    return frozenset(certain) | {
        label
        for label, kind, value in series
        if any(
            other != label and kind == other_kind and abs(value - other_value) <= _GAPS[kind[0]]
            for other, other_kind, other_value in series
        )
    }


def _read_label(label: str) -> list[tuple[tuple[str, str], int]]:
    """Return what a label can mean: the kind of number with its punctuation, and its value."""
    core = label.strip(_PUNCTUATION).split()[0].rstrip("abcdefgh") or label.strip(_PUNCTUATION)
    punctuation = "".join(letter for letter in label if letter in _PUNCTUATION)
    meanings: list[tuple[tuple[str, str], int]] = []
    if core.isdecimal():
        meanings.append((("digits", punctuation), int(core)))
    core = label.strip(_PUNCTUATION)
    if core in _CHINESE_NUMBERS:
        meanings.append((("chinese", punctuation), _CHINESE_NUMBERS[core]))
    elif len(core) == 1 and core.isalpha():
        meanings.append((("letter", punctuation), ord(core)))
    if core in _ROMANS:
        meanings.append((("roman", punctuation), _ROMANS.index(core)))
    return meanings


def _continues_date(text: str) -> bool:
    """Return whether a text after “12.” is the rest of a date: “Oktober”, “10. 2018”."""
    if _MONTH_AND_YEAR.match(text):
        return True
    return text.split(" ", 1)[0].strip(",").casefold() in _list_months()


@cache
def _list_months() -> frozenset[str]:
    """Return the names of months in the languages that write the day as a number with a dot."""
    return frozenset(
        name.casefold()
        for language in _LANGUAGES_WITH_ORDINAL_DAYS
        for context in ("format", "stand-alone")
        for name in get_month_names("wide", context, language).values()
    )


def take_typed_label(spans: list[Span], labels: frozenset[str]) -> tuple[str, list[Span]]:
    """Return the typed number of a paragraph and the rest of the spans."""
    label, _, length = _match_typed_label(spans)
    return (label, _cut(merge_spans(spans), length)) if label in labels else ("", spans)


def _match_typed_label(spans: list[Span]) -> tuple[str, bool, int]:
    """Return a possible label, whether a tab follows it, and its length with white space."""
    spans = merge_spans(spans)
    leading = ""
    for span in spans:
        if span.is_markdown or span.link:
            break
        leading += span.text
        if len(leading) > 60:
            break
    match = _TYPED_LABEL_BEFORE_TAB.match(leading)
    if match and any(letter in "0123456789.()" for letter in match[1]):
        return match[1], True, match.end()
    match = _TYPED_LABEL.match(leading) or _FULL_WIDTH_LABEL.match(leading)
    return (match[1], False, match.end()) if match else ("", False, 0)


def _cut(spans: list[Span], length: int) -> list[Span]:
    """Return the spans without their first `length` characters."""
    rest = []
    for span in spans:
        rest.append(replace(span, text=span.text[length:]))
        length = max(0, length - len(span.text))
    return rest
