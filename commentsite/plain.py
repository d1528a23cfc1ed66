"""Text without what no reader sees and some programs break on: controls, lone surrogates, direction overrides."""

import re
import unicodedata

# C0 and C1 controls but tab and newline, line separators, bidi embeddings, overrides and isolates,
# lone surrogates, non-characters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\ufffe\uffff]"
)
LARGEST_NUMBER = 2**31 - 1  # what an id can be in any database here


def running(text: str) -> str:
    """Return running text in NFC with plain newlines."""
    return unicodedata.normalize(
        "NFC", _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    )


def one_line(text: str) -> str:
    """Return a single line: as running text, its spaces collapsed."""
    return " ".join(running(text).split())


def small_number(text: str) -> int | None:
    """Return a number as ASCII digits write it, None for anything else or more than an id can be."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    number = int(text)
    return number if number <= LARGEST_NUMBER else None


def csv_cell(value: object) -> object:
    """Return what a spreadsheet shows and never runs: texts that look like formulas begin with an apostrophe."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return f"'{value}"
    return value
