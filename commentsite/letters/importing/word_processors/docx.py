"""Read a Word document: the text that Word shows on its pages, with what is left out in remarks.

Tracked changes are accepted. Hidden text, review comments, running heads and tables of contents
are left out and recorded.
"""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from commentsite.letters.importing.colours import (
    BLACK,
    TRANSPARENT,
    WHITE,
    is_unreadable,
    read_hexadecimal,
)
from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.markdown.languages import find_script
from commentsite.letters.importing.markdown.tree import (
    Block,
    Collector,
    Paragraph,
    Span,
    Table,
    plain_text,
)
from commentsite.letters.importing.markdown.writer import (
    build_document,
    to_subscript,
    to_superscript,
)
from commentsite.letters.importing.word_processors.docx_numbering import Label, Numbering
from commentsite.letters.importing.word_processors.docx_styles import Styles, W, get_value, is_on
from commentsite.letters.importing.word_processors.math import M, write_formula
from commentsite.letters.importing.word_processors.package import Element, Package, parse_xml
from commentsite.letters.importing.word_processors.symbols import (
    BOXES_AND_TICKS,
    CHECKED_BOX,
    EMPTY_BOX,
    is_symbol_font,
    map_symbol,
)
from commentsite.letters.remarks import RemarkKind, TrackedChange

R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_V = "{urn:schemas-microsoft-com:vml}"
_O = "{urn:schemas-microsoft-com:office:office}"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_DC = "{http://purl.org/dc/elements/1.1/}"
# The strict form of the format has namespaces of its own for the same elements.
_STRICT_NAMESPACES = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    (
        b"http://purl.oclc.org/ooxml/drawingml/main",
        b"http://schemas.openxmlformats.org/drawingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing",
        b"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/math",
        b"http://schemas.openxmlformats.org/officeDocument/2006/math",
    ),
)
_QUOTE_STYLES = frozenset({"quote", "intense quote", "block text", "quotations"})
_PLAIN_TABLE_STYLES = frozenset({"", "tablegrid", "tablenormal", "normaltable"})
_HEADING_STYLE = re.compile(r"heading (\d)$")
_EMPTY_TITLES = re.compile(
    r"(microsoft word - .*|untitled.*|document ?\d*|word document|powerpoint presentation)$",
    re.IGNORECASE,
)
_FIELD_ARGUMENT = re.compile(r'"([^"]*)"|(\S+)')
MAX_SPAN = 200  # columns of a merged cell
_HIGHLIGHTS = {
    "black": "#000000", "blue": "#0000ff", "cyan": "#00ffff", "green": "#00ff00", "red": "#ff0000",
    "magenta": "#ff00ff", "yellow": "#ffff00", "white": "#ffffff", "darkblue": "#000080",
    "darkcyan": "#008080", "darkgreen": "#008000", "darkmagenta": "#800080", "darkred": "#800000",
    "darkyellow": "#808000", "darkgray": "#808080", "lightgray": "#c0c0c0",
}  # fmt: skip
_HIDDEN_SHAPE = re.compile(r"visibility\s*:\s*hidden", re.IGNORECASE)


@dataclass
class _Field:
    """A field between its begin and end characters. Its code is not shown, its result is."""

    code: str = ""
    shows_result: bool = False
    form_data: Element | None = None
    skipped: list[str] = field(default_factory=list)  # text in the place of the code
    result_length: int = 0


@dataclass
class _Context:
    """The surroundings of a run."""

    paragraph_style: str | None = None
    table_style: str | None = None
    link: str = ""
    background: str = WHITE  # empty if it is not known
    is_in_cell: bool = False  # a cell can consist of a number alone


@dataclass
class _Relation:
    target: str  # the name of a part, or an address
    kind: str  # last part of the type
    is_external: bool


def read_docx(content: bytes) -> ParsedDocument:
    """Return the document. Raises UnreadableFile on a damaged one, and on one with macros."""
    return _DocxReader(Package(content)).read()


class _DocxReader:
    def __init__(self, package: Package) -> None:
        self._package = package
        self._main_part = _find_main_part(package)
        root = self._parse(self._main_part)
        body = root.find(W + "body") if root is not None else None
        if root is None or body is None:
            raise UnreadableFile(FileProblem.WRONG_TYPE)
        self._root, self._body = root, body
        self._relations = self._read_relations(self._main_part)
        self._styles = Styles(self._parse_related("styles"))
        self._numbering = Numbering(self._parse_related("numbering"), self._styles)
        self._notes = {kind: self._read_note_part(kind) for kind in ("footnote", "endnote")}
        self._used_notes: set[tuple[str, str]] = set()
        self._collector = Collector()
        self._fields: list[_Field] = []
        self._hidden: list[str] = []
        self._boxes: list[Block] = []  # text boxes anchored in the current paragraph
        moved = ("".join(_iterate_text(item)) for item in root.iter(W + "moveTo"))
        self._moved_text = "".join("".join(moved).split())

    def read(self) -> ParsedDocument:
        background = get_value(self._root, "background", "color")
        blocks = self._read_blocks(
            self._body, _Context(background=read_hexadecimal(background) or WHITE)
        )
        for open_field in self._fields:
            if not open_field.shows_result and open_field.skipped:
                self._collector.add_remark(RemarkKind.OTHER, " ".join(open_field.skipped))
        self._describe_unused_notes()
        self._describe_comments()
        self._describe_page_furniture()
        title, language = self._read_properties()
        return build_document(
            blocks,
            self._collector,
            title=title,
            language=self._collector.choose_language(language),
        )

    # Parts

    def _parse(self, name: str) -> Element | None:
        content = self._package.read(name, 12_000_000)
        if not content:
            return None
        if b"purl.oclc.org/ooxml" in content:
            for strict, usual in _STRICT_NAMESPACES:
                content = content.replace(strict, usual)
        return _choose_alternatives(parse_xml(content))

    def _parse_related(self, kind: str) -> Element | None:
        for relation in self._relations.values():
            if relation.kind == kind and not relation.is_external:
                return self._parse(relation.target)
        return None

    def _read_relations(self, part: str) -> dict[str, _Relation]:
        folder, name = posixpath.split(part)
        root = self._package.parse(posixpath.join(folder, "_rels", name + ".rels"))
        relations = {}
        for item in root.iter(_RELATIONSHIP) if root is not None else ():
            is_external = item.get("TargetMode") == "External"
            target = item.get("Target", "")
            relations[item.get("Id", "")] = _Relation(
                target if is_external else _resolve(folder, target),
                item.get("Type", "").rpartition("/")[2],
                is_external,
            )
        return relations

    def _read_note_part(self, kind: str) -> tuple[dict[str, Element], dict[str, _Relation]]:
        root = self._parse_related(kind + "s")
        if root is None:
            return {}, {}
        notes = {
            note.get(W + "id", ""): note
            for note in root.iterfind(W + kind)
            if note.get(W + "type", "normal") == "normal"
        }
        part = next(r.target for r in self._relations.values() if r.kind == kind + "s")
        return notes, self._read_relations(part)

    # Blocks

    def _read_blocks(self, container: Element, context: _Context) -> list[Block]:
        """Return the paragraphs and tables of a container: the body, a cell, a note, a text box."""
        blocks: list[Block] = []
        pending: tuple[Element, list[Span]] | None = None  # its paragraph mark was deleted
        for element in self._iterate_blocks(container):
            if element.tag == W + "p":
                spans = (pending[1] if pending else []) + self._read_spans(element, context)
                pending = None
                if self._joins_next(element):
                    pending = (element, spans)
                else:
                    blocks += self._finish_paragraph(element, spans, context)
                continue
            if pending:
                blocks += self._finish_paragraph(*pending, context)
                pending = None
            if element.tag == W + "tbl":
                blocks.append(self._read_table(element, context))
            else:
                self._describe_chunk(element)
        if pending:
            blocks += self._finish_paragraph(*pending, context)
        return blocks

    def _iterate_blocks(self, container: Element) -> Iterator[Element]:
        """Yield the paragraphs, tables and included files of a container and its wrappers."""
        for child in container:
            if child.tag in {W + "p", W + "tbl", W + "altChunk"}:
                yield child
            elif child.tag == W + "sdt":
                content = child.find(W + "sdtContent")
                gallery = child.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
                if gallery is not None and gallery.get(W + "val", "") == "Table of Contents":
                    words = " ".join(_iterate_text(child))
                    self._collector.add_remark(RemarkKind.PAGE_FURNITURE, words)
                elif content is not None:
                    yield from self._iterate_blocks(content)
            elif child.tag in {W + "del", W + "moveFrom"}:
                self._describe_deletion(child)
            elif not _is_properties(child):
                if child.tag in {W + "ins", W + "moveTo"}:
                    self._describe_insertion(child)
                yield from self._iterate_blocks(child)

    def _joins_next(self, paragraph: Element) -> bool:
        """Return whether the mark that ends the paragraph was deleted or is hidden."""
        mark = paragraph.find(f"{W}pPr/{W}rPr")
        if mark is None:
            return False
        if mark.find(W + "del") is not None or mark.find(W + "moveFrom") is not None:
            self._collector.add_change(TrackedChange.DELETED)
            return True
        if mark.find(W + "ins") is not None or mark.find(W + "moveTo") is not None:
            self._collector.add_change(TrackedChange.INSERTED)
        return False

    def _finish_paragraph(
        self, element: Element, spans: list[Span], context: _Context
    ) -> list[Block]:
        """Return the paragraph, if it has text, and the text boxes anchored in it."""
        self._flush_hidden()
        properties = element.find(W + "pPr")
        mark = properties.find(W + "rPr") if properties is not None else None
        style_id = get_value(properties, "pStyle")
        names = self._styles.get_names(style_id)
        boxes, self._boxes = self._boxes, []
        text = "".join(span.text for span in spans)
        self._collector.count_block(text)
        has_text = bool(text.strip())
        if not has_text and self._styles.is_run_property_on(mark, "vanish", style_id):
            return boxes  # Word does not number a paragraph that it does not show
        label = self._numbering.number_paragraph(properties) or Label("", 0, is_bullet=False)
        if not has_text:
            if not context.is_in_cell or not label.text:
                return boxes
            return [Paragraph([Span(label.text)]), *boxes]
        if any(name.startswith("toc ") for name in names[:1]):
            self._collector.add_remark(RemarkKind.PAGE_FURNITURE, text)
            return boxes
        paragraph = Paragraph(
            spans,
            label=label.text,
            heading=self._find_heading_level(properties, names),
            bullet=label.is_bullet or (not label.text and _is_bullet_style(names, properties)),
            depth=label.depth,
            is_quote=not _QUOTE_STYLES.isdisjoint(names),
            is_title="title" in names,
        )
        return [paragraph, *boxes]

    def _find_heading_level(self, properties: Element | None, names: list[str]) -> int:
        outline = self._styles.get_paragraph_property(properties, "outlineLvl")
        if outline is not None and outline.isdecimal():
            return int(outline) + 1 if int(outline) < 9 else 0
        for name in names:
            if match := _HEADING_STYLE.match(name):
                return int(match[1])
        return 0

    def _read_table(self, table: Element, context: _Context) -> Table:
        properties = table.find(W + "tblPr")
        style = get_value(properties, "tblStyle")
        is_plain = (style or "").lower() in _PLAIN_TABLE_STYLES
        background = context.background if is_plain else ""
        context = replace(
            context,
            table_style=style,
            is_in_cell=True,
            background=_read_shading(properties, background),
        )
        rows = []
        for row in _iterate_wrapped(table, "tr"):
            properties = row.find(W + "trPr")
            if properties is not None and properties.find(W + "del") is not None:
                self._describe_deletion(row)
                continue
            mark = self._collector.mark()
            cells = self._read_row(row, properties, context)
            if is_on(get_value(properties, "hidden")):
                words = self._collector.take_words(mark, *cells)
                self._collector.add_remark(RemarkKind.HIDDEN_TEXT, words)
                continue
            if properties is not None and properties.find(W + "ins") is not None:
                # Word marks the runs of an inserted row as inserted too.
                has_inserted_runs = row.find(f".//{W}ins/{W}r") is not None
                words = "" if has_inserted_runs else " ".join(plain_text(cell) for cell in cells)
                self._collector.add_change(TrackedChange.INSERTED, words)
            rows.append(cells)
        return Table(rows)

    def _read_row(
        self, row: Element, properties: Element | None, context: _Context
    ) -> list[list[Block]]:
        skipped = _to_int(get_value(properties, "gridBefore"), 0)
        cells: list[list[Block]] = [[] for _ in range(skipped)]
        for cell in _iterate_wrapped(row, "tc"):
            cell_properties = cell.find(W + "tcPr")
            if cell_properties is not None and cell_properties.find(W + "cellDel") is not None:
                self._describe_deletion(cell)
                continue
            background = _read_shading(cell_properties, context.background)
            self._collector.count_block()
            cells.append(self._read_blocks(cell, replace(context, background=background)))
            span = _to_int(get_value(cell_properties, "gridSpan"), 1)
            cells += [[] for _ in range(span - 1)]
        return cells

    # Text

    def _read_spans(self, paragraph: Element, context: _Context) -> list[Span]:
        properties = paragraph.find(W + "pPr")
        style = get_value(properties, "pStyle")
        shaded = [item.find(W + "pPr") for item in self._styles.get_chain(style, "paragraph")]
        background = _find_shading([properties, *shaded], context.background)
        context = replace(context, paragraph_style=style, background=background)
        return list(self._read_inlines(paragraph, context))

    def _read_inlines(self, container: Element, context: _Context) -> Iterator[Span]:
        """Yield the text of the runs in a paragraph or in an element inside one."""
        for child in container:
            tag = child.tag
            if tag == W + "r":
                yield from self._read_run(child, context)
            elif tag in {W + "del", W + "moveFrom"}:
                self._describe_deletion(child)
            elif tag in {W + "ins", W + "moveTo"}:
                self._describe_insertion(child)
                yield from self._read_inlines(child, context)
            elif tag in {W + "hyperlink", W + "fldSimple"}:
                link = self._read_target(child) or context.link
                yield from self._read_inlines(child, replace(context, link=link))
            elif tag == W + "sdt":
                yield from self._read_control(child, context)
            elif tag in {M + "oMath", M + "oMathPara"}:
                yield from self._read_formula(child, context)
            elif tag == W + "subDoc":
                self._collector.add_remark(RemarkKind.OBJECTS)
            elif not _is_properties(child):
                yield from self._read_inlines(child, context)

    def _read_target(self, element: Element) -> str:
        """Return the address of a link outside the document, or ''."""
        if element.tag == W + "fldSimple":
            return _read_link(element.get(W + "instr", ""))
        relation = self._relations.get(element.get(R + "id", ""))
        return relation.target if relation and relation.is_external else ""

    def _read_control(self, control: Element, context: _Context) -> Iterator[Span]:
        """Yield the content of a content control. The state of a check box replaces its sign."""
        content = control.find(W + "sdtContent")
        box = control.find(f"{W}sdtPr/{_W14}checkbox")
        if box is None:
            if content is not None:
                yield from self._read_inlines(content, context)
            return
        checked = box.find(_W14 + "checked")
        is_checked = checked is not None and is_on(checked.get(_W14 + "val", "1"))
        run = content.find(f".//{W}r/{W}rPr") if content is not None else None
        spans = list(self._read_inlines(content, context)) if content is not None else []
        if spans or not self._is_hidden(run, context):
            yield from _put_box(spans, CHECKED_BOX if is_checked else EMPTY_BOX)

    def _read_formula(self, formula: Element, context: _Context) -> Iterator[Span]:
        """Yield the characters of a formula, without those of hidden runs."""
        for run in formula.iter(M + "r"):
            if self._is_hidden(run.find(W + "rPr"), context):
                for item in run.iter(M + "t", W + "t"):
                    self._hidden.append(item.text or "")
                    item.text = ""
        text = write_formula(formula)
        if any((item.text or "").strip() for item in formula.iter(M + "t", W + "t")):
            self._flush_hidden()
            self._collector.add_remark(RemarkKind.OBJECTS, text)
            yield Span(text)

    def _read_run(self, run: Element, context: _Context) -> Iterator[Span]:
        properties = run.find(W + "rPr")
        mark, box_count = self._collector.mark(), len(self._boxes)
        spans = [span for child in run for span in self._read_run_child(child, properties, context)]
        if self._is_vanished(properties, context):
            boxes = self._boxes[box_count:]
            del self._boxes[box_count:]
            self._hidden.append(self._collector.take_words(mark, spans, boxes))
            return
        if not spans:
            return
        if self._is_hidden(properties, context):
            self._hidden.append(self._collector.take_words(mark, spans))
            return
        text = "".join(span.text for span in spans if not span.is_markdown)
        if text.strip():
            self._flush_hidden()
            self._count_language(properties, context, text)
        elif self._hidden:
            self._hidden.append(" ")
        position = get_value(properties, "vertAlign")
        is_bold = self._is_on_in_run(properties, "b")
        is_italic = self._is_on_in_run(properties, "i")
        is_struck = is_on(get_value(properties, "strike")) or is_on(
            get_value(properties, "dstrike")
        )
        link = context.link or self._find_field_link()
        for span in spans:
            if span.is_markdown:
                yield span
                continue
            shown = span.text
            if position == "superscript":
                shown = to_superscript(shown)
            elif position == "subscript":
                shown = to_subscript(shown)
            yield Span(shown, is_bold, is_italic, is_struck, link)

    def _is_on_in_run(self, properties: Element | None, name: str) -> bool:
        own = get_value(properties, name)
        if own is not None:
            return is_on(own)
        style = get_value(properties, "rStyle")
        return style is not None and is_on(
            self._styles.get_style_property(style, name, kind="character")
        )

    def _read_run_child(
        self, child: Element, properties: Element | None, context: _Context
    ) -> Iterator[Span]:
        tag = child.tag
        if tag == W + "fldChar":
            yield from self._read_field_character(child)
        elif tag == W + "instrText":
            if self._fields and not self._fields[-1].shows_result:
                self._fields[-1].code += child.text or ""
        elif tag == W + "ruby":
            yield from self._read_ruby(child, context)
        elif tag in {W + "footnoteReference", W + "endnoteReference"}:
            yield from self._read_note(child)
        elif tag in {W + "drawing", W + "pict", W + "object", W + "contentPart"}:
            yield from self._read_drawing(child, context)
        elif text := self._read_character(child, properties, context):
            shown = self._show_in_field(text)
            if shown:
                yield Span(shown)

    def _read_character(self, child: Element, properties: Element | None, context: _Context) -> str:
        tag = child.tag
        if tag == W + "t":
            return self._map_text(child.text or "", properties, context)
        if tag in {W + "tab", W + "ptab"}:
            return "\t"
        if tag in {W + "br", W + "cr"}:
            return "\n"
        if tag == W + "noBreakHyphen":
            return "\N{NON-BREAKING HYPHEN}"
        if tag == W + "sym":
            return self._map_symbol(child.get(W + "font", ""), child.get(W + "char", ""))
        return ""

    def _map_symbol(self, font: str, code: str) -> str:
        try:
            number = int(code, 16)
        except ValueError:
            number = 0
        text = map_symbol(font, number)
        if not text:
            self._collector.add_remark(RemarkKind.OTHER, f"{font} {code}")
        return text

    def _map_text(self, text: str, properties: Element | None, context: _Context) -> str:
        """Return text in Unicode. A symbol font gives other meanings to the codes of letters."""
        font = self._styles.get_run_property(properties, "rFonts", context.paragraph_style, "ascii")
        if not font or not is_symbol_font(font):
            return text
        return "".join(
            self._map_symbol(font, f"{ord(letter):X}")
            if ord(letter) < 0x100 or 0xF000 <= ord(letter) <= 0xF0FF
            else letter
            for letter in text
        )

    def _read_ruby(self, ruby: Element, context: _Context) -> Iterator[Span]:
        """Yield the base text, and its reading in parentheses."""
        base, reading = ruby.find(W + "rubyBase"), ruby.find(W + "rt")
        if base is not None:
            yield from self._read_inlines(base, context)
        words = (
            "".join(span.text for span in self._read_inlines(reading, context))
            if reading is not None
            else ""
        )
        if words.strip():
            yield Span(f"({words})")

    # Fields

    def _read_field_character(self, character: Element) -> Iterator[Span]:
        kind = character.get(W + "fldCharType")
        if kind == "begin":
            self._fields.append(_Field(form_data=character.find(W + "ffData")))
        elif kind == "separate" and self._fields:
            self._fields[-1].shows_result = True
            self._fields[-1].skipped.clear()
        elif kind == "end" and self._fields:
            closed = self._fields.pop()
            text = _read_form_field(closed)
            if not text and not closed.shows_result:
                text = self._read_field_without_result(closed)
            if text and (shown := self._show_in_field(text)):
                yield Span(shown)

    def _read_field_without_result(self, closed: _Field) -> str:
        """Return the text of the fields that Word shows without storing a result."""
        name, _, rest = closed.code.strip().partition(" ")
        arguments = [quoted or word for quoted, word in _FIELD_ARGUMENT.findall(rest)]
        if name.upper() == "SYMBOL" and arguments:
            font = arguments[arguments.index("\\f") + 1] if "\\f" in arguments[:-1] else ""
            code = arguments[0]
            return self._map_symbol(font, f"{int(code):X}" if code.isdecimal() else code)
        if name.upper() == "MACROBUTTON":
            return " ".join(arguments[1:])
        if name.upper() in {"EQ", "AUTONUM", "AUTONUMLGL", "AUTONUMOUT", "LISTNUM"}:
            self._collector.add_remark(RemarkKind.OBJECTS, closed.code)
        return ""

    def _show_in_field(self, text: str) -> str:
        """Return the text, or nothing where it is part of the code of a field."""
        for open_field in self._fields:
            if not open_field.shows_result:
                open_field.skipped.append(text)
                return ""
            open_field.result_length += len(text.strip())
            if open_field.code.strip().upper().startswith("FORMCHECKBOX"):
                return ""
        return text

    def _find_field_link(self) -> str:
        return next((link for item in self._fields if (link := _read_link(item.code))), "")

    # Hidden and deleted text

    def _is_vanished(self, properties: Element | None, context: _Context) -> bool:
        """Return whether a run is hidden with all that is anchored in it."""
        return self._styles.is_run_property_on(
            properties, "vanish", context.paragraph_style, context.table_style
        )

    def _is_hidden(self, properties: Element | None, context: _Context) -> bool:
        """Return whether the text of a run is hidden, or has the colour of its background."""
        if self._is_vanished(properties, context):
            return True
        styles, style = self._styles, context.paragraph_style
        size = styles.get_run_property(properties, "sz", style) or ""
        colour = read_hexadecimal(styles.get_run_property(properties, "color", style))
        if (
            properties is not None
            and properties.find(f"{_W14}textFill/{_W14}noFill") is not None
            and properties.find(_W14 + "textOutline") is None
        ):
            colour = TRANSPARENT
        background = _find_shading(
            styles.list_run_properties(properties, style), context.background
        )
        highlight = (get_value(properties, "highlight") or "none").lower()
        background = _HIGHLIGHTS.get(highlight, background)
        return is_unreadable(colour, background, int(size) / 2 if size.isdecimal() else None)

    def _flush_hidden(self) -> None:
        words = "".join(self._hidden)
        self._hidden.clear()
        if words.strip():
            self._collector.add_remark(RemarkKind.HIDDEN_TEXT, words)

    def _describe_insertion(self, element: Element) -> None:
        is_moved = element.tag == W + "moveTo"
        change = TrackedChange.MOVED if is_moved else TrackedChange.INSERTED
        self._collector.add_change(change, "".join(_iterate_shown_text(element)))

    def _describe_deletion(self, element: Element) -> None:
        """Record deleted text. Text that was moved away is named only if it stands nowhere else."""
        words = "".join(_iterate_text(element))
        is_moved = element.tag == W + "moveFrom" and "".join(words.split()) in self._moved_text
        if is_moved:
            self._collector.add_change(TrackedChange.MOVED, "")
        else:
            self._collector.add_change(TrackedChange.DELETED, words)
        for kind in ("footnote", "endnote"):
            for reference in element.iter(f"{W}{kind}Reference"):
                note_id = reference.get(W + "id", "")
                note = self._notes[kind][0].get(note_id)
                if note is not None and not is_moved:
                    self._used_notes.add((kind, note_id))
                    words = "".join(_iterate_text(note))
                    self._collector.add_change(TrackedChange.DELETED, words)

    # Notes, drawings and included files

    def _read_note(self, reference: Element) -> Iterator[Span]:
        kind = "footnote" if reference.tag == W + "footnoteReference" else "endnote"
        note_id = reference.get(W + "id", "")
        notes, relations = self._notes[kind]
        note = notes.get(note_id)
        if note is None or (kind, note_id) in self._used_notes or self._show_in_field("x") == "":
            return
        self._used_notes.add((kind, note_id))
        saved = self._relations, self._fields, self._hidden, self._boxes
        self._relations, self._fields, self._hidden, self._boxes = relations, [], [], []
        blocks = self._read_blocks(note, _Context())
        self._relations, self._fields, self._hidden, self._boxes = saved
        if blocks:
            yield self._collector.add_note(blocks)

    def _describe_unused_notes(self) -> None:
        for kind, (notes, _) in self._notes.items():
            for note_id, note in notes.items():
                words = " ".join(_iterate_text(note))
                if (kind, note_id) not in self._used_notes and words.strip():
                    self._collector.add_remark(RemarkKind.OTHER, words)

    def _read_drawing(self, drawing: Element, context: _Context) -> Iterator[Span]:
        """Yield the markers of pictures, and keep the text boxes for after the paragraph."""
        boxes = [
            box
            for box in drawing.iter(W + "txbxContent")
            if not _has_ancestor(box, W + "txbxContent", drawing)
        ]
        for box in boxes:
            self._read_box(box, drawing, context)
        is_object = drawing.tag in {W + "object", W + "contentPart"}
        described = next(drawing.iter(_WP + "docPr"), None)
        description = _describe_drawing(drawing, described)
        if described is not None and is_on(described.get("hidden", "0")):
            if not boxes:
                self._collector.add_remark(RemarkKind.PICTURES, description)
            return
        charts = [
            data.get("uri", "").rpartition("/")[2]
            for data in drawing.iter(_A + "graphicData")
            if data.get("uri", "").rpartition("/")[2] in {"chart", "diagram", "chartex"}
        ]
        if is_object or charts:
            words = " ".join([description, *self._read_diagram_text(drawing)])
            self._collector.add_remark(RemarkKind.OBJECTS, words)
            return
        yield from self._read_word_art(drawing)
        pictures = list(_iterate_own(drawing, _A + "blip", _V + "imagedata"))
        self._describe_other_drawing(drawing, description, is_used=bool(boxes or pictures))
        for picture in pictures:
            yield from self._read_picture(picture, drawing, description)

    def _read_word_art(self, drawing: Element) -> Iterator[Span]:
        for word_art in drawing.iter(_V + "textpath"):
            words = word_art.get("string", "")
            if _is_hidden_shape(word_art, drawing):
                self._hidden.append(f" {words} ")
            elif words:
                yield Span(words)

    def _read_picture(self, picture: Element, drawing: Element, description: str) -> Iterator[Span]:
        identifier = picture.get(R + "embed") or picture.get(R + "link") or picture.get(R + "id")
        if not identifier:
            return
        if _is_hidden_shape(picture, drawing):
            self._collector.add_remark(RemarkKind.PICTURES, description)
            return
        relation = self._relations.get(identifier)
        is_inside = relation is not None and not relation.is_external
        content = self._package.read(relation.target) if is_inside and relation else b""
        yield self._collector.add_picture(content, description)

    def _read_box(self, box: Element, drawing: Element, context: _Context) -> None:
        """Keep the text of a box for after the paragraph, or for the remark if the box is hidden."""
        saved = self._hidden, self._fields
        self._hidden, self._fields = [], []
        outer, self._boxes = self._boxes, []
        mark = self._collector.mark()
        background = _find_box_colour(box, context.background)
        inside = self._read_blocks(box, replace(context, background=background))
        self._boxes = outer
        self._hidden, self._fields = saved
        if _is_hidden_shape(box, drawing):
            self._hidden.append(self._collector.take_words(mark, inside))
        else:
            self._boxes += inside

    def _describe_other_drawing(self, drawing: Element, description: str, *, is_used: bool) -> None:
        """Record the words of a drawing that are neither in a box nor in a picture."""
        words = " ".join(item.text or "" for item in _iterate_own(drawing, _A + "t"))
        if words.strip() or (not is_used and description):
            self._collector.add_remark(RemarkKind.OBJECTS, f"{description} {words}")

    def _read_diagram_text(self, drawing: Element) -> Iterator[str]:
        """Yield the words of a chart or a diagram, which stand in a part of their own."""
        for element in drawing.iter():
            for name, identifier in element.attrib.items():
                relation = self._relations.get(identifier)
                if (
                    name in {R + "id", R + "dm"}
                    and relation
                    and not relation.is_external
                    and relation.target.endswith(".xml")
                ):
                    root = self._parse(relation.target)
                    if root is not None:
                        yield " ".join(
                            item.text
                            for item in root.iter()
                            if item.text and str(item.tag).rpartition("}")[2] in {"t", "v"}
                        )

    def _describe_chunk(self, element: Element) -> None:
        """Record a file that Word shows as part of the text, such as a web page."""
        relation = self._relations.get(element.get(R + "id", ""))
        content = (
            b"" if relation is None or relation.is_external else self._package.read(relation.target)
        )
        text = content.decode("utf-8", "replace") if content[:2] != b"PK" else ""
        self._collector.add_remark(RemarkKind.OBJECTS, re.sub(r"<[^<>]*>", " ", text)[:20_000])

    # Around the text

    def _describe_comments(self) -> None:
        root = self._parse_related("comments")
        for comment in root.iterfind(W + "comment") if root is not None else ():
            self._collector.add_remark(RemarkKind.REVIEW_COMMENTS, " ".join(_iterate_text(comment)))

    def _describe_page_furniture(self) -> None:
        used = {
            item.get(R + "id")
            for name in ("headerReference", "footerReference")
            for item in self._root.iter(W + name)
        }
        seen: set[str] = set()
        for identifier, relation in self._relations.items():
            if identifier not in used or relation.is_external or relation.target in seen:
                continue
            seen.add(relation.target)
            root = self._parse(relation.target)
            if root is None:
                continue
            words = [" ".join(_iterate_text(root))]
            words += [item.get("string", "") for item in root.iter(_V + "textpath")]
            if any(
                letter.isalpha() for part in words for letter in part
            ):  # more than a page number
                self._collector.add_remark(RemarkKind.PAGE_FURNITURE, " ".join(words))
            pictures = [*root.iter(_A + "blip"), *root.iter(_V + "imagedata")]
            if pictures:
                self._collector.add_remark(RemarkKind.PICTURES, count=len(pictures))

    def _read_properties(self) -> tuple[str, str]:
        """Return title and language that the file states about itself."""
        for relation in self._read_relations("").values():
            if relation.kind == "core-properties":
                root = self._package.parse(relation.target)
                if root is not None:
                    title = " ".join((root.findtext(_DC + "title") or "").split())
                    language = (root.findtext(_DC + "language") or "").strip()
                    return ("" if _EMPTY_TITLES.match(title) else title[:300]), language
        return "", ""

    def _count_language(self, properties: Element | None, context: _Context, text: str) -> None:
        script = find_script(text)
        attribute = {"rtl": "bidi", "east asian": "eastAsia"}.get(script, "val")
        language = self._styles.get_run_property(
            properties, "lang", context.paragraph_style, attribute
        )
        self._collector.count_language(language or "", script, text)


def _find_main_part(package: Package) -> str:
    """Return the name of the part that holds the text. Raises UnreadableFile if there is none."""
    types = package.parse("[Content_Types].xml")
    relations = package.parse("_rels/.rels")
    if types is None or relations is None:
        raise UnreadableFile(FileProblem.WRONG_TYPE)
    kinds = {item.get("PartName", "").lower(): item.get("ContentType", "") for item in types}
    for item in relations.iter(_RELATIONSHIP):
        if item.get("Type", "").endswith("/officeDocument"):
            name = _resolve("", item.get("Target", ""))
            kind = kinds.get("/" + name.lower(), "")
            if "macroEnabled" in kind:
                raise UnreadableFile(FileProblem.MACROS)
            if name in package and ("wordprocessingml" in kind or not kind):
                return name
    raise UnreadableFile(FileProblem.WRONG_TYPE)


def _resolve(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, unquote(target))).lstrip("/")


def _choose_alternatives(root: Element) -> Element:
    """Replace each pair of a new and an older form of the same content by the new one."""
    for alternative in list(root.iter(_MC + "AlternateContent")):
        parent = alternative.getparent()
        chosen = alternative.find(_MC + "Choice")
        if chosen is None:
            chosen = alternative.find(_MC + "Fallback")
        index = parent.index(alternative)
        parent[index : index + 1] = list(chosen) if chosen is not None else []
    return root


def _iterate_wrapped(container: Element, name: str) -> Iterator[Element]:
    """Yield the rows of a table or the cells of a row, also those inside content controls."""
    for child in container:
        if child.tag == W + name:
            yield child
        elif child.tag not in {W + "tbl", W + "tr", W + "tc", W + "p"} and not _is_properties(
            child
        ):
            yield from _iterate_wrapped(child, name)


def _iterate_text(element: Element) -> Iterator[str]:
    """Yield the text inside an element, deleted text too, with a space after each paragraph."""
    for item in element.iter(W + "t", W + "delText", M + "t", W + "tab", W + "br", W + "p"):
        is_text = item.tag in {W + "t", W + "delText", M + "t"}
        yield (item.text or "") if is_text else " "


def _iterate_shown_text(element: Element) -> Iterator[str]:
    """Yield the text inside an element that no tracked change has deleted or moved away."""
    for child in element:
        if child.tag in {W + "t", M + "t"}:
            yield child.text or ""
        elif child.tag in {W + "tab", W + "br", W + "p"}:
            yield " "
            yield from _iterate_shown_text(child)
        elif child.tag not in {W + "del", W + "moveFrom", W + "delText"}:
            yield from _iterate_shown_text(child)


def _is_properties(element: Element) -> bool:
    return not isinstance(element.tag, str) or element.tag.endswith("Pr")


def _is_bullet_style(names: list[str], properties: Element | None) -> bool:
    own_numbering = properties.find(W + "numPr") if properties is not None else None
    return own_numbering is None and any(name.startswith("list bullet") for name in names)


def _read_shading(properties: Element | None, background: str) -> str:
    """Return the colour of a shading, '' for a pattern, or the background if there is no shading."""
    shading = properties.find(W + "shd") if properties is not None else None
    if shading is None:
        return background
    pattern = shading.get(W + "val", "clear")
    if pattern == "solid":
        return read_hexadecimal(shading.get(W + "color")) or BLACK
    fill = read_hexadecimal(shading.get(W + "fill"))
    if pattern not in {"clear", "nil"}:
        return ""
    return fill or background


def _find_shading(candidates: Sequence[Element | None], background: str) -> str:
    """Return the colour of the first shading, or the background."""
    for properties in candidates:
        if properties is not None and properties.find(W + "shd") is not None:
            return _read_shading(properties, background)
    return background


def _put_box(spans: list[Span], box: str) -> list[Span]:
    """Return the content of a check box with its state in the place of its sign."""
    text = "".join(span.text for span in spans)
    if len(text.strip()) <= 1:
        return [Span(box)]
    for index, span in enumerate(spans):
        for sign in span.text:
            if sign in BOXES_AND_TICKS:
                changed = replace(span, text=span.text.replace(sign, box, 1))
                return [*spans[:index], changed, *spans[index + 1 :]]
    return [Span(f"{box} "), *spans]


def _iterate_own(drawing: Element, *tags: str) -> Iterator[Element]:
    """Yield elements of a drawing that are not part of the text in its boxes."""
    for element in drawing.iter(*tags):
        if not _has_ancestor(element, W + "txbxContent", drawing):
            yield element


def _find_box_colour(box: Element, background: str) -> str:
    """Return the colour of a text box, '' if it is not known."""
    shape = box.getparent().getparent() if box.getparent() is not None else None
    if shape is None:
        return ""
    properties = shape.find("{*}spPr")
    if properties is not None:
        colour = properties.find(f"{_A}solidFill/{_A}srgbClr")
        is_open = properties.find(_A + "noFill") is not None
        return (
            background
            if is_open
            else read_hexadecimal(colour.get("val") if colour is not None else "")
        )
    if shape.get("filled", "") in {"f", "false"}:
        return background
    return read_hexadecimal(shape.get("fillcolor", ""))


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


def _to_int(value: str | None, default: int) -> int:
    return min(int(value), MAX_SPAN) if value and value.isdecimal() and len(value) < 9 else default


def _read_link(code: str) -> str:
    """Return the address of a HYPERLINK field, or ''."""
    name, _, rest = code.strip().partition(" ")
    match = _FIELD_ARGUMENT.match(rest.strip())
    if name.upper() != "HYPERLINK" or not match or rest.strip().startswith("\\"):
        return ""
    return match[1] or match[2] or ""


def _read_form_field(closed: _Field) -> str:
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


def _describe_drawing(drawing: Element, described: Element | None) -> str:
    if described is not None:
        return described.get("descr") or described.get("title") or ""
    for shape in drawing.iter(_V + "shape"):
        if shape.get("alt"):
            return str(shape.get("alt"))
    embedded = next(drawing.iter(_O + "OLEObject"), None)
    return embedded.get("ProgID", "") if embedded is not None else ""


def _has_ancestor(element: Element, tag: str, top: Element) -> bool:
    parent = element.getparent()
    while parent is not None and parent is not top:
        if parent.tag == tag:
            return True
        parent = parent.getparent()
    return False
