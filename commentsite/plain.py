"""Text without what no reader sees and some programs break on: controls, lone surrogates, direction overrides."""

import re
import unicodedata

# C0 and C1 controls but tab and newline, line separators, bidi embeddings, overrides and isolates,
# lone surrogates, non-characters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\ufffe\uffff]"
)
_HTTP = re.compile(r"http(?=s?:)", re.IGNORECASE)
_LINK_COLON = re.compile(
    r"(?<=[a-z0-9+.-]):(?=//|\\\\)|(?<=mailto|magnet):|(?<=skype):|(?<=xmpp|sips):|(?<=tel|sms|sip|geo|urn):",
    re.IGNORECASE,
)
_NAME_DOT = re.compile(
    r"(?<=[^\s.])[.．](?=[^\W\d_]{2,}|xn--|\d+\.\d+\.\d)|(?<=\bwww)[.．]", re.IGNORECASE
)
_SHARES = re.compile(r"(?<![\w\]])(?://|\\\\)(?=\w)")
LARGEST_NUMBER = 2**31 - 1  # what an id can be in any database here


def running(text: str) -> str:
    """Return running text in NFC with plain newlines."""
    return unicodedata.normalize(
        "NFC", _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    )


def one_line(text: str) -> str:
    """Return a single line: as running text, its spaces collapsed."""
    return " ".join(running(text).split())


def without_links(text: str) -> str:
    """Return what people typed in a form that no mail program makes a link of, and that can still be read.

    `https://example.org` becomes `hxxps[:]//example[.]org`; so do bare names, `mailto:` and the like.
    """
    unlinked = _NAME_DOT.sub("[.]", _LINK_COLON.sub("[:]", _HTTP.sub("hxxp", text)))
    return _SHARES.sub("[//]", unlinked)


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
