"""Go through the elements of a web page and collect the paragraphs and tables that a browser shows."""

from collections.abc import Callable
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from commentsite.letters.importing.markdown.tree import Block, Collector, Paragraph, Span
from commentsite.letters.importing.web_page.blocks import read_blocks, walk
from commentsite.letters.importing.web_page.context import enter, enter_page
from commentsite.letters.importing.web_page.elements import IGNORED_TAGS, get_words, read_box
from commentsite.letters.importing.web_page.exclusions import (
    find_reason_to_leave_out,
    leave_out_attribution,
)
from commentsite.letters.importing.web_page.form_fields import (
    add_choice,
    add_input,
    add_text_field,
    name_button,
)
from commentsite.letters.importing.web_page.lists import read_list
from commentsite.letters.importing.web_page.page import Context, Page
from commentsite.letters.importing.web_page.paragraphs import (
    end_paragraph,
    take_list_label,
    take_typed_bullet,
)
from commentsite.letters.importing.web_page.pictures import add_picture
from commentsite.letters.importing.web_page.styles import Styles
from commentsite.letters.importing.web_page.tables import add_table
from commentsite.letters.importing.web_page.text import add_hidden, add_text
from commentsite.letters.remarks import RemarkKind, TrackedChange
from commentsite.letters.text.labels import MAX_LABEL_LENGTH

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
_SIGNATURE_CLASSES = frozenset({"gmail_signature", "moz-signature"})


def read_page(tree: LexborHTMLParser, body: LexborNode, collector: Collector) -> list[Block]:
    """Return the paragraphs and tables that a browser shows. Raises UnreadableFile on deep nesting."""
    page = Page(tree, collector, _read_element)
    page.page_length = len(body.text(deep=True) or "") or 1
    root = body.parent
    context = Context() if root is None else enter(page, root, Context())
    blocks = read_blocks(page, body, enter_page(page, body, context))
    _name_unused_notes(page)
    return blocks


def _read_element(page: Page, node: LexborNode, outer: Context) -> None:
    tag = node.tag or ""
    if tag in IGNORED_TAGS or _belongs_to_notes(page, node):
        return
    styles = page.sheet.get(node)
    if kind := find_reason_to_leave_out(page, node, tag, styles):
        if kind == RemarkKind.QUOTED_MAIL:
            leave_out_attribution(page)
        words = get_words(node)
        if words and kind == RemarkKind.TRACKED_CHANGES:
            page.collector.add_change(TrackedChange.DELETED, words)
        elif words:
            page.collector.add_remark(kind, words)
        return
    if tag == "ins" and (node.attributes.get("datetime") or node.attributes.get("cite")):
        page.collector.add_change(TrackedChange.INSERTED, get_words(node))
    context = enter(page, node, outer, styles)
    if node.mem_id in page.notes.containers_by_mark:
        _add_note(page, node, context)
    else:
        _read_content(page, node, tag, context, styles)
    if context.is_invisible and not outer.is_invisible:
        add_hidden(page, " ".join(page.hidden_words))
        page.hidden_words = []


def _belongs_to_notes(page: Page, node: LexborNode) -> bool:
    """Return whether an element is a mark or a text that the notes and comments account for."""
    notes, identity = page.notes, node.mem_id
    if identity in notes.comments:
        page.collector.add_remark(RemarkKind.REVIEW_COMMENTS, get_words(node))
    return (
        identity in notes.note_containers
        or identity in notes.comments
        or identity in notes.comment_marks
        or identity in notes.back_links
    )


def _add_note(page: Page, mark: LexborNode, context: Context) -> None:
    if context.is_invisible:
        return
    container = page.notes.containers_by_mark[mark.mem_id]
    if container.mem_id not in page.note_spans:
        # A note is read apart: a link in it to another note must not lead back to it.
        page.note_spans[container.mem_id] = Span("", is_markdown=True)
        blocks = read_blocks(page, container, Context(depth=context.depth + 1))
        page.note_spans[container.mem_id] = page.collector.add_note(blocks)
    page.paragraph.spans.append(page.note_spans[container.mem_id])


def _name_unused_notes(page: Page) -> None:
    for identity, container in page.notes.note_containers.items():
        if identity not in page.note_spans and (words := get_words(container)):
            page.collector.add_remark(RemarkKind.OTHER, words)


def _read_content(page: Page, node: LexborNode, tag: str, context: Context, styles: Styles) -> None:
    if tag == "span" and _is_list_label(page, node, styles):
        take_list_label(page, get_words(node))
    elif tag != "input" and (box := read_box(node)):
        add_text(page, f"{box} ", context)
        walk(page, node, context)
    elif tag in _READERS:
        _READERS[tag](page, node, context)
    elif tag in _HEADINGS or tag in _BLOCKS or _is_shown_as_block(styles):
        _read_block_element(page, node, tag, context, styles)
    else:
        walk(page, node, context)


def _is_shown_as_block(styles: Styles) -> bool:
    # A floating element, such as a drop cap, stands beside the words that follow.
    is_floating = styles.get("float") in {"left", "right"}
    return styles.get("display") in {"block", "list-item"} and not is_floating


def _is_list_label(page: Page, node: LexborNode, styles: Styles) -> bool:
    """Return whether an element is the number that LibreOffice writes before a list item or heading."""
    parent = node.parent
    if parent is None:
        return False
    is_in_item = parent.tag == "p" and parent.parent is not None and parent.parent.tag == "li"
    return (
        (is_in_item or parent.tag in _HEADINGS)
        and (styles.get("float"), styles.get("display")) == ("left", "block")
        and not page.paragraph.spans
        and 0 < len(get_words(node)) <= MAX_LABEL_LENGTH
    )


def _read_block_element(
    page: Page, node: LexborNode, tag: str, context: Context, styles: Styles
) -> None:
    classes = (node.attributes.get("class") or "").split()
    first = not page.blocks and not page.paragraph.spans
    end_paragraph(page)
    if _SIGNATURE_CLASSES.intersection(classes) and get_words(node):
        page.blocks.append(Paragraph([Span("--")]))
    level = _HEADINGS.get(tag, 0)
    if node.attributes.get("role") == "heading":
        level = level or int((node.attributes.get("aria-level") or "2").strip()[:1] or 2)
    if level or (first and {"title", "Title", "MsoTitle"} & set(classes)):
        page.paragraph.heading = level
        page.paragraph.is_title = not level
        context = replace(context, in_heading=True)
    elif "mso-list" in styles or any(name.startswith("MsoListParagraph") for name in classes):
        walk(page, node, context)
        take_typed_bullet(page, styles)
        end_paragraph(page)
        return
    walk(page, node, context)
    if styles.get("mso-element", "").startswith("dropcap") and page.paragraph.spans:
        page.prefix, page.paragraph = page.paragraph.spans, Paragraph()
    end_paragraph(page)


def _add_line_break(page: Page, _node: LexborNode, _context: Context) -> None:
    page.paragraph.spans.append(Span("\n"))


def _add_rule(page: Page, _node: LexborNode, _context: Context) -> None:
    end_paragraph(page)
    page.has_pending_rule = bool(page.blocks)


def _name_object(page: Page, node: LexborNode, _context: Context) -> None:
    page.collector.add_remark(RemarkKind.OBJECTS, get_words(node))


def _read_formula(page: Page, node: LexborNode, context: Context) -> None:
    page.collector.add_remark(RemarkKind.OBJECTS, get_words(node))
    walk(page, node, context)


def _read_pronunciation(page: Page, node: LexborNode, context: Context) -> None:
    add_text(page, " (", context)
    walk(page, node, context)
    add_text(page, ") ", context)


_READERS: dict[str, Callable[[Page, LexborNode, Context], None]] = {
    "br": _add_line_break,
    "hr": _add_rule,
    "img": add_picture,
    "input": add_input,
    "textarea": add_text_field,
    "select": add_choice,
    "button": name_button,
    "table": add_table,
    "rt": _read_pronunciation,
    "math": _read_formula,
    **dict.fromkeys(("ul", "ol", "menu", "dir"), read_list),
    **dict.fromkeys(_OBJECTS, _name_object),
}
