"""Text without what no reader sees and some programs break on: controls, lone surrogates, direction overrides."""

import re
import unicodedata

# C0 and C1 controls but tab and newline, line separators, bidi embeddings, overrides and isolates,
# lone surrogates, non-characters.
_INVISIBLE_CHARACTERS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\ufffe\uffff]"
)


def clean_multiline(text: str) -> str:
    """Return running text in NFC with plain newlines."""
    return unicodedata.normalize(
        "NFC", _INVISIBLE_CHARACTERS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    )


def clean_single_line(text: str) -> str:
    """Return a single line: as running text, its spaces collapsed."""
    return " ".join(clean_multiline(text).split())
