"""Fields of a Word document: links, form fields, symbols. Their codes are not shown, their results are."""

import re
from collections.abc import Iterator

from commentsite.letters.importing.markdown.tree import Span
from commentsite.letters.importing.word_processors.docx.characters import write_symbol
from commentsite.letters.importing.word_processors.docx.document import Document, Field
from commentsite.letters.importing.word_processors.docx.elements import W, get_value, is_on
from commentsite.letters.importing.word_processors.package import Element
from commentsite.letters.importing.word_processors.symbols import CHECKED_BOX, EMPTY_BOX
from commentsite.letters.remarks import RemarkKind

_FIELD_ARGUMENT = re.compile(r'"([^"]*)"|(\S+)')


def read_field_character(document: Document, character: Element) -> Iterator[Span]:
    kind = character.get(W + "fldCharType")
    if kind == "begin":
        document.flow.fields.append(Field(form_data=character.find(W + "ffData")))
    elif kind == "separate" and document.flow.fields:
        document.flow.fields[-1].shows_result = True
        document.flow.fields[-1].skipped.clear()
    elif kind == "end" and document.flow.fields:
        closed = document.flow.fields.pop()
        text = _read_form_field(closed)
        if not text and not closed.shows_result:
            text = _read_field_without_result(document, closed)
        if text and (shown := show_in_field(document, text)):
            yield Span(shown)


def _read_form_field(closed: Field) -> str:
    """Return the state of a form field of the older kind, if its result does not show it."""
    data = closed.form_data
    name = closed.code.strip().upper()
    box = data.find(W + "checkBox") if data is not None else None
    if box is not None or name.startswith("FORMCHECKBOX"):
        state = get_value(box, "checked")
        if state is None:
            state = get_value(box, "default")
        return CHECKED_BOX if is_on(state) else EMPTY_BOX
    choices = data.find(W + "ddList") if data is not None else None
    if choices is not None and not closed.result_length:
        entries = [item.get(W + "val", "") for item in choices.iterfind(W + "listEntry")]
        index = get_value(choices, "result") or get_value(choices, "default") or "0"
        return entries[int(index)] if index.isdecimal() and int(index) < len(entries) else ""
    return ""


def _read_field_without_result(document: Document, closed: Field) -> str:
    """Return the text of the fields that Word shows without storing a result."""
    name, _, rest = closed.code.strip().partition(" ")
    arguments = [quoted or word for quoted, word in _FIELD_ARGUMENT.findall(rest)]
    if name.upper() == "SYMBOL" and arguments:
        font = arguments[arguments.index("\\f") + 1] if "\\f" in arguments[:-1] else ""
        code = arguments[0]
        return write_symbol(document, font, f"{int(code):X}" if code.isdecimal() else code)
    if name.upper() == "MACROBUTTON":
        return " ".join(arguments[1:])
    if name.upper() in {"EQ", "AUTONUM", "AUTONUMLGL", "AUTONUMOUT", "LISTNUM"}:
        document.collector.add_remark(RemarkKind.OBJECTS, closed.code)
    return ""


def show_in_field(document: Document, text: str) -> str:
    """Return the text, or nothing where it is part of the code of a field."""
    for open_field in document.flow.fields:
        if not open_field.shows_result:
            open_field.skipped.append(text)
            return ""
        open_field.result_length += len(text.strip())
        if open_field.code.strip().upper().startswith("FORMCHECKBOX"):
            return ""
    return text


def find_field_link(document: Document) -> str:
    return next((link for item in document.flow.fields if (link := read_link(item.code))), "")


def read_link(code: str) -> str:
    """Return the address of a HYPERLINK field, or ''."""
    name, _, rest = code.strip().partition(" ")
    match = _FIELD_ARGUMENT.match(rest.strip())
    if name.upper() != "HYPERLINK" or not match or rest.strip().startswith("\\"):
        return ""
    return match[1] or match[2] or ""
