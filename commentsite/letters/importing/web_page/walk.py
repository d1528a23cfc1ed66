"""Go through the elements of a web page and collect the paragraphs and tables that a browser shows."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from commentsite.letters.importing.colours import BLACK, WHITE, is_unreadable
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.markdown.tree import Block, Collector, Paragraph, Span, Table
from commentsite.letters.importing.markdown.writer import to_subscript, to_superscript
from commentsite.letters.importing.web_page.block_lines import take_attribution
from commentsite.letters.importing.web_page.elements import (
    IGNORED_TAGS,
    format_label,
    get_indent_level,
    get_words,
    is_deletion,
    is_hidden,
    is_within_article,
    list_table_parts,
    read_data_picture,
    read_integer,
    read_start,
    unwrap_redirect,
)
from commentsite.letters.importing.web_page.notes import Notes, find_notes
from commentsite.letters.importing.web_page.styles import (
    Styles,
    StyleSheet,
    read_background,
    read_colour,
    read_points,
)
from commentsite.letters.remarks import RemarkKind, TrackedChange

MAX_DEPTH = 150  # of elements after parsing
MAX_QUOTED_MAILS = 300  # within one page
MAX_SPAN = 40  # columns or rows of a merged cell
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog",
    "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header",
    "hgroup", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "search", "section",
    "summary", "ul", "caption", "table", "tr", "td", "th", "tbody", "thead", "tfoot",
})  # fmt: skip
_OBJECTS = frozenset(
    ["audio", "video", "iframe", "object", "embed", "canvas", "applet", "svg", "frameset"]
)
_PAGE_PARTS = {
    "nav": "nav", "header": "header", "footer": "footer",
    "navigation": "nav", "banner": "header", "contentinfo": "footer", "search": "nav",
}  # fmt: skip
_TYPED_BULLET = re.compile(r"^\s*(?:([·•●○◦▪■§])\s*|([o–-])(?=\s|\u00a0)[\s\u00a0]{2,})")
_TYPED_LABEL = re.compile(
    r"\s*(\(?\w{1,6}(?:\.\w{1,4}){0,4}[.)])(?=[^\n]*\u00a0)[ \u00a0]{2,}(?=\S)"
)
_GLYPHS_OF_BOXES = {"☐": "☐", "☑": "☒", "☒": "☒", "✓": "☒", "✔": "☒"}
_QUOTED_MAIL = (
    ".gmail_quote, .gmail_attr, .moz-cite-prefix, blockquote[type=cite], "
    ".yahoo_quoted, .protonmail_quote, #mail-editor-reference-message-container"
)
# An author can quote with the elements above too, but not with these.
_CERTAIN_QUOTED_MAIL = (
    'blockquote[cite^="mid:"], .moz-cite-prefix, .yahoo_quoted, .protonmail_quote'
)
_SIGNATURE_CLASSES = frozenset({"gmail_signature", "moz-signature"})


@dataclass(frozen=True)
class _Context:
    """The style that an element inherits."""

    bold: bool = False
    italic: bool = False
    strike: bool = False
    link: str = ""
    script: Literal["", "super", "sub"] = ""
    is_concealed: bool = False  # by its visibility
    is_left_to_word: bool = False  # Word hides it
    colour: str = BLACK  # empty if it is not known
    background: str = WHITE  # likewise
    size: float = 12  # in points
    keeps_lines: bool = False
    in_quote: bool = False
    in_heading: bool = False
    list_depth: int = -1
    depth: int = 0

    @property
    def is_invisible(self) -> bool:
        """Return whether text is invisible, unless an element around it undoes that."""
        return (
            self.is_concealed
            or self.is_left_to_word
            or is_unreadable(self.colour, self.background, self.size)
        )


class PageReader:
    def __init__(self, page: LexborHTMLParser, collector: Collector) -> None:
        self._collector = collector
        self._sheet = StyleSheet(page)
        self._notes: Notes = find_notes(page)
        quoted = page.css(_QUOTED_MAIL)
        self._quoted = {node.mem_id for node in quoted[:MAX_QUOTED_MAILS]}
        certain = page.css(_CERTAIN_QUOTED_MAIL)[:MAX_QUOTED_MAILS]
        self._certainly_quoted = {node.mem_id for node in certain}
        # The element of Gmail is one if it has the line that Gmail writes above a mail.
        holders = [node.parent for node in page.css(".gmail_attr")[:MAX_QUOTED_MAILS]]
        self._certainly_quoted |= {node.mem_id for node in holders if node is not None}
        self._note_spans: dict[int, Span] = {}
        self._blocks: list[Block] = []
        self._paragraph = Paragraph()
        self._hidden_words: list[str] = []
        self._has_pending_rule = False
        self._list_counters: dict[str, int] = {}
        self._page_length = 1
        self._readers: dict[str, Callable[[LexborNode, _Context], None]] = {
            "br": self._add_line_break,
            "hr": self._add_rule,
            "img": self._add_picture,
            "input": self._add_input,
            "textarea": self._add_text_field,
            "select": self._add_choice,
            "button": self._name_button,
            "table": self._add_table,
            "rt": self._read_pronunciation,
            "math": self._read_formula,
            **dict.fromkeys(("ul", "ol", "menu", "dir"), self._read_list),
            **dict.fromkeys(_OBJECTS, self._name_object),
        }

    def read(self, body: LexborNode) -> list[Block]:
        self._page_length = len(body.text(deep=True) or "") or 1
        root = body.parent
        context = _Context() if root is None else self._enter(root, _Context())
        blocks = self._read_blocks(body, self._enter_page(body, context))
        self._name_unused_notes()
        return blocks

    # --- blocks

    def _read_blocks(self, node: LexborNode, context: _Context) -> list[Block]:
        """Return the blocks inside an element, apart from those around it."""
        outer = self._blocks, self._paragraph
        self._blocks, self._paragraph = [], Paragraph()
        self._walk(node, context)
        self._end_paragraph()
        blocks = self._blocks
        self._blocks, self._paragraph = outer
        return blocks

    def _walk(self, node: LexborNode, context: _Context) -> None:
        if context.depth > MAX_DEPTH:
            raise UnreadableFile(FileProblem.TOO_COMPLEX)
        child = node.first_child
        while child is not None:
            following = child.next
            if child.is_text_node:
                self._add_text(child.text_content or "", context)
            elif child.is_element_node:
                self._read_element(child, context)
            child = following

    def _read_element(self, node: LexborNode, outer: _Context) -> None:
        tag = node.tag or ""
        if tag in IGNORED_TAGS or self._belongs_to_notes(node):
            return
        styles = self._sheet.get(node)
        if kind := self._find_reason_to_leave_out(node, tag, styles):
            if kind == RemarkKind.QUOTED_MAIL:
                self._take_attribution()
            words = get_words(node)
            if words and kind == RemarkKind.TRACKED_CHANGES:
                self._collector.add_change(TrackedChange.DELETED, words)
            elif words:
                self._collector.add_remark(kind, words)
            return
        if tag == "ins" and (node.attributes.get("datetime") or node.attributes.get("cite")):
            self._collector.add_change(TrackedChange.INSERTED, get_words(node))
        context = self._enter(node, outer, styles)
        if node.mem_id in self._notes.containers_by_mark:
            self._add_note(node, context)
        else:
            self._read_content(node, tag, context, styles)
        if context.is_invisible and not outer.is_invisible:
            self._add_hidden(" ".join(self._hidden_words))
            self._hidden_words = []

    def _belongs_to_notes(self, node: LexborNode) -> bool:
        """Return whether an element is a mark or a text that the notes and comments account for."""
        notes, identity = self._notes, node.mem_id
        if identity in notes.comments:
            self._collector.add_remark(RemarkKind.REVIEW_COMMENTS, get_words(node))
        return (
            identity in notes.note_containers
            or identity in notes.comments
            or identity in notes.comment_marks
            or identity in notes.back_links
        )

    def _find_reason_to_leave_out(
        self, node: LexborNode, tag: str, styles: Styles
    ) -> RemarkKind | None:
        if is_hidden(node, tag, styles):
            return RemarkKind.HIDDEN_TEXT
        if is_deletion(node, tag):
            return RemarkKind.TRACKED_CHANGES
        if self._is_furniture(node, tag):
            return RemarkKind.PAGE_FURNITURE
        is_quoted = node.mem_id in self._quoted and (
            self._ends_page(node)
            or (node.mem_id in self._certainly_quoted and self._has_other_words(node))
        )
        return RemarkKind.QUOTED_MAIL if is_quoted else None

    def _take_attribution(self) -> None:
        """Leave out the line above a quoted mail, if a mail program wrote it."""
        above = self._paragraph
        if above.is_empty() and self._blocks and isinstance(self._blocks[-1], Paragraph):
            above = self._blocks[-1]
        if words := take_attribution(above):
            self._collector.add_remark(RemarkKind.QUOTED_MAIL, words)

    def _read_content(self, node: LexborNode, tag: str, context: _Context, styles: Styles) -> None:
        if tag in self._readers:
            self._readers[tag](node, context)
        elif tag in _HEADINGS or tag in _BLOCKS or styles.get("display") in {"block", "list-item"}:
            self._read_block_element(node, tag, context, styles)
        else:
            self._walk(node, context)

    def _add_line_break(self, _node: LexborNode, _context: _Context) -> None:
        self._paragraph.spans.append(Span("\n"))

    def _add_rule(self, _node: LexborNode, _context: _Context) -> None:
        self._end_paragraph()
        self._has_pending_rule = bool(self._blocks)

    def _name_object(self, node: LexborNode, _context: _Context) -> None:
        self._collector.add_remark(RemarkKind.OBJECTS, get_words(node))

    def _read_formula(self, node: LexborNode, context: _Context) -> None:
        self._collector.add_remark(RemarkKind.OBJECTS, get_words(node))
        self._walk(node, context)

    def _read_pronunciation(self, node: LexborNode, context: _Context) -> None:
        self._add_text(" (", context)
        self._walk(node, context)
        self._add_text(") ", context)

    def _read_block_element(
        self, node: LexborNode, tag: str, context: _Context, styles: Styles
    ) -> None:
        classes = (node.attributes.get("class") or "").split()
        first = not self._blocks and not self._paragraph.spans
        self._end_paragraph()
        if _SIGNATURE_CLASSES.intersection(classes) and get_words(node):
            self._blocks.append(Paragraph([Span("--")]))
        level = _HEADINGS.get(tag, 0)
        if node.attributes.get("role") == "heading":
            level = level or int((node.attributes.get("aria-level") or "2").strip()[:1] or 2)
        if level or (first and {"title", "MsoTitle"} & set(classes)):
            self._paragraph.heading = level
            self._paragraph.is_title = not level
            context = replace(context, in_heading=True)
        elif "mso-list" in styles or any(name.startswith("MsoListParagraph") for name in classes):
            self._walk(node, context)
            self._take_typed_bullet(styles)
            self._end_paragraph()
            return
        self._walk(node, context)
        self._end_paragraph()

    def _take_typed_bullet(self, styles: Styles) -> None:
        """Turn the bullet that Word writes as text into a bullet of the list."""
        text = self._paragraph.text
        match = _TYPED_BULLET.match(text)
        level = re.search(r"\blevel(\d)", styles.get("mso-list", ""))
        self._paragraph.depth = int(level[1]) - 1 if level else get_indent_level(styles)
        if not match:
            return
        self._paragraph.bullet = True
        length, spans = match.end(), []
        for span in self._paragraph.spans:
            spans.append(replace(span, text=span.text[length:]))
            length = max(0, length - len(span.text))
        self._paragraph.spans = spans

    def _end_paragraph(self) -> None:
        paragraph, self._paragraph = self._paragraph, Paragraph()
        paragraph.spans = _drop_blank_lines(paragraph.spans)
        _separate_typed_label(paragraph)
        if paragraph.is_empty():
            # An item of a list can begin with an element that is a block itself.
            self._paragraph = Paragraph(
                label=paragraph.label, bullet=paragraph.bullet, depth=paragraph.depth
            )
            return
        if self._has_pending_rule:
            self._blocks.append(Paragraph([Span("---", is_markdown=True)]))
            self._has_pending_rule = False
        self._collector.count_block(paragraph.text)
        self._blocks.append(paragraph)

    def _read_list(self, node: LexborNode, context: _Context) -> None:
        self._end_paragraph()
        classes = (node.attributes.get("class") or "").split()
        kix = next((name for name in classes if "lst-kix_" in name), "")
        depth = context.list_depth + 1
        if kix and kix[-1:].isdigit():  # Google Docs writes nested lists one after the other
            depth = max(depth, int(kix[-1]))
        context = replace(context, list_depth=depth)
        items = [child for child in node.iter() if child.tag == "li"]
        number, step = read_start(node, len(items))
        if kix and "start" not in node.attributes:
            number = self._list_counters.get(kix, 0) + 1
        child = node.first_child
        while child is not None:
            following = child.next
            if child.tag == "li":
                number = read_integer(child.attributes.get("value"), number)
                self._read_item(child, self._get_label(child, node, kix, number, depth), context)
                number += step
            elif child.is_element_node:
                self._read_element(child, context)
            elif child.is_text_node:
                self._add_text(child.text_content or "", context)
            child = following
        self._end_paragraph()
        if kix:
            self._list_counters[kix] = number - step

    def _read_item(self, item: LexborNode, label: str | None, context: _Context) -> None:
        """Read a list item. Its label is None for a bullet, and can be a box to tick."""
        self._end_paragraph()
        outer_label = self._paragraph.label  # of an item that has nothing but this list
        self._paragraph = Paragraph(depth=context.list_depth)
        if label in _GLYPHS_OF_BOXES:
            self._add_text(f"{_GLYPHS_OF_BOXES[label]} ", context)
        else:
            self._paragraph.label = f"{outer_label} {label or ''}".strip()
        self._paragraph.bullet = label is None or label in _GLYPHS_OF_BOXES
        self._read_element(item, context)
        self._end_paragraph()
        self._paragraph = Paragraph()

    def _get_label(
        self, item: LexborNode, parent: LexborNode, kix: str, number: int, depth: int
    ) -> str | None:
        """Return the label of a list item, None for a bullet."""
        if kix in self._sheet.list_numbers:
            prefix, name, suffix = self._sheet.list_numbers[kix]
            if not name:
                return prefix if prefix in _GLYPHS_OF_BOXES else None
            return f"{prefix}{format_label(number, name)}{suffix}".strip()
        if parent.tag != "ol":
            return None
        style = self._sheet.get(parent) | self._sheet.get(item)
        name = item.attributes.get("type") or parent.attributes.get("type") or ""
        if kix:
            name = name or ("1", "a", "i")[depth % 3]
        name = name.strip() or style.get("list-style-type") or style.get("list-style", "")
        return "" if name == "none" else f"{format_label(number, name.partition(' ')[0])}."

    # --- tables

    def _add_table(self, node: LexborNode, context: _Context) -> None:
        self._end_paragraph()
        context = replace(context, list_depth=-1)
        rows: list[list[list[Block]]] = []
        covered: dict[tuple[int, int], bool] = {}
        for part in list_table_parts(node):
            if part.tag != "tr":
                self._read_element(part, context)
                self._end_paragraph()
                continue
            if is_hidden(part, "tr", self._sheet.get(part)):
                self._add_hidden(get_words(part))
                continue
            rows.append(self._read_row(part, len(rows), covered, context))
        if rows:
            self._blocks.append(Table(rows))

    def _read_row(
        self,
        row: LexborNode,
        index: int,
        covered: dict[tuple[int, int], bool],
        context: _Context,
    ) -> list[list[Block]]:
        cells: list[list[Block]] = []
        for cell in row.iter():
            if cell.tag not in {"td", "th"}:
                self._read_element(cell, context)
                continue
            while covered.get((index, len(cells))):
                cells.append([])
            styles = self._sheet.get(cell)
            if is_hidden(cell, cell.tag, styles):
                self._add_hidden(get_words(cell))
                continue
            if self._is_invisible_cell(cell, styles, context):
                blocks: list[Block] = []
            else:
                blocks = self._read_blocks(cell, self._enter(cell, context, styles))
            width = min(MAX_SPAN, max(1, read_integer(cell.attributes.get("colspan"), 1)))
            height = min(MAX_SPAN, max(1, read_integer(cell.attributes.get("rowspan"), 1)))
            for down in range(height):
                for right in range(width):
                    covered[index + down, len(cells) + right] = True
            self._collector.count_block()
            cells += [blocks, *([] for _ in range(width - 1))]
        while covered.get((index, len(cells))):
            cells.append([])
        return cells

    def _is_invisible_cell(self, cell: LexborNode, styles: Styles, context: _Context) -> bool:
        if context.is_invisible or not self._enter(cell, context, styles).is_invisible:
            return False
        self._add_hidden(get_words(cell))
        return True

    # --- text

    def _enter(self, node: LexborNode, outer: _Context, styles: Styles | None = None) -> _Context:
        """Return the context of the children of an element."""
        styles = self._sheet.get(node) if styles is None else styles
        tag = node.tag or ""
        weight, slant = styles.get("font-weight", ""), styles.get("font-style", "")
        decoration = styles.get("text-decoration", "") + styles.get("text-decoration-line", "")
        raised = styles.get("vertical-align", "")
        space = styles.get(
            "white-space", "pre" if tag in {"pre", "listing", "xmp", "plaintext"} else ""
        )
        bold = outer.bold or tag in {"b", "strong"}
        if weight:
            bold = weight in {"bold", "bolder"} or (weight.isdigit() and int(weight) >= 600)
        italic = outer.italic or tag in {"i", "em", "cite", "dfn", "var"}
        if slant:
            italic = slant.startswith(("italic", "oblique"))
        script = outer.script
        if tag in {"sup", "sub"} or raised in {"super", "sub"}:
            script = "sub" if "sub" in {tag, raised} else "super"
        link = outer.link
        if tag == "a" and (address := node.attributes.get("href")):
            link = unwrap_redirect(address.strip())
        return _Context(
            bold=bold and not outer.in_heading,
            italic=italic,
            strike=outer.strike or tag in {"s", "del", "strike"} or "line-through" in decoration,
            link=link,
            script=script,
            is_concealed=_is_switched(styles, "visibility", inherited=outer.is_concealed),
            is_left_to_word=_is_switched(styles, "mso-hide", inherited=outer.is_left_to_word),
            colour=_read_text_colour(styles, outer),
            background=read_background(styles, outer.background),
            size=read_points(styles.get("font-size", ""), outer.size),
            keeps_lines=space.startswith(("pre", "break-spaces")) if space else outer.keeps_lines,
            in_quote=outer.in_quote or tag == "blockquote",
            in_heading=outer.in_heading,
            list_depth=outer.list_depth,
            depth=outer.depth + 1,
        )

    def _enter_page(self, body: LexborNode, outer: _Context) -> _Context:
        """Return the context of the body. A dark page without a stated colour of text has one elsewhere."""
        context = self._enter(body, outer)
        is_dark = is_unreadable(context.colour, context.background)
        is_stated = any("color" in self._sheet.get(node) for node in (body, body.parent) if node)
        return replace(context, colour="") if is_dark and not is_stated else context

    def _add_text(self, text: str, context: _Context) -> None:
        if context.is_invisible:
            self._hidden_words += text.split()
            return
        if not context.keeps_lines:
            text = re.sub(r"[ \t\n\r\f]+", " ", text)
        else:
            text = text.replace("\r\n", "\n")
        spans = self._paragraph.spans
        if not context.keeps_lines and text.startswith(" "):
            before = spans[-1].text if spans else " "
            if before[-1:] in {" ", "\n"} and not (spans and spans[-1].is_markdown):
                text = text[1:]
        if not text:
            return
        if context.script and text.strip():
            raised = to_superscript(text) if context.script == "super" else to_subscript(text)
            before = spans[-1].text[-1:] if spans else ""
            has_digit = any(letter.isdigit() for letter in text)
            if raised == text and has_digit and before.isalnum():
                text = f"{'^' if context.script == 'super' else '_'}({text})"
            else:
                text = raised
        if not spans and not text.strip():
            return
        if context.in_quote:
            self._paragraph.is_quote = True
        spans.append(
            Span(
                text,
                bold=context.bold and not context.in_heading,
                italic=context.italic,
                strike=context.strike,
                link=context.link,
            )
        )

    def _add_hidden(self, words: str) -> None:
        if words:
            self._collector.add_remark(RemarkKind.HIDDEN_TEXT, words)

    def _add_note(self, mark: LexborNode, context: _Context) -> None:
        if context.is_invisible:
            return
        container = self._notes.containers_by_mark[mark.mem_id]
        if container.mem_id not in self._note_spans:
            # A note is read apart: a link in it to another note must not lead back to it.
            self._note_spans[container.mem_id] = Span("", is_markdown=True)
            blocks = self._read_blocks(container, _Context(depth=context.depth + 1))
            self._note_spans[container.mem_id] = self._collector.add_note(blocks)
        self._paragraph.spans.append(self._note_spans[container.mem_id])

    def _name_unused_notes(self) -> None:
        for identity, container in self._notes.note_containers.items():
            if identity not in self._note_spans and (words := get_words(container)):
                self._collector.add_remark(RemarkKind.OTHER, words)

    def _add_picture(self, node: LexborNode, context: _Context) -> None:
        description = " ".join((node.attributes.get("alt") or "").split())
        if context.is_concealed or context.is_left_to_word:
            self._collector.add_remark(RemarkKind.PICTURES, description)
            return
        if 0 < len(description) <= 8 and not any(c.isalnum() or c.isascii() for c in description):
            self._paragraph.spans.append(Span(description))  # mail programs send emoji as pictures
            return
        source = node.attributes.get("src") or ""
        content = read_data_picture(source)
        if content:
            self._paragraph.spans.append(self._collector.add_picture(content, description))
        else:
            self._collector.add_remark(RemarkKind.PICTURES, description)

    def _add_input(self, node: LexborNode, context: _Context) -> None:
        kind = (node.attributes.get("type") or "text").strip().lower()
        value = (node.attributes.get("value") or "").strip()
        if kind == "image":
            self._add_picture(node, context)
        elif kind in {"checkbox", "radio"}:
            self._add_text("☒ " if "checked" in node.attributes else "☐ ", context)
        elif kind in {"submit", "reset", "button"}:
            self._collector.add_remark(RemarkKind.PAGE_FURNITURE, value)
        elif kind not in {"password", "file"} and value:
            self._add_text(f" {value} ", context)

    def _add_text_field(self, node: LexborNode, context: _Context) -> None:
        self._add_text(node.text() or "", replace(context, keeps_lines=True))

    def _name_button(self, node: LexborNode, _context: _Context) -> None:
        self._collector.add_remark(RemarkKind.PAGE_FURNITURE, get_words(node))

    def _add_choice(self, node: LexborNode, context: _Context) -> None:
        options = node.css("option")
        chosen = [option for option in options if "selected" in option.attributes]
        if not chosen and "multiple" not in node.attributes:
            chosen = options[:1]
        identities = {option.mem_id for option in chosen}
        self._add_text(f" {', '.join(map(get_words, chosen))} ", context)
        others = [get_words(option) for option in options if option.mem_id not in identities]
        if any(others):
            self._collector.add_remark(RemarkKind.HIDDEN_TEXT, ", ".join(others))

    # --- furniture

    def _is_furniture(self, node: LexborNode, tag: str) -> bool:
        """Return whether an element is a menu, a head or a foot of the page around the letter."""
        part = _PAGE_PARTS.get(node.attributes.get("role") or "") or _PAGE_PARTS.get(tag)
        if tag == "div" and (node.attributes.get("title") or "") in {"header", "footer"}:
            part = "footer"  # LibreOffice writes running heads so
        if not part:
            return False
        if part == "header" and (node.css_first("h1") is not None or is_within_article(node)):
            return False
        if part == "footer" and is_within_article(node):
            return False
        # An element that was never closed holds the rest of the letter too.
        return len(node.text(deep=True) or "") * 2 < self._page_length

    def _ends_page(self, node: LexborNode) -> bool:
        """Return whether words of the sender are before an element, and none follow it."""
        return bool(self._blocks or self._paragraph.spans) and not self._has_words_after(node)

    def _has_other_words(self, node: LexborNode) -> bool:
        return bool(self._blocks or self._paragraph.spans) or self._has_words_after(node)

    def _has_words_after(self, node: LexborNode) -> bool:
        current: LexborNode | None = node
        while current is not None and current.tag != "body":
            following = current.next
            while following is not None:
                is_quoted = following.mem_id in self._quoted
                if not is_quoted and not following.is_comment_node and get_words(following):
                    return True
                following = following.next
            current = current.parent
        return False


def _drop_blank_lines(spans: list[Span]) -> list[Span]:
    """Return the spans without white space that fills a line between two line breaks."""
    kept: list[Span] = []
    for index, span in enumerate(spans):
        is_blank = not span.text.strip() and "\n" not in span.text
        follows_break = bool(kept) and kept[-1].text.endswith("\n")
        precedes_break = index + 1 < len(spans) and spans[index + 1].text.startswith("\n")
        if not (is_blank and follows_break and precedes_break):
            kept.append(span)
    return kept


def _separate_typed_label(paragraph: Paragraph) -> None:
    """Put a tab after a typed number that non-breaking spaces set apart, as Word writes it."""
    match = _TYPED_LABEL.match(paragraph.text)
    if not match or paragraph.label or paragraph.heading:
        return
    length, separated = match.end(), False
    for index, span in enumerate(paragraph.spans):
        rest = span.text[length:]
        length = max(0, length - len(span.text))
        if not length and not separated:
            rest, separated = f"{match[1]}\t{rest}", True
        paragraph.spans[index] = replace(span, text=rest)
        if separated:
            break


def _is_switched(styles: Styles, name: str, *, inherited: bool) -> bool:
    """Return whether a property hides text in an element, unless an element in it undoes that."""
    value = styles.get(name, "inherit")
    return inherited if value == "inherit" else value in {"hidden", "collapse", "all"}


def _read_text_colour(styles: Styles, outer: _Context) -> str:
    """Return the colour of text, '' if the background is cut out to the shape of the letters."""
    if "text" in {styles.get("background-clip"), styles.get("-webkit-background-clip")}:
        return ""
    colour = read_colour(styles.get("color", ""), outer.colour)
    return read_colour(styles.get("-webkit-text-fill-color", ""), colour)
