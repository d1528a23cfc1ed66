"""Normalise text from forms and files, and remove invisible characters on which programs fail."""

import re
import unicodedata
from html import unescape

# C0 and C1 controls except tab and newline, line separators, bidirectional embeddings, overrides and
# isolates, lone surrogates, and non-characters.
_INVISIBLE_CHARACTERS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\ufffe\uffff]"
)


def remove_invisible(text: str) -> str:
    """Remove control characters and those that change the direction of text."""
    return _INVISIBLE_CHARACTERS.sub("", text)


def clean_multiline(text: str) -> str:
    """Return a text in NFC with plain newlines and without invisible characters."""
    with_newlines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", remove_invisible(with_newlines))


def clean_single_line(text: str) -> str:
    """Return a text as `clean_multiline` does, on one line and without repeated spaces."""
    return " ".join(clean_multiline(text).split())


def has_same_words(html: str, text: str) -> bool:
    """Return whether HTML shows the letters and digits of a text, in the same order.

    The description of a picture counts as text, and the number of a footnote does not.
    """
    html = re.sub(r'<sup\b[^>]*><a href="#fn[^>]*>\[\d+\]</a></sup>', "", html)
    html = re.sub(r'<img\b[^>]*\balt="([^"]*)"[^>]*>', r" \1 ", html)
    shown = unescape(re.sub(r"<[^>]+>", " ", html))
    return re.findall(r"\w", shown) == re.findall(r"\w", text)
