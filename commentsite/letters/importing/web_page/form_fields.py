"""Form fields of a web page, with their values."""

from dataclasses import replace

from selectolax.lexbor import LexborNode

from commentsite.letters.importing.web_page.elements import get_words
from commentsite.letters.importing.web_page.page import Context, Page
from commentsite.letters.importing.web_page.pictures import add_picture
from commentsite.letters.importing.web_page.text import add_text
from commentsite.letters.remarks import RemarkKind


def add_input(page: Page, node: LexborNode, context: Context) -> None:
    kind = (node.attributes.get("type") or "text").strip().lower()
    value = (node.attributes.get("value") or "").strip()
    if kind == "image":
        add_picture(page, node, context)
    elif kind in {"checkbox", "radio"}:
        add_text(page, "☒ " if "checked" in node.attributes else "☐ ", context)
    elif kind in {"submit", "reset", "button"}:
        page.collector.add_remark(RemarkKind.PAGE_FURNITURE, value)
    elif kind not in {"password", "file"} and value:
        add_text(page, f" {value} ", context)


def add_text_field(page: Page, node: LexborNode, context: Context) -> None:
    add_text(page, node.text() or "", replace(context, keeps_lines=True))


def add_choice(page: Page, node: LexborNode, context: Context) -> None:
    options = node.css("option")
    chosen = [option for option in options if "selected" in option.attributes]
    if not chosen and "multiple" not in node.attributes:
        chosen = options[:1]
    identities = {option.mem_id for option in chosen}
    add_text(page, f" {', '.join(map(get_words, chosen))} ", context)
    others = [get_words(option) for option in options if option.mem_id not in identities]
    if any(others):
        page.collector.add_remark(RemarkKind.HIDDEN_TEXT, ", ".join(others))


def name_button(page: Page, node: LexborNode, _context: Context) -> None:
    page.collector.add_remark(RemarkKind.PAGE_FURNITURE, get_words(node))
