"""Fields of a Rich Text file: links, form fields, symbols."""

import re

from commentsite.letters.importing.word_processors.rtf.document import Document, Field
from commentsite.letters.importing.word_processors.rtf.groups import enter
from commentsite.letters.importing.word_processors.rtf.text import add_text, write_symbol
from commentsite.letters.importing.word_processors.symbols import CHECKED_BOX, EMPTY_BOX

_HYPERLINK = re.compile(r'HYPERLINK\s+(?:"([^"]*)"|(\S+))', re.IGNORECASE)
_SYMBOL_FIELD = re.compile(r'SYMBOL\s+(0x[0-9a-f]+|\d+)(?:.*?\\f\s+"?([^"\\]+))?', re.IGNORECASE)


def enter_field(document: Document) -> None:
    document.state.field = Field()
    document.state.closes = _end_field


def enter_form(document: Document) -> None:
    take_code(document)
    enter(document, "form")


def enter_result(document: Document) -> None:
    document.state.destination = "text"
    if document.state.field:
        document.state.field.has_result = True


def take_choice(document: Document) -> None:
    if document.state.field:
        document.state.field.choices.append(document.buffer.strip())
    document.buffer = ""


def take_code(document: Document) -> None:
    current = document.state.field
    if current is None:
        return
    current.code += document.buffer
    document.buffer = ""
    if match := _HYPERLINK.search(current.code):
        current.link = match[1] or match[2]


def _end_field(document: Document) -> None:
    current = document.state.field
    if current is None:
        return
    document.state.field = None
    values, code = current.values, current.code.strip().upper()
    chosen = values.get("ffres", 25)
    if chosen == 25:
        chosen = values.get("ffdefres", 0)
    if code.startswith("FORMCHECKBOX"):
        add_text(document, CHECKED_BOX if chosen else EMPTY_BOX)
    elif code.startswith("FORMDROPDOWN") and not current.has_result:
        if 0 <= chosen < len(current.choices):
            add_text(document, current.choices[chosen])
    elif not current.has_result and (match := _SYMBOL_FIELD.match(current.code.strip())):
        add_text(
            document, write_symbol(document, (match[2] or "").strip(), int(match[1], 0) & 0xFFFF)
        )
