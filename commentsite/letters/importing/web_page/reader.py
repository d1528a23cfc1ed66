"""Read a web page: one saved by Word, LibreOffice or Google Docs, a mail, or a pasted piece.

The words that a browser shows become paragraphs and tables. Hidden words, reviewers' comments,
pictures and the furniture of the page are left out, each with a remark.
"""

import base64
import binascii
import re
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import parse_qs, unquote_to_bytes, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from commentsite.letters.importing.decoding import decode_text, find_stated_encoding
from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.web_page.limits import MAX_OPEN_TAGS, check_limits
from commentsite.letters.importing.web_page.notes import Notes, find_notes
from commentsite.letters.importing.web_page.styles import (
    Styles,
    StyleSheet,
    is_far_outside,
    is_zero,
)
from commentsite.letters.importing.word_processors.markdown import (
    build_document,
    to_subscript,
    to_superscript,
)
from commentsite.letters.importing.word_processors.number_formats import format_number
from commentsite.letters.importing.word_processors.tree import (
    Block,
    Collector,
    Paragraph,
    Span,
    Table,
    plain_text,
)
from commentsite.letters.remarks import RemarkKind

MAX_DEPTH = 150  # of elements after parsing
MAX_SPAN = 40  # columns or rows of a merged cell
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form header hgroup legend li main menu nav ol p pre search section "
    "summary ul caption table tr td th tbody thead tfoot".split()
)
_IGNORED = frozenset("script style title head meta link base basefont param source track".split())
_OBJECTS = frozenset("audio video iframe object embed canvas applet svg frameset".split())
_HIDDEN = frozenset("template datalist noframes rp annotation annotation-xml".split())
_PAGE_PARTS = {
    "nav": "nav", "header": "header", "footer": "footer",
    "navigation": "nav", "banner": "header", "contentinfo": "footer", "search": "nav",
}  # fmt: skip
_NUMBER_FORMATS = {
    "1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman",
    "lower-latin": "lowerLetter", "lower-alpha": "lowerLetter", "upper-latin": "upperLetter",
    "upper-alpha": "upperLetter", "lower-roman": "lowerRoman", "upper-roman": "upperRoman",
    "decimal-leading-zero": "decimalZero", "arabic-indic": "arabicIndic",
}  # fmt: skip
_TYPED_BULLET = re.compile(r"^\s*(?:([·•●○◦▪■§])\s*|([o–-])(?=\s|\u00a0)[\s\u00a0]{2,})")
_TYPED_LABEL = re.compile(
    r"\s*(\(?\w{1,6}(?:\.\w{1,4}){0,4}[.)])(?=[^\n]*\u00a0)[ \u00a0]{2,}(?=\S)"
)
_GLYPHS_OF_BOXES = {"☐": "☐", "☑": "☒", "☒": "☒", "✓": "☒", "✔": "☒"}
_DATA_PICTURE = re.compile(r"data:image/[\w.+-]+(?:;[\w=-]+)*?(;base64)?,(.*)", re.DOTALL | re.I)
_QUOTED_MAIL = (
    ".gmail_quote, .gmail_attr, .moz-cite-prefix, blockquote[type=cite], #divRplyFwdMsg, "
    ".yahoo_quoted, .protonmail_quote, #mail-editor-reference-message-container"
)


@dataclass(frozen=True)
class _Context:
    """The style that an element inherits."""

    bold: bool = False
    italic: bool = False
    strike: bool = False
    link: str = ""
    script: Literal["", "super", "sub"] = ""
    is_invisible: bool = False
    keeps_lines: bool = False
    in_quote: bool = False
    in_heading: bool = False
    list_depth: int = -1
    depth: int = 0


def read_html_file(content: bytes, stated_encoding: str = "") -> ParsedDocument:
    """Read a saved page. Raises UnreadableFile on bytes that are no text, and on a page too complex."""
    text, is_certain = decode_text(content, stated_encoding or find_stated_encoding(content))
    collector = Collector()
    if not is_certain:
        collector.add_remark(RemarkKind.OTHER, "windows-1252")
    return _read(text, collector)


def read_pasted_html(html: str) -> ParsedDocument:
    """Read a piece of a page from the clipboard. Its first heading is no title but a heading."""
    return _read(html, Collector(), is_piece=True)


def _read(html: str, collector: Collector, *, is_piece: bool = False) -> ParsedDocument:
    check_limits(html)
    page = LexborHTMLParser(html)
    body = page.body or page.root
    if body is None:
        raise UnreadableFile(FileProblem.EMPTY)
    reader = _PageReader(page, collector)
    blocks = reader.read(body)
    title_element = page.css_first("title")
    title = " ".join((title_element.text() or "").split()) if title_element is not None else ""
    if is_piece:
        blocks, title = [Paragraph([Span("\u2060")], is_title=True), *blocks], ""
    _mark_repeated_title(blocks, title)
    document = build_document(
        blocks, collector, title=title, language="" if is_piece else _find_language(page)
    )
    return replace(document, title="") if is_piece else document


def _mark_repeated_title(blocks: list[Block], title: str) -> None:
    """Mark the first paragraph as the title if it repeats the title of the page."""
    first = next((b for b in blocks if isinstance(b, Table) or not b.is_empty()), None)
    if title and isinstance(first, Paragraph) and " ".join(first.text.split()) == title:
        first.is_title = True


def _find_language(page: LexborHTMLParser) -> str:
    for node in (page.body, page.root):
        if node is not None and (language := node.attributes.get("lang")):
            return language.strip()
    node = page.css_first('meta[http-equiv="content-language" i]')
    return (node.attributes.get("content") or "").strip() if node is not None else ""


class _PageReader:
    def __init__(self, page: LexborHTMLParser, collector: Collector) -> None:
        self._collector = collector
        self._sheet = StyleSheet(page)
        self._notes: Notes = find_notes(page)
        self._quoted = {node.mem_id for node in page.css(_QUOTED_MAIL)}
        self._note_spans: dict[int, Span] = {}
        self._blocks: list[Block] = []
        self._paragraph = Paragraph()
        self._hidden_words: list[str] = []
        self._has_pending_rule = False
        self._list_counters: dict[str, int] = {}
        self._page_length = 1

    def read(self, body: LexborNode) -> list[Block]:
        self._page_length = len(body.text(deep=True) or "") or 1
        blocks = self._read_blocks(body, self._enter(body, _Context()))
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
        if context.depth > min(MAX_DEPTH, MAX_OPEN_TAGS):
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
        if tag in _IGNORED or node.mem_id in self._notes.note_containers:
            return
        if node.mem_id in self._notes.comments:
            self._collector.add_remark(RemarkKind.REVIEW_COMMENTS, _get_words(node))
            return
        if node.mem_id in self._notes.comment_marks or node.mem_id in self._notes.back_links:
            return
        styles = self._sheet.get(node)
        if _is_hidden(node, tag, styles):
            self._add_hidden(_get_words(node))
            return
        if _is_deletion(node, tag):
            self._collector.add_remark(RemarkKind.TRACKED_CHANGES, _get_words(node))
            return
        if tag == "ins" and (node.attributes.get("datetime") or node.attributes.get("cite")):
            self._collector.add_remark(RemarkKind.TRACKED_CHANGES, _get_words(node))
        if self._is_furniture(node, tag):
            self._collector.add_remark(RemarkKind.PAGE_FURNITURE, _get_words(node))
            return
        if node.mem_id in self._quoted and self._ends_page(node):
            self._collector.add_remark(RemarkKind.QUOTED_MAIL, _get_words(node))
            return
        context = self._enter(node, outer, styles)
        self._dispatch(node, tag, context, styles)
        if context.is_invisible and not outer.is_invisible:
            self._add_hidden(" ".join(self._hidden_words))
            self._hidden_words = []

    def _dispatch(self, node: LexborNode, tag: str, context: _Context, styles: Styles) -> None:
        if node.mem_id in self._notes.containers_by_mark:
            self._add_note(node, context)
        elif tag == "br":
            self._paragraph.spans.append(Span("\n"))
        elif tag == "hr":
            self._end_paragraph()
            self._has_pending_rule = bool(self._blocks)
        elif tag == "img" or (tag == "input" and node.attributes.get("type") == "image"):
            self._add_picture(node)
        elif tag in _OBJECTS:
            self._collector.add_remark(RemarkKind.OBJECTS, _get_words(node))
        elif tag in {"input", "select", "textarea", "button"}:
            self._add_form_field(node, tag, context)
        elif tag == "table":
            self._add_table(node, context)
        elif tag == "rt":
            self._add_text(" (", context)
            self._walk(node, context)
            self._add_text(") ", context)
        elif tag in {"ul", "ol", "menu", "dir"}:
            self._read_list(node, tag, context)
        elif tag in _HEADINGS or tag in _BLOCKS or styles.get("display") in {"block", "list-item"}:
            self._read_block_element(node, tag, context, styles)
        else:
            if tag == "math":
                self._collector.add_remark(RemarkKind.OBJECTS, _get_words(node))
            self._walk(node, context)

    def _read_block_element(
        self, node: LexborNode, tag: str, context: _Context, styles: Styles
    ) -> None:
        classes = (node.attributes.get("class") or "").split()
        first = not self._blocks and not self._paragraph.spans
        self._end_paragraph()
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
        self._paragraph.depth = int(level[1]) - 1 if level else _get_indent_level(styles)
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
        _separate_typed_label(paragraph)
        if paragraph.is_empty():
            if paragraph.label:
                self._paragraph.label = paragraph.label
                self._paragraph.depth = paragraph.depth
            return
        if self._has_pending_rule:
            self._blocks.append(Paragraph([Span("---", is_markdown=True)]))
            self._has_pending_rule = False
        self._collector.count_block(paragraph.text)
        self._blocks.append(paragraph)

    def _read_list(self, node: LexborNode, tag: str, context: _Context) -> None:
        self._end_paragraph()
        kix = next(
            (name for name in (node.attributes.get("class") or "").split() if "lst-kix_" in name),
            "",
        )
        depth = context.list_depth + 1
        if kix and kix[-1:].isdigit():
            depth = max(depth, int(kix[-1]))
        context = replace(context, list_depth=depth)
        items = [child for child in node.iter() if child.tag == "li"]
        number, step = _read_start(node, items)
        if kix and "start" not in node.attributes:
            number = self._list_counters.get(kix, 0) + 1
        child = node.first_child
        while child is not None:
            following = child.next
            if child.tag == "li":
                number = _read_integer(child.attributes.get("value"), number)
                self._read_item(child, node, tag, kix, number, context)
                number += step
            elif child.is_element_node:
                self._read_element(child, context)
            elif child.is_text_node:
                self._add_text(child.text_content or "", context)
            child = following
        self._end_paragraph()
        if kix:
            self._list_counters[kix] = number - step

    def _read_item(
        self,
        item: LexborNode,
        parent: LexborNode,
        tag: str,
        kix: str,
        number: int,
        context: _Context,
    ) -> None:
        if item.mem_id in self._notes.note_containers:
            return
        self._end_paragraph()
        pending = self._paragraph.label
        self._paragraph = Paragraph(depth=context.list_depth)
        label, is_bullet = self._get_label(item, parent, tag, kix, number, context.list_depth)
        self._paragraph.bullet = is_bullet
        self._paragraph.label = f"{pending} {label}".strip()
        if label in _GLYPHS_OF_BOXES:
            self._paragraph.label = ""
            self._add_text(f"{_GLYPHS_OF_BOXES[label]} ", context)
            self._paragraph.bullet = True
        self._read_element(item, context) if _needs_own_style(item) else self._walk(item, context)
        self._end_paragraph()
        self._paragraph = Paragraph()

    def _get_label(
        self, item: LexborNode, parent: LexborNode, tag: str, kix: str, number: int, depth: int
    ) -> tuple[str, bool]:
        """Return the label of a list item, or '' and True for a bullet."""
        kind = (item.attributes.get("type") or parent.attributes.get("type") or "").strip()
        style = self._sheet.get(item) | self._sheet.get(parent)
        css_kind = style.get("list-style-type") or style.get("list-style", "").partition(" ")[0]
        if kix in self._sheet.list_numbers:
            prefix, name, suffix = self._sheet.list_numbers[kix]
            if not name:
                return (prefix if prefix in _GLYPHS_OF_BOXES else ""), True
            return f"{prefix}{_format(number, name)}{suffix}".strip(), False
        if tag != "ol":
            return "", True
        if kix:
            kind = kind or ("1", "a", "i")[depth % 3]
        elif css_kind == "none":
            return "", False
        name = kind or css_kind or "decimal"
        return f"{_format(number, name)}.", False

    # --- tables

    def _add_table(self, node: LexborNode, context: _Context) -> None:
        self._end_paragraph()
        context = replace(context, list_depth=-1)
        rows: list[list[list[Block]]] = []
        covered: dict[tuple[int, int], bool] = {}
        for part in _list_table_parts(node):
            if part.tag != "tr":
                self._read_element(part, context)
                self._end_paragraph()
                continue
            if _is_hidden(part, "tr", self._sheet.get(part)):
                self._add_hidden(_get_words(part))
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
            if _is_hidden(cell, cell.tag, styles):
                self._add_hidden(_get_words(cell))
                continue
            if self._is_invisible_cell(cell, styles, context):
                blocks: list[Block] = []
            else:
                blocks = self._read_blocks(cell, self._enter(cell, context, styles))
            width = min(MAX_SPAN, max(1, _read_integer(cell.attributes.get("colspan"), 1)))
            height = min(MAX_SPAN, max(1, _read_integer(cell.attributes.get("rowspan"), 1)))
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
        self._add_hidden(_get_words(cell))
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
            is_invisible=_is_invisible(styles, outer),
            keeps_lines=space.startswith(("pre", "break-spaces")) if space else outer.keeps_lines,
            in_quote=outer.in_quote or tag == "blockquote",
            in_heading=outer.in_heading,
            list_depth=outer.list_depth,
            depth=outer.depth + 1,
        )

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
            if raised == text and before.isdigit() and text[:1].isdigit():
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
            if identity not in self._note_spans and (words := _get_words(container)):
                self._collector.add_remark(RemarkKind.OTHER, words)

    def _add_picture(self, node: LexborNode) -> None:
        description = " ".join((node.attributes.get("alt") or "").split())
        if 0 < len(description) <= 8 and not any(c.isalnum() or c.isascii() for c in description):
            self._paragraph.spans.append(Span(description))  # mail programs send emoji as pictures
            return
        source = node.attributes.get("src") or ""
        content = _read_data_picture(source)
        if content:
            self._paragraph.spans.append(self._collector.add_picture(content, description))
        else:
            self._collector.add_remark(RemarkKind.PICTURES, description)

    def _add_form_field(self, node: LexborNode, tag: str, context: _Context) -> None:
        kind = (node.attributes.get("type") or "text").strip().lower()
        value = (node.attributes.get("value") or "").strip()
        if tag == "button" or kind in {"submit", "reset", "button"}:
            words = _get_words(node) or value
            self._collector.add_remark(RemarkKind.PAGE_FURNITURE, words) if words else None
        elif tag == "textarea":
            self._add_text(node.text() or "", replace(context, keeps_lines=True))
        elif tag == "select":
            self._add_choice(node, context)
        elif kind in {"checkbox", "radio"}:
            self._add_text("☒ " if "checked" in node.attributes else "☐ ", context)
        elif kind not in {"hidden", "password", "file"} and value:
            self._add_text(f" {value} ", context)

    def _add_choice(self, node: LexborNode, context: _Context) -> None:
        options = node.css("option")
        chosen = [option for option in options if "selected" in option.attributes]
        if not chosen and "multiple" not in node.attributes:
            chosen = options[:1]
        identities = {option.mem_id for option in chosen}
        self._add_text(f" {', '.join(map(_get_words, chosen))} ", context)
        others = [_get_words(option) for option in options if option.mem_id not in identities]
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
        if part == "header" and (node.css_first("h1") is not None or _is_within_article(node)):
            return False
        if part == "footer" and _is_within_article(node):
            return False
        # An element that was never closed holds the rest of the letter too.
        return len(node.text(deep=True) or "") * 2 < self._page_length

    def _ends_page(self, node: LexborNode) -> bool:
        """Return whether no words of the sender follow an element."""
        current: LexborNode | None = node
        while current is not None and current.tag != "body":
            following = current.next
            while following is not None:
                is_quoted = following.mem_id in self._quoted
                if not is_quoted and not following.is_comment_node and _get_words(following):
                    return False
                following = following.next
            current = current.parent
        return bool(self._blocks or self._paragraph.spans)


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


def unwrap_redirect(address: str) -> str:
    """Return the address to which Google Docs or Outlook redirect, or the address itself.

    Their redirects tell a third party who reads the letter, and can name the recipient of a mail.
    """
    for _ in range(3):
        try:
            parts = urlsplit(address)
            host = (parts.hostname or "").removeprefix("www.")
            query = parse_qs(parts.query)
        except ValueError:
            return address
        if re.fullmatch(r"google\.[a-z.]{2,6}", host) and parts.path == "/url":
            target = (query.get("q") or query.get("url") or [""])[0]
        elif host.endswith(".safelinks.protection.outlook.com"):
            target = query.get("url", [""])[0]
        else:
            return address
        if not target:
            return address
        address = target
    return address


def _is_hidden(node: LexborNode, tag: str, styles: Styles) -> bool:
    """Return whether a browser leaves out an element with all that is in it."""
    attributes = node.attributes
    return (
        tag in _HIDDEN
        or "hidden" in attributes
        or (tag == "dialog" and "open" not in attributes)
        or (tag == "input" and (attributes.get("type") or "").lower() == "hidden")
        or styles.get("display") == "none"
        or is_zero(styles.get("opacity", ""))
        or (
            (is_zero(styles.get("max-height", "")) or is_zero(styles.get("height", "")))
            and "hidden" in styles.get("overflow", "")
        )
        or is_far_outside(styles.get("text-indent", ""))
        or (
            styles.get("position") in {"absolute", "fixed"}
            and any(is_far_outside(styles.get(side, "")) for side in ("left", "top"))
        )
    )


def _is_invisible(styles: Styles, outer: _Context) -> bool:
    """Return whether text in an element is invisible, unless an element in it undoes that."""
    visibility, size = styles.get("visibility", ""), styles.get("font-size", "")
    if visibility in {"hidden", "collapse"} or styles.get("mso-hide") == "all" or is_zero(size):
        return True
    is_shown = visibility == "visible" or (size and not is_zero(size)) or "mso-hide" in styles
    return outer.is_invisible and not is_shown


def _is_deletion(node: LexborNode, tag: str) -> bool:
    """Return whether an element is a deletion that Word tracked, not a struck-out text."""
    attributes = node.attributes
    return "msoDel" in (attributes.get("class") or "").split() or (
        tag == "del" and bool(attributes.get("datetime") or attributes.get("cite"))
    )


def _is_within_article(node: LexborNode) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.tag in {"article", "main", "section", "blockquote"}:
            return True
        parent = parent.parent
    return False


def _needs_own_style(item: LexborNode) -> bool:
    return bool({"style", "class", "hidden", "id", "lang"} & item.attributes.keys())


def _get_words(node: LexborNode) -> str:
    """Return the words in an element, as a remark quotes them."""
    parts = []
    if node.is_text_node:
        parts = [node.text_content or ""]
    elif (node.tag or "") not in _IGNORED:
        if node.tag == "template":
            inner = LexborHTMLParser(node.inner_html or "")
            parts = [inner.body.text(deep=True, separator=" ") if inner.body else ""]
        else:
            parts = [
                part.text_content or ""
                for part in node.traverse(include_text=True)
                if part.is_text_node and (part.parent is None or part.parent.tag not in _IGNORED)
            ]
            parts += [image.attributes.get("alt") or "" for image in node.css("img[alt]")]
    return " ".join(" ".join(parts).split())


def _get_indent_level(styles: Styles) -> int:
    match = re.match(r"(\d+(?:\.\d+)?)(pt|cm|in|px|mm)", styles.get("margin-left", ""))
    if not match:
        return 0
    points = float(match[1]) * {"pt": 1, "cm": 28.35, "in": 72, "px": 0.75, "mm": 2.835}[match[2]]
    return max(0, min(8, round(points / 36) - 1))


def _read_integer(text: str | None, default: int) -> int:
    match = re.match(r"\s*([-+]?\d{1,6})", text or "", re.ASCII)
    return int(match[1]) if match else default


def _read_start(node: LexborNode, items: list[LexborNode]) -> tuple[int, int]:
    """Return the first number of a list, and by how much each item adds to it."""
    is_reversed = "reversed" in node.attributes
    first = _read_integer(node.attributes.get("start"), len(items) if is_reversed else 1)
    return first, -1 if is_reversed else 1


def _format(number: int, name: str) -> str:
    if name == "arabic-indic":
        return "".join(chr(0x660 + int(digit)) for digit in str(number))
    return format_number(number, _NUMBER_FORMATS.get(name, "decimal"))


def _list_table_parts(table: LexborNode) -> list[LexborNode]:
    """Return the rows of a table, with its heads first and its foot last, and its caption."""
    captions, heads, rows, feet = [], [], [], []
    for child in table.iter():
        if child.tag in {"thead", "tbody", "tfoot"}:
            group = {"thead": heads, "tfoot": feet}.get(child.tag, rows)
            group += list(child.iter())
        elif child.tag == "tr":
            rows.append(child)
        elif child.tag not in {"colgroup", "col"}:
            captions.append(child)
    return [*captions, *heads, *rows, *feet]


def _read_data_picture(source: str) -> bytes:
    match = _DATA_PICTURE.match(source)
    if not match:
        return b""
    if not match[1]:
        return unquote_to_bytes(match[2])
    try:
        return base64.b64decode(re.sub(r"\s+|%0A|%20", "", match[2]))
    except (ValueError, binascii.Error):
        return b""
