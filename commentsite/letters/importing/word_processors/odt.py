"""Read an OpenDocument text: the text that a word processor shows, what is left out in remarks.

Tracked changes are accepted. Hidden text, comments, running heads and tables of contents are left
out and recorded.
"""

import base64
import binascii
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lxml.etree import iterwalk

from commentsite.letters.importing.colours import WHITE, read_hexadecimal
from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.markdown.languages import find_script
from commentsite.letters.importing.markdown.tree import Block, Collector, Paragraph, Span, Table
from commentsite.letters.importing.markdown.writer import (
    build_document,
    to_subscript,
    to_superscript,
)
from commentsite.letters.importing.word_processors.odt_lists import Counters, ListStyles
from commentsite.letters.importing.word_processors.odt_styles import (
    DRAW,
    FO,
    OFFICE,
    STYLE,
    SVG,
    TABLE,
    TEXT,
    XLINK,
    Styles,
)
from commentsite.letters.importing.word_processors.package import Element, Package
from commentsite.letters.importing.word_processors.symbols import (
    CHECKED_BOX,
    EMPTY_BOX,
    is_symbol_font,
    map_symbol,
)
from commentsite.letters.remarks import RemarkKind, TrackedChange

_META = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}"
_FORM = "{urn:oasis:names:tc:opendocument:xmlns:form:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_MATH = "{http://www.w3.org/1998/Math/MathML}"
_FIELD = "{urn:openoffice:names:experimental:ooo-ms-interop:xmlns:field:1.0}"
_EXTENSION = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}"
_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
_WHITE_SPACE = re.compile(r"[ \t\r\n]+")
_HEADERS = frozenset(
    STYLE + name
    for name in ("header", "footer", "header-left", "footer-left", "header-first", "footer-first")
)
_SKIPPED = frozenset(
    {
        TEXT + "sequence-decls",
        TEXT + "variable-decls",
        TEXT + "user-field-decls",
        TEXT + "dde-connection-decls",
        TEXT + "tracked-changes",
        TEXT + "note-citation",
        TEXT + "number",
        OFFICE + "forms",
        OFFICE + "annotation-end",
        OFFICE + "event-listeners",
    }
)
_SPACES = frozenset({TEXT + "s", TEXT + "tab", TEXT + "line-break"})
_PARAGRAPHS = frozenset({TEXT + "p", TEXT + "h"})
_ASIDES = frozenset({TEXT + "tracked-changes", OFFICE + "annotation", TEXT + "note-citation"})
MAX_REPEATED = 200  # cells or rows that an attribute repeats
MAX_SPACES = 1_000


@dataclass(frozen=True)
class _Context:
    paragraph_style: str = ""
    text_styles: tuple[str, ...] = ()
    link: str = ""
    background: str = WHITE  # empty if it is not known


@dataclass(frozen=True)
class _Place:
    """The place of a paragraph in lists."""

    list_style: str = ""
    depth: int = -1  # -1 outside lists
    counters: Counters | None = None
    start: int | None = None
    is_first: bool = False  # the paragraph has the label of the item
    background: str = WHITE  # empty if it is not known


def is_odt(content: bytes) -> bool:
    """Return whether a ZIP package is an OpenDocument file. Raises UnreadableFile on a damaged one."""
    package = Package(content)
    return "content.xml" in package and "[Content_Types].xml" not in package


def read_odt(content: bytes) -> ParsedDocument:
    """Return the document. Raises UnreadableFile on a damaged file and on another kind of document."""
    return _OdtReader(Package(content)).read()


class _OdtReader:
    def __init__(self, package: Package) -> None:
        self._package = package
        if b"encryption-data" in package.read("META-INF/manifest.xml"):
            raise UnreadableFile(FileProblem.ENCRYPTED)
        root = package.parse("content.xml")
        body = root.find(f"{OFFICE}body/{OFFICE}text") if root is not None else None
        if body is None:
            raise UnreadableFile(FileProblem.WRONG_TYPE)
        self._body = body
        self._style_root = package.parse("styles.xml")
        roots = [item for item in (self._style_root, root) if item is not None]
        self._styles = Styles(roots)
        self._list_styles = ListStyles(roots)
        self._collector = Collector()
        self._lists: dict[str, Counters] = {}  # by id
        self._last_lists: dict[str, Counters] = {}  # by style
        self._outline = Counters()
        self._hidden: list[str] = []
        self._boxes: list[Block] = []
        self._hides_paragraph = False
        self._controls = {
            control.get(_XML_ID) or control.get(_FORM + "id"): control
            for control in body.iter(_FORM + "checkbox", _FORM + "radio")
        }

    def read(self) -> ParsedDocument:
        self._describe_changes()
        blocks = self._read_blocks(self._body, _Place(background=self._find_page_colour()))
        self._describe_page_furniture()
        title, language = self._read_properties()
        return build_document(
            blocks,
            self._collector,
            title=title,
            language=self._collector.choose_language(language),
        )

    # Blocks

    def _read_blocks(self, container: Element, place: _Place) -> list[Block]:
        blocks: list[Block] = []
        for child in container:
            tag = child.tag
            if tag in {TEXT + "p", TEXT + "h"}:
                blocks += self._read_paragraph(child, place)
                place = replace(place, is_first=False)
            elif tag == TEXT + "list":
                blocks += self._read_list(child, place)
            elif tag == TABLE + "table":
                blocks.append(self._read_table(child, place))
            elif tag == TEXT + "section" and _is_hidden_section(child):
                mark = self._collector.mark()
                words = self._collector.take_words(mark, self._read_aside(child))
                self._collector.add_remark(RemarkKind.HIDDEN_TEXT, words)
            elif tag == TEXT + "table-of-content":
                words = " ".join(_iterate_text(child))
                self._collector.add_remark(RemarkKind.PAGE_FURNITURE, words)
            elif str(tag).startswith(DRAW):
                list(self._read_drawing(child, _Context()))
                blocks += self._take_boxes()
            elif tag not in _SKIPPED and not str(tag).endswith("-source"):
                blocks += self._read_blocks(child, place)
        return blocks

    def _read_aside(self, container: Element, background: str = WHITE) -> list[Block]:
        """Return the blocks of an element that is not part of the text."""
        saved = self._hidden, self._hides_paragraph
        self._hidden = []
        blocks = self._read_blocks(container, _Place(background=background))
        self._hidden, self._hides_paragraph = saved
        return blocks

    def _read_list(self, element: Element, outer: _Place) -> list[Block]:
        style = element.get(TEXT + "style-name") or outer.list_style
        counters = outer.counters if outer.depth >= 0 and outer.counters else None
        if counters is None:
            counters = self._find_counters(element, style)
        place = _Place(style, outer.depth + 1, counters, background=outer.background)
        blocks: list[Block] = []
        for item in element:
            if item.tag == TEXT + "list-item":
                start = item.get(TEXT + "start-value", "")
                blocks += self._read_blocks(
                    item,
                    replace(place, is_first=True, start=int(start) if start.isdecimal() else None),
                )
            elif item.tag == TEXT + "list-header":
                blocks += self._read_blocks(item, place)
        return blocks

    def _find_counters(self, element: Element, style: str) -> Counters:
        """Return the counters that a list continues, or new ones."""
        counters = None
        if continued := element.get(TEXT + "continue-list"):
            counters = self._lists.get(continued)
        elif element.get(TEXT + "continue-numbering") == "true":
            counters = self._last_lists.get(style)
        counters = counters or Counters()
        self._last_lists[style] = counters
        if identifier := element.get(_XML_ID):
            self._lists[identifier] = counters
        return counters

    def _read_paragraph(self, element: Element, place: _Place) -> list[Block]:
        style = element.get(TEXT + "style-name", "")
        background = self._styles.find_background(style, "paragraph", place.background)
        context = _Context(style, background=background)
        self._hides_paragraph = False
        mark = self._collector.mark()
        spans = list(self._read_inlines(element, context))
        if self._hides_paragraph:
            words = self._collector.take_words(mark, spans, self._take_boxes())
            self._hidden.append(words)
            spans = []
        self._flush_hidden()
        text = "".join(span.text for span in spans)
        self._collector.count_block(text)
        if not text.strip():
            self._count_empty(element, place)
            return self._take_boxes()
        names = self._styles.get_names(style)
        is_heading = element.tag == TEXT + "h" and not any(
            name.startswith("contents") for name in names
        )
        level = int(element.get(TEXT + "outline-level", "1") or 1) if is_heading else 0
        paragraph = Paragraph(
            spans,
            heading=level or self._styles.get_outline_level(style),
            is_quote=not {"quotations", "quote", "intense quote"}.isdisjoint(names),
            is_title="title" in names,
        )
        self._add_label(paragraph, element, place)
        return [paragraph, *self._take_boxes()]

    def _count_empty(self, element: Element, place: _Place) -> None:
        """Count an empty item, which has a number too."""
        if place.is_first and place.depth >= 0:
            self._add_label(Paragraph(), element, place)

    def _add_label(self, paragraph: Paragraph, element: Element, place: _Place) -> None:
        style = element.get(TEXT + "style-name", "")
        stored = element.findtext(TEXT + "number")
        if place.depth >= 0:
            if not place.is_first or place.counters is None:
                return
            name = place.list_style or self._styles.get_list_style(style)
            label, is_bullet = self._list_styles.write_label(
                name, place.depth, place.counters, place.start
            )
            paragraph.depth = place.depth
            paragraph.bullet = is_bullet
            paragraph.label = stored or label
        elif paragraph.heading and element.tag == TEXT + "h":
            if element.get(TEXT + "is-list-header") != "true":
                label, _ = self._list_styles.write_label(
                    "", paragraph.heading - 1, self._outline, None
                )
                paragraph.label = stored or label
        elif stored:
            paragraph.label = stored

    def _read_table(self, table: Element, place: _Place) -> Table:
        rows = []
        background = self._find_background(table, "table", place.background)
        for row in _iterate_rows(table):
            mark = self._collector.mark()
            row_background = self._find_background(row, "table-row", background)
            cells: list[list[Block]] = []
            for cell in row:
                if cell.tag not in {TABLE + "table-cell", TABLE + "covered-table-cell"}:
                    continue
                self._collector.count_block()
                behind = self._find_background(cell, "table-cell", row_background)
                cells.append(self._read_blocks(cell, _Place(background=behind)))
                repeated = _to_int(cell.get(TABLE + "number-columns-repeated"), 1)
                cells += [[] for _ in range(repeated - 1)]
            if row.get(TABLE + "visibility", "visible") != "visible":
                words = self._collector.take_words(mark, *cells)
                self._collector.add_remark(RemarkKind.HIDDEN_TEXT, words)
            else:
                rows.append(cells)
        return Table(rows)

    def _find_background(self, element: Element, family: str, background: str) -> str:
        style = element.get(TABLE + "style-name", "")
        return self._styles.find_background(style, family, background)

    def _take_boxes(self) -> list[Block]:
        boxes, self._boxes = self._boxes, []
        return boxes

    # Text

    def _read_inlines(self, element: Element, context: _Context) -> Iterator[Span]:
        if element.text:
            yield from self._style_text(_WHITE_SPACE.sub(" ", element.text), context)
        for child in element:
            yield from self._read_inline(child, context)
            if child.tail:
                yield from self._style_text(_WHITE_SPACE.sub(" ", child.tail), context)

    def _read_inline(self, child: Element, context: _Context) -> Iterator[Span]:
        tag = str(child.tag)
        readers = {
            TEXT + "s": self._read_space,
            TEXT + "tab": self._read_space,
            TEXT + "line-break": self._read_space,
            TEXT + "note": self._read_note,
            TEXT + "ruby": self._read_ruby,
            TEXT + "hidden-text": self._read_condition,
            TEXT + "hidden-paragraph": self._read_condition,
            TEXT + "conditional-text": self._read_condition,
            TEXT + "drop-down": self._read_drop_down,
            DRAW + "control": self._read_control,
            OFFICE + "annotation": self._read_comment,
            _EXTENSION + "content-control": self._read_content_control,
        }
        if tag in readers:
            yield from readers[tag](child, context)
        elif tag.startswith(DRAW):
            yield from self._read_drawing(child, context)
        elif tag.startswith(_FIELD):
            yield from self._read_field_mark(child, context)
        elif tag not in _SKIPPED:
            if tag == TEXT + "span":
                styles = (*context.text_styles, child.get(TEXT + "style-name", ""))
                context = replace(context, text_styles=styles)
            elif tag == TEXT + "a":
                context = replace(context, link=child.get(XLINK + "href", ""))
            yield from self._read_inlines(child, context)

    def _read_space(self, element: Element, context: _Context) -> Iterator[Span]:
        yield from self._style_text(_write_space(element), context)

    def _read_note(self, note: Element, context: _Context) -> Iterator[Span]:
        body = note.find(TEXT + "note-body")
        mark = self._collector.mark()
        if body is not None and (blocks := self._read_aside(body)):
            yield from self._keep_or_hide([self._collector.add_note(blocks)], context, mark)

    def _read_comment(self, comment: Element, _context: _Context) -> Iterator[Span]:
        words = " ".join(" ".join(_iterate_text(part)) for part in comment)
        self._collector.add_remark(RemarkKind.REVIEW_COMMENTS, words)
        yield from ()

    def _read_drop_down(self, element: Element, context: _Context) -> Iterator[Span]:
        yield from self._style_text("".join(_iterate_tails(element, {TEXT + "label"})), context)

    def _read_content_control(self, element: Element, context: _Context) -> Iterator[Span]:
        if element.get(_EXTENSION + "checkbox") == "true":
            is_checked = element.get(_EXTENSION + "checked") == "true"
            yield from self._style_text(CHECKED_BOX if is_checked else EMPTY_BOX, context)
        else:
            yield from self._read_inlines(element, context)

    def _style_text(self, text: str, context: _Context) -> Iterator[Span]:
        """Yield the text in its style, or keep it for the remark if the style hides it."""
        if not text:
            return
        styles = self._styles
        chain = (context.paragraph_style, context.text_styles)
        if text.strip():
            script = find_script(text)
            self._collector.count_language(styles.get_language(*chain, script), script, text)
        font = styles.get_font(*chain)
        if is_symbol_font(font):
            text = "".join(self._map_symbol(font, letter) for letter in text)
        position = styles.get_own_property(context.text_styles, STYLE + "text-position")
        if position.startswith("super"):
            text = to_superscript(text)
        elif position.startswith("sub"):
            text = to_subscript(text)
        span = Span(
            text,
            bold=styles.get_own_property(context.text_styles, "bold") == "bold",
            italic=styles.get_own_property(context.text_styles, "italic") in {"italic", "oblique"},
            strike=styles.is_struck(context.text_styles),
            link=context.link,
        )
        yield from self._keep_or_hide([span], context)

    def _map_symbol(self, font: str, letter: str) -> str:
        """Return a character in Unicode. A symbol font gives other meanings to some codes."""
        if ord(letter) > 0xFF and not 0xF000 <= ord(letter) <= 0xF0FF:
            return letter
        text = map_symbol(font, ord(letter))
        if not text:
            self._collector.add_remark(RemarkKind.OTHER, f"{font} {ord(letter):X}")
        return text

    def _keep_or_hide(
        self, spans: list[Span], context: _Context, mark: tuple[int, int] | None = None
    ) -> Iterator[Span]:
        """Yield the spans, or keep their words for the remark, with notes and pictures since the mark."""
        if self._styles.is_hidden(context.paragraph_style, context.text_styles, context.background):
            mark = self._collector.mark() if mark is None else mark
            self._hidden.append(self._collector.take_words(mark, spans))
            return
        if any(span.text.strip() for span in spans):
            self._flush_hidden()
        elif self._hidden:
            self._hidden.append(" ")
        yield from spans

    def _flush_hidden(self) -> None:
        words = "".join(self._hidden)
        self._hidden.clear()
        if words.strip():
            self._collector.add_remark(RemarkKind.HIDDEN_TEXT, words)

    def _read_ruby(self, ruby: Element, context: _Context) -> Iterator[Span]:
        """Yield the base text, and its reading in parentheses."""
        base, reading = ruby.find(TEXT + "ruby-base"), ruby.find(TEXT + "ruby-text")
        if base is not None:
            yield from self._read_inlines(base, context)
        if reading is not None and "".join(reading.itertext()).strip():
            yield Span("(")
            yield from self._read_inlines(reading, context)
            yield Span(")")

    def _read_condition(self, element: Element, context: _Context) -> Iterator[Span]:
        """Yield text that depends on a condition. Without a stored result it counts as hidden."""
        text = "".join(element.itertext())
        if element.tag == TEXT + "conditional-text":
            yield from self._style_text(text, context)
        elif element.tag == TEXT + "hidden-paragraph":
            self._hides_paragraph |= element.get(TEXT + "is-hidden", "true") == "true"
        elif element.get(TEXT + "is-hidden", "true") == "true":
            self._hidden.append(element.get(TEXT + "string-value") or text)
        else:
            yield from self._style_text(text or element.get(TEXT + "string-value", ""), context)

    def _read_control(self, element: Element, context: _Context) -> Iterator[Span]:
        """Yield a check box of a form with its label."""
        control = self._controls.get(element.get(DRAW + "control", ""))
        if control is None:
            self._collector.add_remark(RemarkKind.OBJECTS)
            return
        name = "current-state" if control.tag == _FORM + "checkbox" else "current-selected"
        is_checked = control.get(_FORM + name, "") in {"checked", "true"}
        label = control.get(_FORM + "label", "")
        text = f"{CHECKED_BOX if is_checked else EMPTY_BOX} {label}".rstrip()
        yield from self._style_text(text, context)

    def _read_field_mark(self, element: Element, context: _Context) -> Iterator[Span]:
        if element.get(_FIELD + "type", "").endswith("FORMCHECKBOX"):
            parameters = {
                item.get(_FIELD + "name"): item.get(_FIELD + "value")
                for item in element.iter(_FIELD + "param")
            }
            is_checked = parameters.get("Checkbox_Checked") == "true"
            yield from self._style_text(CHECKED_BOX if is_checked else EMPTY_BOX, context)
        elif element.get(_FIELD + "type", "").endswith("FORMDROPDOWN"):
            entries = [
                item.get(_FIELD + "value", "")
                for item in element.iter(_FIELD + "param")
                if item.get(_FIELD + "name") == "Dropdown_ListEntry"
            ]
            chosen = [
                item.get(_FIELD + "value", "")
                for item in element.iter(_FIELD + "param")
                if item.get(_FIELD + "name") == "Dropdown_Selected"
            ]
            if chosen and chosen[0].isdecimal() and int(chosen[0]) < len(entries):
                yield from self._style_text(entries[int(chosen[0])], context)

    # Drawings

    def _read_drawing(self, shape: Element, context: _Context) -> Iterator[Span]:
        """Yield the markers of pictures, unless the drawing or the text around it is hidden."""
        mark, outer = self._collector.mark(), self._take_boxes()
        spans = list(self._read_shape(shape, context))
        boxes, self._boxes = self._boxes, outer
        if shape.get(DRAW + "display") == "none" or self._styles.is_not_displayed(
            context.paragraph_style, context.text_styles
        ):
            self._hidden.append(self._collector.take_words(mark, spans, boxes))
            return
        self._boxes += boxes
        yield from self._keep_or_hide(spans, context, mark)

    def _read_shape(self, shape: Element, context: _Context) -> Iterator[Span]:
        """Yield the marker of a picture. The text of boxes and shapes follows the paragraph."""
        description = " ".join(
            text for name in ("desc", "title") if (text := shape.findtext(SVG + name))
        )
        for child in shape:
            if child.tag == DRAW + "image":
                if shape.find(DRAW + "object") is None and shape.find(DRAW + "object-ole") is None:
                    yield self._collector.add_picture(self._read_picture(child), description)
                    break
            elif child.tag in {DRAW + "object", DRAW + "object-ole"}:
                yield from self._read_object(child, description)
            elif child.tag == DRAW + "text-box":
                self._add_box(child, shape, context)
            elif str(child.tag).startswith(DRAW):
                yield from self._read_shape(child, context)
        if any(child.tag in {TEXT + "p", TEXT + "list"} for child in shape):
            self._add_box(shape, shape, context)

    def _add_box(self, element: Element, shape: Element, context: _Context) -> None:
        style = shape.get(DRAW + "style-name", "")
        background = self._styles.find_box_background(style, context.background)
        outer, self._boxes = self._boxes, []
        blocks = self._read_aside(element, background)
        self._boxes = [*outer, *blocks, *self._boxes]

    def _read_picture(self, image: Element) -> bytes:
        data = image.findtext(OFFICE + "binary-data")
        if data:
            try:
                return base64.b64decode(data)
            except binascii.Error:
                return b""
        return self._package.read(posixpath.normpath(image.get(XLINK + "href", "")))

    def _read_object(self, element: Element, description: str) -> Iterator[Span]:
        """Yield the characters of a formula. Other objects are only recorded."""
        folder = posixpath.normpath(element.get(XLINK + "href", ""))
        root = next(element.iter(_MATH + "math"), None)
        if root is None and folder:
            root = self._package.parse(posixpath.join(folder, "content.xml"))
        words = description
        if root is not None and root.tag == _MATH + "math":
            for annotation in list(root.iter(_MATH + "annotation")):
                annotation.getparent().remove(annotation)
            words = "".join("".join(root.itertext()).split())
            yield Span(words)
        elif root is not None:
            words = " ".join([description, *_iterate_text(root)])
        self._collector.add_remark(RemarkKind.OBJECTS, words)

    # Around the text

    def _describe_changes(self) -> None:
        inserted = _collect_inserted_text(self._body)
        for region in self._body.iter(TEXT + "changed-region"):
            identifier = region.get(TEXT + "id") or region.get(_XML_ID) or ""
            for change in region:
                if change.tag == TEXT + "deletion":
                    words = " ".join(_iterate_text(change))
                    self._collector.add_change(TrackedChange.DELETED, words)
                elif change.tag == TEXT + "insertion":
                    words = "".join(inserted.get(identifier, ()))
                    self._collector.add_change(TrackedChange.INSERTED, words)
                else:
                    self._collector.add_remark(RemarkKind.TRACKED_CHANGES)

    def _describe_page_furniture(self) -> None:
        masters = (
            self._style_root.find(OFFICE + "master-styles")
            if self._style_root is not None
            else None
        )
        for part in masters.iter(*_HEADERS) if masters is not None else ():
            words = " ".join(_iterate_text(part))
            if any(letter.isalpha() for letter in words):  # more than a page number
                self._collector.add_remark(RemarkKind.PAGE_FURNITURE, words)
            pictures = list(part.iter(DRAW + "image"))
            if pictures:
                self._collector.add_remark(RemarkKind.PICTURES, count=len(pictures))

    def _find_page_colour(self) -> str:
        """Return the background of the first kind of page."""
        root = self._style_root
        master = (
            root.find(f"{OFFICE}master-styles/{STYLE}master-page") if root is not None else None
        )
        if root is None or master is None:
            return WHITE
        for layout in root.iter(STYLE + "page-layout"):
            if layout.get(STYLE + "name") == master.get(STYLE + "page-layout-name"):
                properties = layout.find(STYLE + "page-layout-properties")
                if properties is not None:
                    return read_hexadecimal(properties.get(FO + "background-color")) or WHITE
        return WHITE

    def _read_properties(self) -> tuple[str, str]:
        root = self._package.parse("meta.xml")
        if root is None:
            return "", ""
        title = next((item.text or "" for item in root.iter(_DC + "title")), "")
        language = next((item.text or "" for item in root.iter(_DC + "language")), "")
        return " ".join(title.split())[:300], language.strip()


def _collect_inserted_text(body: Element) -> dict[str, list[str]]:
    """Return the text between the start and the end of each tracked change, by its identifier."""
    texts: dict[str, list[str]] = {}
    opened: set[str] = set()
    steps = iterwalk(body, events=("start", "end"))
    for event, element in steps:
        if event == "start":
            identifier = element.get(TEXT + "change-id", "")
            if element.tag == TEXT + "change-start":
                opened.add(identifier)
            elif element.tag == TEXT + "change-end":
                opened.discard(identifier)
            if element.tag in _ASIDES:
                steps.skip_subtree()
                continue
            text = _write_space(element) if element.tag in _SPACES else element.text
        else:
            text = element.tail if element.tag not in _PARAGRAPHS else " "
        for identifier in opened if text else ():
            texts.setdefault(identifier, []).append(text or "")
    return texts


def _is_hidden_section(section: Element) -> bool:
    display = section.get(TEXT + "display", "true")
    if display == "condition":
        return bool(section.get(TEXT + "is-hidden", "true") == "true")
    return bool(display == "none" or section.get(TEXT + "is-hidden") == "true")


def _iterate_rows(table: Element) -> Iterator[Element]:
    for child in table:
        if child.tag == TABLE + "table-row":
            yield child
        elif str(child.tag).startswith(TABLE) and child.tag != TABLE + "table-column":
            yield from _iterate_rows(child)


def _iterate_text(element: Element) -> Iterator[str]:
    """Yield the text of the paragraphs inside an element, without comments on it."""
    for part in element.iter(TEXT + "p", TEXT + "h"):
        yield "".join(
            _write_space(item) if item.tag in _SPACES else text
            for item, text in _iterate_pieces(part)
        )


def _iterate_pieces(element: Element) -> Iterator[tuple[Element, str]]:
    yield element, element.text or ""
    for child in element:
        if child.tag not in {OFFICE + "annotation", TEXT + "note-citation"}:
            yield from _iterate_pieces(child)
        yield element, child.tail or ""


def _iterate_tails(element: Element, skipped: set[str]) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag not in skipped:
            yield "".join(child.itertext())
        yield child.tail or ""


def _write_space(element: Element) -> str:
    if element.tag == TEXT + "s":
        return " " * min(_to_int(element.get(TEXT + "c"), 1), MAX_SPACES)
    return "\t" if element.tag == TEXT + "tab" else "\n"


def _to_int(value: str | None, default: int) -> int:
    return (
        min(int(value), MAX_REPEATED) if value and value.isdecimal() and len(value) < 9 else default
    )
