"""The numbers that authors give to their paragraphs.

A paragraph begins with its label: digits of any script with an optional suffix and a dot or a
bracket (`11.`, `2.1.`, `11 bis.`, `3a)`, `(12)`, `१३.`), a small letter in brackets or before one (`(b)`,
`b)`), or a small Roman numeral (`(iv)`, `iv.`). A backslash before the dot or bracket keeps such
characters in the text. `{no=IV}` at the end of a paragraph gives any other label.

A capital letter with a dot is the initial of a name, and four digits from 1500 to 2099 are a year, so
neither is a label.
"""

import re
from dataclasses import dataclass

MAX_LABEL_LENGTH = 20

_SUFFIX = r"(?:[ \u00a0]?(?:bis|ter|quater|quinquies|sexies|septies|octies)|[a-z])?"
_DIGITS = rf"\d{{1,9}}(?:\.\d{{1,3}}){{0,4}}{_SUFFIX}"
_ROMAN = r"(?=[ivxl])(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_LABEL = re.compile(
    rf"(?P<label>(?P<bare>{_DIGITS}|{_ROMAN})\.|(?:{_DIGITS}|[a-z]|{_ROMAN})\)"
    rf"|\((?:{_DIGITS}|[a-z]|{_ROMAN})\))"
)
_EMPHASIS = re.compile(r"\*{1,3}|_{1,3}")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d[.)]?")
_ATTRIBUTE = re.compile(
    r"\{(?:lang=(?P<language>[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)"
    rf"|no=(?P<label>[^\s{{}}][^{{}}]{{0,{MAX_LABEL_LENGTH - 1}}}))\}}"
)


@dataclass(frozen=True)
class Attributes:
    """The attributes in braces at the end of a block. Those not given are empty."""

    text: str  # without the attributes
    language: str = ""
    label: str = ""


def take_label(text: str) -> tuple[str, str]:
    """Split Markdown into its label, without a closing dot, and the rest. Without a label it is ''.

    Emphasis may begin before the label, and end after it or later.
    """
    emphasis = _EMPHASIS.match(text)
    mark = emphasis[0] if emphasis else ""
    match = _LABEL.match(text, len(mark))
    if not match or is_year(match["label"]):
        return "", text
    label, rest = match["bare"] or match["label"], text[match.end() :]
    if len(label) > MAX_LABEL_LENGTH:
        return "", text
    if mark and rest.startswith(mark):  # the label alone is emphasised
        mark, rest = "", rest.removeprefix(mark)
    if not rest[:1].isspace():
        return "", text
    return label, f"{mark}{rest.lstrip()}"


def is_year(label: str) -> bool:
    return _YEAR.fullmatch(label) is not None


def take_attributes(text: str) -> Attributes:
    """Remove `{lang=…}` and `{no=…}` from the end of a text, in any order."""
    language = label = ""
    while (rest := text.rstrip()).endswith("}"):
        start = rest.rfind("{")
        match = _ATTRIBUTE.fullmatch(rest, max(start, 0))
        if not match or _is_escaped(rest, start):
            break
        language = language or match["language"] or ""
        label = label or (match["label"] or "").strip()
        text = rest[:start].rstrip()
    return Attributes(text, language, label)


def _is_escaped(text: str, position: int) -> bool:
    before = text[:position]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def escape_labels(text: str) -> str:
    """Put a backslash before the dot or bracket of every line's beginning that looks like a label."""
    return re.sub(
        rf"^(\(?)({_DIGITS}|[a-z]|{_ROMAN})([.)])(?=\s|$)",
        lambda match: f"\\{match[0]}" if match[1] else f"{match[2]}\\{match[3]}",
        text,
        flags=re.MULTILINE,
    )
