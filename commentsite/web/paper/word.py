"""Write a page of the site as a Word document (DOCX), from the same document that is printed as PDF.

The words are those of the page. Headings, lists, quotations and tables become styles that a screen
reader announces, table headers repeat on each page, and every text has its language and direction.
"""

import io
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element

import docx
import tinyhtml5
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from commentsite.text.direction import (
    EAST_ASIAN_LANGUAGES,
    guess_east_asian_language,
    is_right_to_left,
)
from commentsite.web.paper.document import get_text, make_document

HEADINGS = {
    "h1": "Title",
    "h2": "Heading 1",
    "h3": "Heading 2",
    "h4": "Heading 3",
    "h5": "Heading 4",
}
CONTAINERS = frozenset({"article", "body", "div", "footer", "header", "main", "section"})
SPACE = re.compile(r"[ \t\n\r\f]+")
SIDES_CLASS = "sides"  # an element whose children stand side by side, in rows
#: Parts of a line that the stylesheets set on lines of their own.
OWN_LINE_CLASSES = frozenset(
    {"map-count", "map-note", "map-read", "map-state", "map-word", "of-position", "quiet", "when"}
)
KEEP_CLASS = "small"  # a line under a heading, on the page of what follows
MARK_CLASS = "mark"  # the label of a list item, which Word writes itself
BODY_FONT, HEADING_FONT = "Georgia", "Georgia"
COMPLEX_FONT = "Times New Roman"  # has Arabic, Hebrew and Devanagari on all common systems
TEXT_COLOUR = RGBColor(0x1B, 0x1C, 0x20)


@dataclass(frozen=True)
class _Style:
    """The properties of a run of text that it inherits from the elements around it."""

    language: str
    direction: str
    is_bold: bool = False
    is_italic: bool = False
    is_code: bool = False
    link: str = ""

    def enter(self, element: Element) -> "_Style":
        tag, style = element.tag, self
        if element.get("lang"):
            style = replace(style, language=element.get("lang", ""))
        if element.get("dir") in {"ltr", "rtl"}:
            style = replace(style, direction=element.get("dir", ""))
        if tag in {"b", "strong", "dt", "th"}:
            style = replace(style, is_bold=True)
        if tag in {"em", "i", "cite"}:
            style = replace(style, is_italic=True)
        if tag in {"code", "kbd", "pre"}:
            style = replace(style, is_code=True)
        if tag == "a":
            style = replace(style, link=element.get("href", ""))
        return style


def write_word_document(page: str, address: str, *, created_at: datetime) -> bytes:
    """Return the main part of a page at this address as DOCX. Its metadata name no person."""
    tree = make_document(tinyhtml5.parse(page, namespace_html_elements=False), address, [])
    body = tree.find("body")
    if body is None:
        msg = "This is not a page of the site."
        raise ValueError(msg)
    language, direction = tree.get("lang", "en"), tree.get("dir", "ltr")
    document = docx.Document()
    _prepare_styles(document, language)
    _set_properties(document, _find_title(tree), language, created_at)
    writer = _Writer(document)
    writer.write_children(body, document, _Style(language, direction))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


class _Writer:
    """Append elements of the page to the document, or to a cell of a table."""

    def __init__(self, document: Document) -> None:
        self._document = document
        # python-docx reads all styles for each paragraph whose style is named.
        self._style_ids = {style.name: style.style_id for style in document.styles}

    def write_children(self, element: Element, target: Any, style: _Style) -> None:
        """Write blocks one after the other. Text between them becomes a paragraph of its own."""
        loose: list[Element | str] = [element.text or ""]
        for child in element:
            if child.tag in _BLOCKS:
                self._write_loose(loose, target, style)
                self._write_block(child, target, style.enter(child))
                loose = [child.tail or ""]
            else:
                loose += [child, child.tail or ""]
        self._write_loose(loose, target, style)

    def _write_loose(self, parts: list[Element | str], target: Any, style: _Style) -> None:
        if any(not isinstance(part, str) or part.strip() for part in parts):
            holder = _Inline(self._add_paragraph(target, "Normal", style))
            for part in parts:
                if isinstance(part, str):
                    holder.add_text(part, style)
                else:
                    holder.add(part, style)

    def _write_block(self, element: Element, target: Any, style: _Style) -> None:
        tag = element.tag
        if tag == "table":
            self._write_table(element, target, style)
        elif tag == "dl":
            self._write_definitions(element, target, style)
        elif SIDES_CLASS in element.get("class", "").split():
            self._write_sides(element, target, style)
        elif tag in {"ul", "ol"}:
            for item in element:
                self._write_item(item, target, style.enter(item), is_numbered=tag == "ol")
        elif tag == "blockquote":
            for line in element:
                self._write_line(line, target, style.enter(line), "Quote")
        elif tag in CONTAINERS:
            self.write_children(element, target, style)
        elif tag != "hr":
            self._write_line(element, target, style, _name_style(element))

    def _write_line(self, element: Element, target: Any, style: _Style, name: str) -> None:
        if not get_text(element):
            return
        paragraph = self._add_paragraph(target, name, style)
        if KEEP_CLASS in element.get("class", "").split():
            paragraph.paragraph_format.keep_with_next = True
        _Inline(paragraph).add_content(element, style)

    def _write_item(self, item: Element, target: Any, style: _Style, *, is_numbered: bool) -> None:
        _drop_mark(item, is_numbered=is_numbered)
        name = "List Paragraph" if is_numbered else "List Bullet"
        blocks = [child for child in item if child.tag in _BLOCKS]
        if not blocks:
            self._write_line(item, target, style, name)
            return
        first = True
        for child in item:
            if child.tag == "p":
                self._write_line(
                    child, target, style.enter(child), name if first else "List Continue"
                )
            elif child.tag in _BLOCKS:
                self._write_block(child, target, style.enter(child))
            first = False

    def _write_table(self, element: Element, target: Any, style: _Style) -> None:
        caption = element.find("caption")
        if caption is not None:
            self._write_line(caption, target, style.enter(caption), "Caption")
        rows = list(element.iter("tr"))
        columns = max((len(row) for row in rows), default=0)
        if not columns:
            return
        table = self._add_table(target, len(rows), columns, style)
        heads = {row for head in element.iter("thead") for row in head}
        for row, written in zip(rows, table.rows, strict=True):
            if row in heads:
                _mark_header(written)
            for cell, written_cell in zip(row, written.cells, strict=False):
                self._fill_cell(written_cell, cell, style.enter(row).enter(cell))
        _end_table(target)

    def _write_definitions(self, element: Element, target: Any, style: _Style) -> None:
        """Write terms and their descriptions as a table of two columns."""
        pairs: list[list[Element]] = []
        for child in element.iter():
            if child.tag == "dt":
                pairs.append([child])
            elif child.tag == "dd" and pairs:
                pairs[-1].append(child)
        table = self._add_table(target, len(pairs), 2, style)
        for row, parts in zip(table.rows, pairs, strict=True):
            for cell, part in zip(row.cells, parts, strict=False):
                self._fill_cell(cell, part, style.enter(part))
        _end_table(target)

    def _write_sides(self, element: Element, target: Any, style: _Style) -> None:
        """Write positions side by side: a column each, and a row for each of their parts."""
        parts = list(element)
        columns = _count_columns(element)
        table = self._add_table(target, -(-len(parts) // columns), columns, style)
        cells = [cell for row in table.rows for cell in row.cells]
        _mark_header(table.rows[0])
        for cell, part in zip(cells, parts, strict=False):
            self._fill_cell(cell, part, style.enter(part))
        _end_table(target)

    def _add_paragraph(self, target: Any, name: str, style: _Style) -> Paragraph:
        paragraph: Paragraph = target.add_paragraph()
        properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001  # has no public name
        properties.style = self._style_ids[name]
        if style.direction == "rtl":
            properties.append(OxmlElement("w:bidi"))
        return paragraph

    def _add_table(self, target: Any, rows: int, columns: int, style: _Style) -> Table:
        if isinstance(target, _Cell):
            table = target.add_table(rows, columns)
            table.style = self._document.styles["Table Grid"]
        else:
            table = target.add_table(rows, columns, style="Table Grid")
        table.autofit = True
        if style.direction == "rtl":
            table._tblPr.insert(1, OxmlElement("w:bidiVisual"))  # noqa: SLF001  # after the style
        return table

    def _fill_cell(self, cell: _Cell, element: Element, style: _Style) -> None:
        self.write_children(element, cell, style)
        # A new cell has an empty paragraph, and it has to end with one.
        if len(cell.paragraphs) > 1 and not cell.paragraphs[0].text:
            first = cell.paragraphs[0]._p  # noqa: SLF001  # as above
            first.getparent().remove(first)


class _Inline:
    """Append words to a paragraph. White space is that of HTML: runs of it count as one space."""

    def __init__(self, paragraph: Paragraph) -> None:
        self._paragraph = paragraph
        self._has_space = True  # at the start of a line, spaces are dropped
        self._has_words = False

    def add_content(self, element: Element, style: _Style) -> None:
        self.add_text(element.text or "", style)
        for child in element:
            self.add(child, style)
            self.add_text(child.tail or "", style)

    def add(self, element: Element, style: _Style) -> None:
        if element.tag == "br":
            self._paragraph.add_run().add_break()
            self._has_space = True
            return
        inner = style.enter(element)
        if OWN_LINE_CLASSES.intersection(element.get("class", "").split()) and self._has_words:
            self._paragraph.add_run().add_break()
            self._has_space = True
        if element.tag == "q":
            self.add_text("“", inner)
        self.add_content(element, inner)
        if element.tag == "q":
            self.add_text("”", inner)

    def add_text(self, text: str, style: _Style) -> None:
        text = SPACE.sub(" ", text)
        if self._has_space:
            text = text.lstrip(" ")
        if not text:
            return
        self._has_space, self._has_words = text.endswith(" "), True
        run = self._paragraph.add_run(text)
        _format_run(run, style)
        if style.link:
            _wrap_in_link(self._paragraph, run, style.link)


_BLOCKS = (
    CONTAINERS
    | HEADINGS.keys()
    | {
        *("blockquote", "dd", "dl", "dt", "h6", "hr", "li", "ol", "p", "pre", "table", "ul"),
    }
)


def _name_style(element: Element) -> str:
    if element.tag in HEADINGS:
        return HEADINGS[element.tag]
    if "outcome" in element.get("class", "").split():
        return "Subtitle"
    return {"h6": "Heading 5", "dd": "List Continue"}.get(element.tag, "Normal")


def _drop_mark(item: Element, *, is_numbered: bool) -> None:
    """Remove the bullet that the page has as text. A number stays, because Word would count on."""
    for parent in item.iter():
        for child in list(parent):
            if child.get("class") == MARK_CLASS and not is_numbered:
                parent.text = (parent.text or "") + (child.tail or "")
                parent.remove(child)
                return
        if parent is not item and parent.tag in {"ul", "ol"}:
            return


def _count_columns(element: Element) -> int:
    for name in element.get("class", "").split():
        if re.fullmatch(r"n[1-9]", name):
            return int(name[1:])
    return 1


def _format_run(run: Any, style: _Style) -> None:
    if style.is_bold:
        run.bold = True
        _add_property(run, "w:bCs")
    if style.is_italic:
        run.italic = True
        _add_property(run, "w:iCs")
    if style.is_code:
        run.font.name = "Consolas"
    if style.direction == "rtl" and _has_rtl_letters(run.text):
        _add_property(run, "w:rtl")
    _set_language(run, style.language)


def _has_rtl_letters(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in {"R", "AL"} for character in text)


def _set_language(run: Any, language: str) -> None:
    properties = run._r.get_or_add_rPr()  # noqa: SLF001  # as above
    element = OxmlElement("w:lang")
    if is_right_to_left(language):
        element.set(qn("w:bidi"), language)
    elif language.partition("-")[0] in EAST_ASIAN_LANGUAGES or guess_east_asian_language(run.text):
        element.set(qn("w:eastAsia"), language)
    element.set(qn("w:val"), language)
    properties.append(element)


def _add_property(run: Any, name: str) -> None:
    run._r.get_or_add_rPr().append(OxmlElement(name))  # noqa: SLF001  # as above


def _wrap_in_link(paragraph: Paragraph, run: Any, address: str) -> None:
    link = OxmlElement("w:hyperlink")
    if address.startswith("#"):
        link.set(qn("w:anchor"), address[1:])
    else:
        relation = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link.set(qn("r:id"), relation)
    run.font.underline = True
    paragraph._p.append(link)  # noqa: SLF001  # as above
    link.append(run._r)  # noqa: SLF001  # as above


def _mark_header(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001  # as above


def _end_table(target: Any) -> None:
    """Add the empty line without which two tables would join, and which a cell has to end with."""
    paragraph = target.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(0)


def _find_title(tree: Element) -> str:
    title = tree.find("head/title")
    return get_text(title) if title is not None else ""


def _set_properties(document: Document, title: str, language: str, created_at: datetime) -> None:
    properties = document.core_properties
    properties.title, properties.language = title, language
    properties.author = properties.last_modified_by = properties.comments = ""
    moment = created_at.replace(tzinfo=None, microsecond=0)
    properties.created = properties.modified = moment
    properties.revision = 1


def _prepare_styles(document: Document, language: str) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    styles = document.styles
    for name in ("Normal", *HEADINGS.values(), "Heading 5", "Subtitle", "Quote", "Caption"):
        style = styles[name]
        if style.type != WD_STYLE_TYPE.PARAGRAPH:
            continue
        style.font.name = BODY_FONT if name == "Normal" else HEADING_FONT
        style.font.color.rgb = TEXT_COLOUR
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(attribute), None)
        fonts.set(qn("w:cs"), COMPLEX_FONT)
    styles["Normal"].font.size = Pt(11)
    outcome = styles["Subtitle"].font
    outcome.size, outcome.bold, outcome.italic = Pt(16), True, False
    defaults = styles.element.find(qn("w:docDefaults"))
    for element in defaults.iter(qn("w:lang")):
        element.set(qn("w:val"), language)
