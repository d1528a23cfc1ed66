"""Paragraphs of an OpenDocument text, with their numbers."""

from commentsite.letters.importing.markdown.tree import Block, Paragraph
from commentsite.letters.importing.word_processors.odt.document import Context, Document, Place
from commentsite.letters.importing.word_processors.odt.namespaces import TEXT
from commentsite.letters.importing.word_processors.odt.spans import flush_hidden
from commentsite.letters.importing.word_processors.odt.text import read_inlines
from commentsite.letters.importing.word_processors.package import Element


def read_paragraph(document: Document, element: Element, place: Place) -> list[Block]:
    style = element.get(TEXT + "style-name", "")
    background = document.styles.find_background(style, "paragraph", place.background)
    context = Context(style, background=background)
    document.hides_paragraph = False
    mark = document.collector.mark()
    spans = list(read_inlines(document, element, context))
    if document.hides_paragraph:
        words = document.collector.take_words(mark, spans, document.take_boxes())
        document.hidden.append(words)
        spans = []
    flush_hidden(document)
    text = "".join(span.text for span in spans)
    document.collector.count_block(text)
    if not text.strip():
        return [*_read_empty(document, element, place), *document.take_boxes()]
    names = document.styles.get_names(style)
    is_heading = element.tag == TEXT + "h" and not any(
        name.startswith("contents") for name in names
    )
    level = int(element.get(TEXT + "outline-level", "1") or 1) if is_heading else 0
    paragraph = Paragraph(
        spans,
        heading=level or document.styles.get_outline_level(style),
        is_quote=not {"quotations", "quote", "intense quote"}.isdisjoint(names),
        is_title="title" in names,
    )
    _add_label(document, paragraph, element, place)
    return [paragraph, *document.take_boxes()]


def _read_empty(document: Document, element: Element, place: Place) -> list[Block]:
    """Count an empty item, which has a number too."""
    item = Paragraph()
    if place.is_first and place.depth >= 0:
        _add_label(document, item, element, place)
    return document.collector.read_empty_paragraph(item.label, is_in_cell=place.is_in_cell)


def _add_label(document: Document, paragraph: Paragraph, element: Element, place: Place) -> None:
    style = element.get(TEXT + "style-name", "")
    stored = element.findtext(TEXT + "number")
    if place.depth >= 0:
        if not place.is_first or place.counters is None:
            return
        name = place.list_style or document.styles.get_list_style(style)
        label, is_bullet = document.list_styles.write_label(
            name, place.depth, place.counters, place.start
        )
        paragraph.depth = place.depth
        paragraph.bullet = is_bullet
        paragraph.label = stored or label
    elif paragraph.heading and element.tag == TEXT + "h":
        if element.get(TEXT + "is-list-header") != "true":
            label, _ = document.list_styles.write_label(
                "", paragraph.heading - 1, document.outline, None
            )
            paragraph.label = stored or label
    elif stored:
        paragraph.label = stored
