"""Elements of a web page that are left out: hidden and deleted text, menus, quoted mails."""

from selectolax.lexbor import LexborNode

from commentsite.letters.importing.markdown.tree import Paragraph
from commentsite.letters.importing.web_page.block_lines import take_attribution
from commentsite.letters.importing.web_page.elements import (
    get_words,
    is_deletion,
    is_hidden,
    is_within_article,
)
from commentsite.letters.importing.web_page.page import Page
from commentsite.letters.importing.web_page.styles import Styles
from commentsite.letters.remarks import RemarkKind

_PAGE_PARTS = {
    "nav": "nav", "header": "header", "footer": "footer",
    "navigation": "nav", "banner": "header", "contentinfo": "footer", "search": "nav",
}  # fmt: skip

#: Classes of boxes with buttons that plugins of blogs put after a text.
_SHARE_BOXES = frozenset({
    "sharedaddy", "jp-relatedposts", "addtoany_share_save_container", "heateor_sss_sharing_container",
    "shared-counts-wrap", "essb_links",
})  # fmt: skip


def find_reason_to_leave_out(
    page: Page, node: LexborNode, tag: str, styles: Styles
) -> RemarkKind | None:
    if is_hidden(node, tag, styles):
        return RemarkKind.HIDDEN_TEXT
    if is_deletion(node, tag):
        return RemarkKind.TRACKED_CHANGES
    if _is_furniture(page, node, tag):
        return RemarkKind.PAGE_FURNITURE
    is_quoted = node.mem_id in page.quoted and (
        _ends_page(page, node)
        or (node.mem_id in page.certainly_quoted and _has_other_words(page, node))
    )
    return RemarkKind.QUOTED_MAIL if is_quoted else None


def _is_furniture(page: Page, node: LexborNode, tag: str) -> bool:
    """Return whether an element is a menu, a head or a foot of the page around the letter."""
    if not _SHARE_BOXES.isdisjoint((node.attributes.get("class") or "").split()):
        return not page.page_length or len(node.text(deep=True) or "") * 2 < page.page_length
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
    return len(node.text(deep=True) or "") * 2 < page.page_length


def _ends_page(page: Page, node: LexborNode) -> bool:
    """Return whether words of the sender are before an element, and none follow it."""
    return bool(page.blocks or page.paragraph.spans) and not _has_words_after(page, node)


def _has_other_words(page: Page, node: LexborNode) -> bool:
    return bool(page.blocks or page.paragraph.spans) or _has_words_after(page, node)


def _has_words_after(page: Page, node: LexborNode) -> bool:
    current: LexborNode | None = node
    while current is not None and current.tag != "body":
        following = current.next
        while following is not None:
            is_quoted = following.mem_id in page.quoted
            if not is_quoted and not following.is_comment_node and get_words(following):
                return True
            following = following.next
        current = current.parent
    return False


def leave_out_attribution(page: Page) -> None:
    """Leave out the line above a quoted mail, if a mail program wrote it."""
    above = page.paragraph
    if above.is_empty() and page.blocks and isinstance(page.blocks[-1], Paragraph):
        above = page.blocks[-1]
    if words := take_attribution(above):
        page.collector.add_remark(RemarkKind.QUOTED_MAIL, words)
