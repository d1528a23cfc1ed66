"""Undo quoted-printable in the text of a mail that does not state its encoding."""

import re
from quopri import decodestring

from commentsite.letters.importing.decoding import decode_text
from commentsite.letters.importing.markdown.tree import Collector
from commentsite.letters.remarks import RemarkKind

_CODES = re.compile(r"(?:=[0-9A-F]{2})+")
_SOFT_BREAK = re.compile(r"(?<=\S)=[ \t]*\n|[ \t]=\n")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"]+|[^\s<>@]+@[^\s<>]+")
_MANY_BYTES = re.compile(r"=[C-F][0-9A-F](?:=[89AB][0-9A-F])+")


def decode_quoted_printable(text: str, collector: Collector) -> str:
    """Return the text decoded if its form leaves no doubt, with a remark, and else unchanged.

    Lines that end with a sign of equality, or letters of more than one byte, are the proof, if no
    other sign of equality is in the text. Those in addresses are no proof: they name parameters.
    """
    if not text.isascii() or "=" not in text:
        return text
    joined = _SOFT_BREAK.sub("", text)
    words = _ADDRESS.sub(" ", joined)
    is_proved = joined != text or any(_is_text(codes) for codes in _MANY_BYTES.findall(words))
    if not is_proved or "=" in _CODES.sub("", words):
        return text
    collector.add_remark(RemarkKind.ENCODING, "quoted-printable")
    parts, end = [], 0
    for match in _ADDRESS.finditer(joined):
        parts.append(_decode(joined[end : match.start()]))
        parts.append(_decode(match[0]) if "=3D" in match[0] else match[0])
        end = match.end()
    return "".join([*parts, _decode(joined[end:])])


def _is_text(codes: str) -> bool:
    try:
        decodestring(codes.encode()).decode()
    except UnicodeDecodeError:
        return False
    return True


def _decode(text: str) -> str:
    return _CODES.sub(lambda match: decode_text(decodestring(match[0].encode()))[0], text)
