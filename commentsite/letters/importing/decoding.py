"""Decode the bytes of a text file whose encoding is stated, marked or neither."""

import codecs
import re

from commentsite.letters.importing.errors import FileProblem, UnreadableFile

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FALLBACK = "windows-1252"
# Browsers read these names as windows-1252, which has letters where they have control characters.
_LATIN_1 = {"iso8859-1", "ascii", "cp1252"}


def decode_text(content: bytes, stated: str = "") -> tuple[str, str]:
    """Return the text, and its encoding if that is a guess, otherwise "".

    A byte order mark counts most, then the encoding that the file states, then UTF-8. A text that
    is none of these is read as windows-1252, the encoding of most older files. Raises
    UnreadableFile on bytes that are no text.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _check(content[len(mark) :].decode(encoding, "replace")), ""
    if encoding := _find_utf_16(content):
        return _check(content.decode(encoding, "replace")), encoding
    for encoding in filter(None, (_normalise(stated), "utf-8")):
        try:
            return _check(content.decode(encoding)), ""
        except UnicodeDecodeError:
            continue
    return _check(content.decode(_FALLBACK, "replace")), _FALLBACK


def find_stated_encoding(content: bytes) -> str:
    """Return the encoding that the head of an HTML file states, or ''."""
    head = content[:4096].decode("ascii", "replace")
    match = re.search(
        r"<meta\b[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", head, re.IGNORECASE
    )
    match = match or re.match(r"\s*<\?xml\b[^>]{0,100}encoding=[\"']([\w.:-]{1,40})", head)
    return match[1] if match else ""


def _normalise(name: str) -> str:
    """Return the name of a codec for text, or '' for one that Python does not have."""
    try:
        found = codecs.lookup(name).name if name.isascii() else ""
        "".encode(found or "utf-8")
    except LookupError:
        return ""
    if found.startswith(("utf-16", "utf-32")):  # a file in which ASCII could be read is neither
        return ""
    return _FALLBACK if found in _LATIN_1 else found


def _find_utf_16(content: bytes) -> str:
    """Return the byte order of a text in UTF-16 without a mark, or ''."""
    sample = content[:2000]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if len(sample) >= 8 and max(even, odd) > len(sample) // 5 and min(even, odd) == 0:
        return "utf-16-le" if odd else "utf-16-be"
    return ""


def _check(text: str) -> str:
    if "\0" in text:
        raise UnreadableFile(FileProblem.NOT_TEXT)
    return text
