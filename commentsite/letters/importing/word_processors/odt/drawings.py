"""Pictures, text boxes and other drawings of an OpenDocument text."""

import base64
import binascii
import posixpath
from collections.abc import Iterator

from commentsite.letters.importing.markdown.tree import Span
from commentsite.letters.importing.word_processors.odt.document import Context, Document
from commentsite.letters.importing.word_processors.odt.elements import iterate_text
from commentsite.letters.importing.word_processors.odt.namespaces import (
    DRAW,
    MATH,
    OFFICE,
    SVG,
    TEXT,
    XLINK,
)
from commentsite.letters.importing.word_processors.odt.spans import keep_or_hide
from commentsite.letters.importing.word_processors.package import Element
from commentsite.letters.remarks import RemarkKind


def read_drawing(document: Document, shape: Element, context: Context) -> Iterator[Span]:
    """Yield the markers of pictures, unless the drawing or the text around it is hidden."""
    mark, outer = document.collector.mark(), document.take_boxes()
    spans = list(_read_shape(document, shape, context))
    boxes, document.boxes = document.boxes, outer
    if shape.get(DRAW + "display") == "none" or document.styles.is_not_displayed(
        context.paragraph_style, context.text_styles
    ):
        document.hidden.append(document.collector.take_words(mark, spans, boxes))
        return
    document.boxes += boxes
    yield from keep_or_hide(document, spans, context, mark)


def _read_shape(document: Document, shape: Element, context: Context) -> Iterator[Span]:
    """Yield the marker of a picture. The text of boxes and shapes follows the paragraph."""
    description = " ".join(
        text for name in ("desc", "title") if (text := shape.findtext(SVG + name))
    )
    for child in shape:
        if child.tag == DRAW + "image":
            if shape.find(DRAW + "object") is None and shape.find(DRAW + "object-ole") is None:
                yield document.collector.add_picture(_read_picture(document, child), description)
                break
        elif child.tag in {DRAW + "object", DRAW + "object-ole"}:
            yield from _read_object(document, child, description)
        elif child.tag == DRAW + "text-box":
            _add_box(document, child, shape, context)
        elif str(child.tag).startswith(DRAW):
            yield from _read_shape(document, child, context)
    if any(child.tag in {TEXT + "p", TEXT + "list"} for child in shape):
        _add_box(document, shape, shape, context)


def _add_box(document: Document, element: Element, shape: Element, context: Context) -> None:
    style = shape.get(DRAW + "style-name", "")
    background = document.styles.find_box_background(style, context.background)
    outer, document.boxes = document.boxes, []
    blocks = document.read_aside(element, background)
    document.boxes = [*outer, *blocks, *document.boxes]


def _read_picture(document: Document, image: Element) -> bytes:
    data = image.findtext(OFFICE + "binary-data")
    if data:
        try:
            return base64.b64decode(data)
        except binascii.Error:
            return b""
    return document.package.read(posixpath.normpath(image.get(XLINK + "href", "")))


def _read_object(document: Document, element: Element, description: str) -> Iterator[Span]:
    """Yield the characters of a formula. Other objects are only recorded."""
    folder = posixpath.normpath(element.get(XLINK + "href", ""))
    root = next(element.iter(MATH + "math"), None)
    if root is None and folder:
        root = document.package.parse(posixpath.join(folder, "content.xml"))
    words = description
    if root is not None and root.tag == MATH + "math":
        for annotation in list(root.iter(MATH + "annotation")):
            annotation.getparent().remove(annotation)
        words = "".join("".join(root.itertext()).split())
        yield Span(words)
    elif root is not None:
        words = " ".join([description, *iterate_text(root)])
    document.collector.add_remark(RemarkKind.OBJECTS, words)
