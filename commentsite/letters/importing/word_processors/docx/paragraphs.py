"""Paragraphs of a Word document: their numbers, headings and ends."""

import re

from commentsite.letters.importing.markdown.tree import Block, Paragraph, Span
from commentsite.letters.importing.word_processors.docx.document import Context, Document
from commentsite.letters.importing.word_processors.docx.elements import W, get_value
from commentsite.letters.importing.word_processors.docx.hidden_text import flush_hidden
from commentsite.letters.importing.word_processors.docx.numbering import Label
from commentsite.letters.importing.word_processors.package import Element
from commentsite.letters.remarks import RemarkKind, TrackedChange

_QUOTE_STYLES = frozenset({"quote", "intense quote", "block text", "quotations"})
_HEADING_STYLE = re.compile(r"heading (\d)$")


def finish_paragraph(
    document: Document, element: Element, spans: list[Span], context: Context
) -> list[Block]:
    """Return the paragraph, if it has text, and the text boxes anchored in it."""
    flush_hidden(document)
    properties = element.find(W + "pPr")
    mark = properties.find(W + "rPr") if properties is not None else None
    style_id = get_value(properties, "pStyle")
    names = document.styles.get_names(style_id)
    boxes, document.flow.boxes = document.flow.boxes, []
    text = "".join(span.text for span in spans)
    document.collector.count_block(text)
    has_text = bool(text.strip())
    if not has_text and document.styles.is_run_property_on(mark, "vanish", style_id):
        return boxes  # Word does not number a paragraph that it does not show
    label = document.numbering.number_paragraph(properties) or Label("", 0, is_bullet=False)
    if not has_text:
        is_in_cell = context.is_in_cell
        return [*document.collector.read_empty_paragraph(label.text, is_in_cell=is_in_cell), *boxes]
    if any(name.startswith("toc ") for name in names[:1]):
        document.collector.add_remark(RemarkKind.PAGE_FURNITURE, text)
        return boxes
    paragraph = Paragraph(
        spans,
        label=label.text,
        heading=_find_heading_level(document, properties, names),
        bullet=label.is_bullet or (not label.text and _is_bullet_style(names, properties)),
        depth=label.depth,
        is_quote=not _QUOTE_STYLES.isdisjoint(names),
        is_title="title" in names,
        is_caption="caption" in names,
    )
    return [paragraph, *boxes]


def _find_heading_level(document: Document, properties: Element | None, names: list[str]) -> int:
    outline = document.styles.get_paragraph_property(properties, "outlineLvl")
    if outline is not None and outline.isdecimal():
        return int(outline) + 1 if int(outline) < 9 else 0
    for name in names:
        if match := _HEADING_STYLE.match(name):
            return int(match[1])
    return 0


def _is_bullet_style(names: list[str], properties: Element | None) -> bool:
    own_numbering = properties.find(W + "numPr") if properties is not None else None
    return own_numbering is None and any(name.startswith("list bullet") for name in names)


def joins_next(document: Document, paragraph: Element) -> bool:
    """Return whether the mark that ends the paragraph was deleted, or the paragraph is a drop cap."""
    frame = paragraph.find(f"{W}pPr/{W}framePr")
    if frame is not None and frame.get(W + "dropCap", "none") != "none":
        return True
    mark = paragraph.find(f"{W}pPr/{W}rPr")
    if mark is None:
        return False
    if mark.find(W + "del") is not None or mark.find(W + "moveFrom") is not None:
        document.collector.add_change(TrackedChange.DELETED)
        return True
    if mark.find(W + "ins") is not None or mark.find(W + "moveTo") is not None:
        document.collector.add_change(TrackedChange.INSERTED)
    return False
