"""The text of the paragraphs of an OpenDocument text."""

import re
from collections.abc import Iterator
from dataclasses import replace

from commentsite.letters.importing.markdown.tree import Span
from commentsite.letters.importing.word_processors.odt.document import Context, Document
from commentsite.letters.importing.word_processors.odt.drawings import read_drawing
from commentsite.letters.importing.word_processors.odt.elements import (
    SKIPPED,
    iterate_text,
    write_space,
)
from commentsite.letters.importing.word_processors.odt.fields import (
    read_condition,
    read_control,
    read_drop_down,
    read_field_mark,
)
from commentsite.letters.importing.word_processors.odt.namespaces import (
    DRAW,
    EXTENSION,
    FIELD,
    OFFICE,
    TEXT,
    XLINK,
)
from commentsite.letters.importing.word_processors.odt.spans import keep_or_hide, style_text
from commentsite.letters.importing.word_processors.package import Element
from commentsite.letters.importing.word_processors.symbols import CHECKED_BOX, EMPTY_BOX
from commentsite.letters.remarks import RemarkKind

_WHITE_SPACE = re.compile(r"[ \t\r\n]+")


def read_inlines(document: Document, element: Element, context: Context) -> Iterator[Span]:
    if element.text:
        yield from style_text(document, _WHITE_SPACE.sub(" ", element.text), context)
    for child in element:
        yield from _read_inline(document, child, context)
        if child.tail:
            yield from style_text(document, _WHITE_SPACE.sub(" ", child.tail), context)


def _read_inline(document: Document, child: Element, context: Context) -> Iterator[Span]:
    tag = str(child.tag)
    readers = {
        TEXT + "s": _read_space,
        TEXT + "tab": _read_space,
        TEXT + "line-break": _read_space,
        TEXT + "note": _read_note,
        TEXT + "ruby": _read_ruby,
        TEXT + "hidden-text": read_condition,
        TEXT + "hidden-paragraph": read_condition,
        TEXT + "conditional-text": read_condition,
        TEXT + "drop-down": read_drop_down,
        DRAW + "control": read_control,
        OFFICE + "annotation": _read_comment,
        EXTENSION + "content-control": _read_content_control,
    }
    if tag in readers:
        yield from readers[tag](document, child, context)
    elif tag.startswith(DRAW):
        yield from read_drawing(document, child, context)
    elif tag.startswith(FIELD):
        yield from read_field_mark(document, child, context)
    elif tag not in SKIPPED:
        if tag == TEXT + "span":
            styles = (*context.text_styles, child.get(TEXT + "style-name", ""))
            context = replace(context, text_styles=styles)
        elif tag == TEXT + "a":
            context = replace(context, link=child.get(XLINK + "href", ""))
        yield from read_inlines(document, child, context)


def _read_space(document: Document, element: Element, context: Context) -> Iterator[Span]:
    yield from style_text(document, write_space(element), context)


def _read_note(document: Document, note: Element, context: Context) -> Iterator[Span]:
    body = note.find(TEXT + "note-body")
    mark = document.collector.mark()
    if body is not None and (blocks := document.read_aside(body)):
        yield from keep_or_hide(document, [document.collector.add_note(blocks)], context, mark)


def _read_comment(document: Document, comment: Element, _context: Context) -> Iterator[Span]:
    words = " ".join(" ".join(iterate_text(part)) for part in comment)
    document.collector.add_remark(RemarkKind.REVIEW_COMMENTS, words)
    yield from ()


def _read_content_control(document: Document, element: Element, context: Context) -> Iterator[Span]:
    if element.get(EXTENSION + "checkbox") == "true":
        is_checked = element.get(EXTENSION + "checked") == "true"
        yield from style_text(document, CHECKED_BOX if is_checked else EMPTY_BOX, context)
    else:
        yield from read_inlines(document, element, context)


def _read_ruby(document: Document, ruby: Element, context: Context) -> Iterator[Span]:
    """Yield the base text, and its reading in parentheses."""
    base, reading = ruby.find(TEXT + "ruby-base"), ruby.find(TEXT + "ruby-text")
    if base is not None:
        yield from read_inlines(document, base, context)
    if reading is not None and "".join(reading.itertext()).strip():
        yield Span("(")
        yield from read_inlines(document, reading, context)
        yield Span(")")
