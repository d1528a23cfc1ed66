"""Lists of a web page, with the numbers that a browser shows."""

from dataclasses import replace

from selectolax.lexbor import LexborNode

from commentsite.letters.importing.markdown.tree import Paragraph, Span
from commentsite.letters.importing.web_page.elements import format_label, read_integer, read_start
from commentsite.letters.importing.web_page.page import Context, Page
from commentsite.letters.importing.web_page.paragraphs import end_paragraph
from commentsite.letters.importing.web_page.text import add_text

_BOXES_OF_QUILL = {"checked": "☒", "unchecked": "☐"}
_GLYPHS_OF_BOXES = {"☐": "☐", "☑": "☒", "☒": "☒", "✓": "☒", "✔": "☒"}


def read_list(page: Page, node: LexborNode, context: Context) -> None:
    end_paragraph(page)
    classes = (node.attributes.get("class") or "").split()
    kix = next((name for name in classes if "lst-kix_" in name), "")
    depth = context.list_depth + 1
    if kix and kix[-1:].isdigit():  # Google Docs writes nested lists one after the other
        depth = max(depth, int(kix[-1]))
    context = replace(context, list_depth=depth)
    items = [child for child in node.iter() if child.tag == "li"]
    number, step = read_start(node, len(items))
    if kix and "start" not in node.attributes:
        number = page.list_counters.get(kix, 0) + 1
    child = node.first_child
    while child is not None:
        following = child.next
        if child.tag == "li":
            number = read_integer(child.attributes.get("value"), number)
            page.item_numbers.append(number)
            _read_item(page, child, _get_label(page, child, kix, number, depth), context)
            page.item_numbers.pop()
            number += step
        elif child.is_element_node:
            page.read_element(child, context)
        elif child.is_text_node:
            add_text(page, child.text_content or "", context)
        child = following
    end_paragraph(page)
    if kix:
        page.list_counters[kix] = number - step


def _read_item(page: Page, item: LexborNode, label: str | None, context: Context) -> None:
    """Read a list item. Its label is None for a bullet, and can be a box to tick."""
    end_paragraph(page)
    outer_label = page.paragraph.label  # of an item that has nothing but this list
    page.paragraph = Paragraph(depth=context.list_depth)
    if label in _GLYPHS_OF_BOXES:
        page.prefix = [Span(f"{_GLYPHS_OF_BOXES[label]} ")]
    else:
        page.paragraph.label = f"{outer_label} {label or ''}".strip()
    page.paragraph.bullet = label is None or label in _GLYPHS_OF_BOXES
    page.read_element(item, context)
    end_paragraph(page)
    if page.prefix:  # a box without words
        page.blocks.append(Paragraph(page.prefix, bullet=True, depth=context.list_depth))
        page.prefix = []
    page.paragraph = Paragraph()


def _get_label(page: Page, item: LexborNode, kix: str, number: int, depth: int) -> str | None:
    """Return the label of a list item, None for a bullet."""
    if kix in page.sheet.list_numbers:
        prefix, name, suffix = page.sheet.list_numbers[kix]
        if not name:
            return prefix if prefix in _GLYPHS_OF_BOXES else None
        return f"{prefix}{format_label(number, name)}{suffix}".strip()
    parent = item.parent
    kind = item.attributes.get("data-list") or ""  # of Quill, which writes all lists as numbered
    if kind in _BOXES_OF_QUILL or kind == "bullet":
        return _BOXES_OF_QUILL.get(kind)
    if parent is None or parent.tag != "ol":
        return None
    style = page.sheet.get(parent) | page.sheet.get(item)
    name = item.attributes.get("type") or parent.attributes.get("type") or ""
    if kix:
        name = name or ("1", "a", "i")[depth % 3]
    name = name.strip() or style.get("list-style-type") or style.get("list-style", "")
    if name == "none":
        return _write_counter(page)
    return f"{format_label(number, name.partition(' ')[0])}."


def _write_counter(page: Page) -> str:
    """Return the number that a style sheet shows before an item, '' without such a style."""
    numbers = page.item_numbers if page.sheet.item_counter == "counters" else page.item_numbers[-1:]
    return ".".join(map(str, numbers)) + "." if page.sheet.item_counter else ""
