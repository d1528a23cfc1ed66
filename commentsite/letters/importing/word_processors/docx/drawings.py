"""Pictures, text boxes and other drawings of a Word document."""

import re
from collections.abc import Iterator
from dataclasses import replace

from commentsite.letters.importing.markdown.tree import Span
from commentsite.letters.importing.word_processors.docx.document import Context, Document, Flow
from commentsite.letters.importing.word_processors.docx.elements import (
    A,
    R,
    V,
    W,
    has_ancestor,
    is_on,
)
from commentsite.letters.importing.word_processors.docx.shading import find_box_colour
from commentsite.letters.importing.word_processors.package import Element
from commentsite.letters.remarks import RemarkKind

_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_O = "{urn:schemas-microsoft-com:office:office}"
_HIDDEN_SHAPE = re.compile(r"visibility\s*:\s*hidden", re.IGNORECASE)


def read_drawing(document: Document, drawing: Element, context: Context) -> Iterator[Span]:
    """Yield the markers of pictures, and keep the text boxes for after the paragraph."""
    boxes = [
        box
        for box in drawing.iter(W + "txbxContent")
        if not has_ancestor(box, W + "txbxContent", drawing)
    ]
    for box in boxes:
        _read_box(document, box, drawing, context)
    is_object = drawing.tag in {W + "object", W + "contentPart"}
    described = next(drawing.iter(_WP + "docPr"), None)
    description = _describe_drawing(drawing, described)
    if described is not None and is_on(described.get("hidden", "0")):
        if not boxes:
            document.collector.add_remark(RemarkKind.PICTURES, description)
        return
    charts = [
        data.get("uri", "").rpartition("/")[2]
        for data in drawing.iter(A + "graphicData")
        if data.get("uri", "").rpartition("/")[2] in {"chart", "diagram", "chartex"}
    ]
    if is_object or charts:
        words = " ".join([description, *_read_diagram_text(document, drawing)])
        document.collector.add_remark(RemarkKind.OBJECTS, words)
        return
    yield from _read_word_art(document, drawing)
    pictures = list(_iterate_own(drawing, A + "blip", V + "imagedata"))
    _describe_other_drawing(document, drawing, description, is_used=bool(boxes or pictures))
    for picture in pictures:
        yield from _read_picture(document, picture, drawing, description)


def _describe_drawing(drawing: Element, described: Element | None) -> str:
    if described is not None:
        return described.get("descr") or described.get("title") or ""
    for shape in drawing.iter(V + "shape"):
        if shape.get("alt"):
            return str(shape.get("alt"))
    embedded = next(drawing.iter(_O + "OLEObject"), None)
    return embedded.get("ProgID", "") if embedded is not None else ""


def _read_box(document: Document, box: Element, drawing: Element, context: Context) -> None:
    """Keep the text of a box for after the paragraph, or for the remark if the box is hidden."""
    outer, document.flow = document.flow, Flow(document.flow.relations)
    mark = document.collector.mark()
    background = find_box_colour(box, context.background)
    inside = document.read_blocks(box, replace(context, background=background))
    document.flow = outer
    if _is_hidden_shape(box, drawing):
        document.flow.hidden.append(document.collector.take_words(mark, inside))
    else:
        document.flow.boxes += inside


def _is_hidden_shape(element: Element, drawing: Element) -> bool:
    """Return whether a shape around an element of the drawing is hidden."""
    current = element
    while current is not None and current is not drawing:
        facts = (current.find(path) for path in ("{*}docPr", "{*}cNvPr", "{*}nvPicPr/{*}cNvPr"))
        if any(fact is not None and is_on(fact.get("hidden", "0")) for fact in facts):
            return True
        if _HIDDEN_SHAPE.search(current.get("style", "")):
            return True
        current = current.getparent()
    return False


def _read_word_art(document: Document, drawing: Element) -> Iterator[Span]:
    for word_art in drawing.iter(V + "textpath"):
        words = word_art.get("string", "")
        if _is_hidden_shape(word_art, drawing):
            document.flow.hidden.append(f" {words} ")
        elif words:
            yield Span(words)


def _read_picture(
    document: Document, picture: Element, drawing: Element, description: str
) -> Iterator[Span]:
    identifier = picture.get(R + "embed") or picture.get(R + "link") or picture.get(R + "id")
    if not identifier:
        return
    if _is_hidden_shape(picture, drawing):
        document.collector.add_remark(RemarkKind.PICTURES, description)
        return
    relation = document.flow.relations.get(identifier)
    is_inside = relation is not None and not relation.is_external
    content = document.parts.read(relation.target) if is_inside and relation else b""
    yield document.collector.add_picture(content, description)


def _describe_other_drawing(
    document: Document, drawing: Element, description: str, *, is_used: bool
) -> None:
    """Record the words of a drawing that are neither in a box nor in a picture."""
    words = " ".join(item.text or "" for item in _iterate_own(drawing, A + "t"))
    if words.strip() or (not is_used and description):
        document.collector.add_remark(RemarkKind.OBJECTS, f"{description} {words}")


def _read_diagram_text(document: Document, drawing: Element) -> Iterator[str]:
    """Yield the words of a chart or a diagram, which stand in a part of their own."""
    for element in drawing.iter():
        for name, identifier in element.attrib.items():
            relation = document.flow.relations.get(identifier)
            if (
                name in {R + "id", R + "dm"}
                and relation
                and not relation.is_external
                and relation.target.endswith(".xml")
            ):
                root = document.parts.parse(relation.target)
                if root is not None:
                    yield " ".join(
                        item.text
                        for item in root.iter()
                        if item.text and str(item.tag).rpartition("}")[2] in {"t", "v"}
                    )


def _iterate_own(drawing: Element, *tags: str) -> Iterator[Element]:
    """Yield elements of a drawing that are not part of the text in its boxes."""
    for element in drawing.iter(*tags):
        if not has_ancestor(element, W + "txbxContent", drawing):
            yield element
