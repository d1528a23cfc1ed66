"""Read a Word document: the text that Word shows on its pages, with what is left out in remarks.

Tracked changes are accepted. Hidden text, review comments, running heads and tables of contents
are left out and recorded.
"""

import re
from collections.abc import Iterator

from commentsite.letters.importing.colours import WHITE, read_hexadecimal
from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.markdown.tree import Block, Span, Table
from commentsite.letters.importing.markdown.writer import build_document
from commentsite.letters.importing.word_processors.docx.asides import (
    describe_comments,
    describe_page_furniture,
)
from commentsite.letters.importing.word_processors.docx.document import Context, Document
from commentsite.letters.importing.word_processors.docx.elements import (
    R,
    W,
    get_value,
    is_properties,
    iterate_text,
)
from commentsite.letters.importing.word_processors.docx.notes import describe_unused_notes
from commentsite.letters.importing.word_processors.docx.paragraphs import (
    finish_paragraph,
    joins_next,
)
from commentsite.letters.importing.word_processors.docx.tables import (
    continues_table,
    read_table,
)
from commentsite.letters.importing.word_processors.docx.text import read_spans
from commentsite.letters.importing.word_processors.docx.tracked_changes import (
    describe_deletion,
    describe_insertion,
)
from commentsite.letters.importing.word_processors.package import Element, Package
from commentsite.letters.remarks import RemarkKind


def read_docx(content: bytes) -> ParsedDocument:
    """Return the document. Raises UnreadableFile on a damaged one, and on one with macros."""
    return _read(Document(Package(content), _read_blocks))


def _read(document: Document) -> ParsedDocument:
    background = get_value(document.root, "background", "color")
    blocks = document.read_blocks(
        document.body, Context(background=read_hexadecimal(background) or WHITE)
    )
    for open_field in document.flow.fields:
        if not open_field.shows_result and open_field.skipped:
            document.collector.add_remark(RemarkKind.OTHER, " ".join(open_field.skipped))
    describe_unused_notes(document)
    describe_comments(document)
    describe_page_furniture(document)
    title, language = document.parts.read_properties()
    return build_document(
        blocks,
        document.collector,
        title=title,
        language=document.collector.choose_language(language),
    )


def _read_blocks(document: Document, container: Element, context: Context) -> list[Block]:
    """Return the paragraphs and tables of a container: the body, a cell, a note, a text box."""
    blocks: list[Block] = []
    pending: tuple[Element, list[Span]] | None = None  # its paragraph mark was deleted
    last_table: tuple[Element, Table] | None = None  # with nothing after it so far
    for element in _iterate_blocks(document, container):
        if element.tag == W + "p":
            last_table = None
            spans = (pending[1] if pending else []) + read_spans(document, element, context)
            pending = None
            if joins_next(document, element):
                pending = (element, spans)
            else:
                blocks += finish_paragraph(document, element, spans, context)
            continue
        if pending:
            blocks += finish_paragraph(document, *pending, context)
            pending = None
        if element.tag == W + "tbl":
            part = read_table(document, element, context)
            if last_table and continues_table(element, last_table[0]):
                last_table[1].rows += part.rows
            else:
                blocks.append(part)
                last_table = (element, part)
        else:
            last_table = None
            _describe_chunk(document, element)
    if pending:
        blocks += finish_paragraph(document, *pending, context)
    return blocks


def _iterate_blocks(document: Document, container: Element) -> Iterator[Element]:
    """Yield the paragraphs, tables and included files of a container and its wrappers."""
    for child in container:
        if child.tag in {W + "p", W + "tbl", W + "altChunk"}:
            yield child
        elif child.tag == W + "sdt":
            content = child.find(W + "sdtContent")
            gallery = child.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
            if gallery is not None and gallery.get(W + "val", "") == "Table of Contents":
                words = " ".join(iterate_text(child))
                document.collector.add_remark(RemarkKind.PAGE_FURNITURE, words)
            elif content is not None:
                yield from _iterate_blocks(document, content)
        elif child.tag in {W + "del", W + "moveFrom"}:
            describe_deletion(document, child)
        elif not is_properties(child):
            if child.tag in {W + "ins", W + "moveTo"}:
                describe_insertion(document, child)
            yield from _iterate_blocks(document, child)


def _describe_chunk(document: Document, element: Element) -> None:
    """Record a file that Word shows as part of the text, such as a web page."""
    relation = document.flow.relations.get(element.get(R + "id", ""))
    content = (
        b"" if relation is None or relation.is_external else document.parts.read(relation.target)
    )
    text = content.decode("utf-8", "replace") if content[:2] != b"PK" else ""
    document.collector.add_remark(RemarkKind.OBJECTS, re.sub(r"<[^<>]*>", " ", text)[:20_000])
