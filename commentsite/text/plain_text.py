"""Normalise text from forms and files, and remove invisible characters on which programs fail."""

import re
import unicodedata
from html import unescape

# C0 and C1 controls except tab and newline, line separators, bidirectional embeddings, overrides and
# isolates, lone surrogates, and non-characters.
_INVISIBLE_CHARACTERS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\ufffe\uffff]"
)
# Tags and the supplementary variation selectors can hide a message in a text.
_HIDING_CHARACTERS = re.compile("[\U000e0000-\U000e0fff]")
_ZERO_WIDTH = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2064\u206a-\u206f\u3164\uffa0]"
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


def clean_text(text: str) -> str:
    """Return the text of a reader as `clean_multiline` does, without space around it.

    Characters that can hide a message are removed too. A letter keeps them: Japanese names need
    variation selectors.
    """
    return clean_multiline(_HIDING_CHARACTERS.sub("", text)).strip()


def clean_line(text: str) -> str:
    """Return a name or another line of a reader as `clean_text` does, on one line.

    Letters without width are removed. Arabic, Persian and Indic names need the joiners U+200C and
    U+200D, which are kept inside a word of such a script.
    """
    cleaned = clean_text(text)
    visible = _ZERO_WIDTH.sub(
        lambda match: match[0] if _is_joiner_in_word(cleaned, match) else "", cleaned
    )
    return clean_single_line(visible)


def _is_joiner_in_word(text: str, match: re.Match[str]) -> bool:
    if match[0] not in "\u200c\u200d" or match.start() == 0:
        return False
    previous = text[match.start() - 1]
    is_arabic = unicodedata.bidirectional(previous) == "AL"
    is_indic = "\u0900" <= previous <= "\u0dff"
    return is_arabic or is_indic


def has_same_words(html: str, text: str) -> bool:
    """Return whether HTML shows the letters and digits of a text, in the same order.

    The description of a picture counts as text, and the number of a footnote does not.
    """
    html = re.sub(r'<sup\b[^>]*><a href="#fn[^>]*>\[\d+\]</a></sup>', "", html)
    html = re.sub(r'<img\b[^>]*\balt="([^"]*)"[^>]*>', r" \1 ", html)
    shown = unescape(re.sub(r"<[^>]+>", " ", html))
    return re.findall(r"\w", shown) == re.findall(r"\w", text)
