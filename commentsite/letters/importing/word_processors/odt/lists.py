"""The numbers that a word processor shows before the list items and headings of an ODT file."""

import re

from commentsite.letters.importing.number_formats import format_number
from commentsite.letters.importing.word_processors.odt.namespaces import EXTENSION, STYLE, TEXT
from commentsite.letters.importing.word_processors.package import Element
from commentsite.letters.importing.word_processors.symbols import BOXES_AND_TICKS

_PLACEHOLDER = re.compile(r"%(\d+)%")
_FORMATS = {
    "1": "decimal",
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
    "01, 02, 03, ...": "decimalZero",
    "1st": "ordinal",
    "一, 二, 三, ...": "chineseCounting",
    "壹, 贰, 叁, ...": "chineseLegalSimplified",
    "壱, 弐, 参, ...": "japaneseLegal",
    "１, ２, ３, ...": "decimalFullWidth",
    "①, ②, ③, ...": "decimalEnclosedCircle",
    "ア, イ, ウ, ...": "aiueoFullWidth",
    "ｱ, ｲ, ｳ, ...": "aiueo",
    "イ, ロ, ハ, ...": "irohaFullWidth",
    "ｲ, ﾛ, ﾊ, ...": "iroha",
    "가, 나, 다, ...": "ganada",
    "ㄱ, ㄴ, ㄷ, ...": "chosung",
    "일, 이, 삼, ...": "koreanCounting",
    "甲, 乙, 丙, ...": "ideographTraditional",
    "子, 丑, 寅, ...": "ideographZodiac",
    "أ, ب, ت, ...": "arabicAlpha",
    "أ, ب, ج, ...": "arabicAbjad",
    "א, י, ק, ...": "hebrew1",
    "א, ב, ג, ...": "hebrew2",
    "ก, ข, ฃ, ...": "thaiLetters",
    "क, ख, ग, ...": "hindiVowels",
    "१, २, ३, ...": "hindiNumbers",
    "а, б, .., аа, аб, ... (ru)": "russianLower",
    "А, Б, .., Аа, Аб, ... (ru)": "russianUpper",
}


class Counters(dict[int, int]):
    """The current number at each level of a list, from 0."""


class ListStyles:
    def __init__(self, roots: list[Element]) -> None:
        self._styles: dict[str, dict[int, Element]] = {}
        for root in roots:
            for style in root.iter(TEXT + "list-style"):
                self._styles[style.get(STYLE + "name", "")] = _read_levels(style)
            for style in root.iter(TEXT + "outline-style"):
                self._styles[""] = _read_levels(style)

    def write_label(
        self, name: str, depth: int, counters: Counters, start: int | None
    ) -> tuple[str, bool]:
        """Count an item and return its label, and whether it has a bullet.

        `name` is a list style, or '' for the numbering of headings. `start` is a number that the
        item itself sets.
        """
        levels = self._styles.get(name)
        if levels is None:
            return "", bool(name)
        level = levels.get(depth)
        for higher in range(depth):  # a level that was skipped counts as if it had been used
            counters.setdefault(higher, _get_start(levels.get(higher)))
        if start is not None:
            counters[depth] = start
        elif depth in counters:
            counters[depth] += 1
        else:
            counters[depth] = _get_start(level)
        for deeper in [other for other in counters if other > depth]:
            del counters[deeper]
        if level is None:
            return "", bool(name)
        if level.tag in {TEXT + "list-level-style-bullet", TEXT + "list-level-style-image"}:
            bullet = level.get(TEXT + "bullet-char", "")
            return (bullet if bullet in BOXES_AND_TICKS - set("■□◻❑❒") else ""), True
        return _fill(levels, level, depth, counters), False


def _fill(levels: dict[int, Element], level: Element, depth: int, counters: Counters) -> str:
    number_format = level.get(STYLE + "num-format", "")
    template = level.get(EXTENSION + "num-list-format")
    if template is None:
        if not number_format:
            return _join(level, "")
        shown = int(level.get(TEXT + "display-levels", "1") or 1)
        first = max(0, depth + 1 - shown)
        numbers = [_write_number(levels, other, counters) for other in range(first, depth + 1)]
        return _join(level, ".".join(number for number in numbers if number))
    return " ".join(
        _PLACEHOLDER.sub(
            lambda match: _write_number(levels, int(match[1]) - 1, counters), template
        ).split()
    )


def _join(level: Element, number: str) -> str:
    prefix, suffix = level.get(STYLE + "num-prefix", ""), level.get(STYLE + "num-suffix", "")
    return " ".join(f"{prefix}{number}{suffix}".split())


def _write_number(levels: dict[int, Element], depth: int, counters: Counters) -> str:
    level = levels.get(depth)
    name = level.get(STYLE + "num-format", "") if level is not None else ""
    if not name:
        return ""
    return format_number(counters.get(depth, _get_start(level)), _FORMATS.get(name, "decimal"))


def _get_start(level: Element | None) -> int:
    value = level.get(TEXT + "start-value", "1") if level is not None else "1"
    return int(value) if value.isdecimal() else 1


def _read_levels(style: Element) -> dict[int, Element]:
    return {
        int(level.get(TEXT + "level", "1")) - 1: level
        for level in style
        if level.get(TEXT + "level", "1").isdecimal()
    }
