"""Read a Rich Text file: the text that a word processor shows, what is left out in remarks.

Tracked changes are accepted. Hidden text, comments and running heads are left out and recorded.
See the Rich Text Format specification, version 1.9.1.
"""

import re

from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.markdown.writer import build_document
from commentsite.letters.importing.word_processors.rtf.blocks import (
    end_cell,
    end_paragraph,
    end_row,
    end_table,
)
from commentsite.letters.importing.word_processors.rtf.code_pages import find_language
from commentsite.letters.importing.word_processors.rtf.destinations import enter_destination
from commentsite.letters.importing.word_processors.rtf.document import Document
from commentsite.letters.importing.word_processors.rtf.formats import (
    read_format,
    read_table_of_document,
)
from commentsite.letters.importing.word_processors.rtf.groups import close_group, open_group
from commentsite.letters.importing.word_processors.rtf.removed_text import (
    flush_inserted,
    flush_removed,
)
from commentsite.letters.importing.word_processors.rtf.text import (
    add_bytes,
    add_text,
    add_unicode,
    flush_bytes,
)

_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\([^A-Za-z])|([{}])|([^\\{}\r\n\0]+)|[\r\n\0]+"
)
# LibreOffice writes the date of a changed format without its control word.
_DATE_WITHOUT_WORD = re.compile(rb"\{-\d{8,10} (?=\\)")
_CHARACTERS = {
    "tab": "\t", "line": "\n", "softline": "\n", "lbr": "\n", "emdash": "—", "endash": "–", "bullet": "•",
    "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " ",
    "qmspace": " ", "zwj": "\u200d", "zwnj": "\u200c", "column": "\n", "page": "\n", "pmartabql": "\t",
}  # fmt: skip
_SYMBOLS = {b"~": "\N{NO-BREAK SPACE}", b"_": "\N{NON-BREAKING HYPHEN}", b"\t": "\t"}


def read_rtf(content: bytes) -> ParsedDocument:
    """Return the document. Raises UnreadableFile on a file without text or with too many groups."""
    document = Document()
    _read_tokens(document, _DATE_WITHOUT_WORD.sub(b"{", content))
    while document.stack:
        close_group(document)
    end_paragraph(document)
    end_table(document)
    flush_removed(document)
    flush_inserted(document)
    return build_document(
        document.flows[0].blocks,
        document.collector,
        title=" ".join(document.title.split())[:300],
        language=document.collector.choose_language(find_language(document.default_language)),
    )


def _read_tokens(document: Document, content: bytes) -> None:
    position, end = 0, len(content)
    while position < end:
        match = _TOKEN.match(content, position)
        if match is None:
            position += 1
            continue
        position = match.end()
        word, number, code, symbol, brace, text = match.groups()
        if text is not None:
            add_bytes(document, text)
        elif code is not None:
            add_bytes(document, bytes([int(code, 16)]))
        elif word == b"bin":
            length = max(0, int(number or 0))
            if document.state.destination == "picture":
                document.picture.data = bytearray(content[position : position + length])
            position += length
        else:
            flush_bytes(document)
            _read_control(document, word, number, symbol, brace)
    flush_bytes(document)


def _read_control(
    document: Document,
    word: bytes | None,
    number: bytes | None,
    symbol: bytes | None,
    brace: bytes | None,
) -> None:
    if brace == b"{":
        open_group(document)
    elif brace == b"}":
        close_group(document)
    elif word is not None:
        is_star, document.is_star = document.is_star, False
        _read_word(
            document, word.decode(), None if number is None else int(number), is_star=is_star
        )
    elif symbol == b"*":
        document.is_star = True
    elif symbol in {b"\n", b"\r"}:
        end_paragraph(document)
    elif symbol in _SYMBOLS:
        add_text(document, _SYMBOLS[symbol])
    elif symbol in {b"\\", b"{", b"}"}:
        add_text(document, symbol.decode())


def _read_word(document: Document, word: str, number: int | None, *, is_star: bool) -> None:
    state = document.state
    if state.destination == "skip":
        return
    if enter_destination(document, word, is_star=is_star):
        return
    if word == "u" and number is not None:
        add_unicode(document, number % 65536)
        document.skip = state.skip_count
    elif word in _CHARACTERS:
        add_text(document, _CHARACTERS[word])
    elif word in {"par", "sect", "nestcell"}:
        end_paragraph(document)
    elif word == "cell":
        end_cell(document)
    elif word == "row":
        end_row(document)
    elif not read_format(document, word, number):
        read_table_of_document(document, word, number)
