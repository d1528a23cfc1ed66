"""Make works to cite, and read LaTeX as a bibliography program does."""

import re
from datetime import date

from commentsite.letters.citations.formats import CitableVersion

_COMMANDS = {
    r"\textbackslash{}": "\\",
    r"\textbraceleft{}": "{",
    r"\textbraceright{}": "}",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
}
_LATEX = re.compile("|".join([*map(re.escape, _COMMANDS), r"\\([&%$#_])", "[{}]"]))


def make_work(**changes) -> CitableVersion:
    values = {
        "key": "a-letter",
        "title": "A letter",
        "authors": ("Ada Author",),
        "published": date(2026, 5, 4),
        "version": 1,
        "url": "https://letters.example/letters/a-letter/versions/1",
        "publisher": "Letters",
        "language": "en",
    }
    return CitableVersion(**(values | changes))


def decode_latex(text: str) -> str:
    """Return the text that LaTeX sets. Braces that group are not seen."""

    def decode(match):
        if match[0] in _COMMANDS:
            return _COMMANDS[match[0]]
        return match[1] or ""

    return _LATEX.sub(decode, text)
