"""Pictures of a web page."""

from selectolax.lexbor import LexborNode

from commentsite.letters.importing.markdown.tree import Span
from commentsite.letters.importing.web_page.elements import read_data_picture
from commentsite.letters.importing.web_page.page import Context, Page
from commentsite.letters.remarks import RemarkKind


def add_picture(page: Page, node: LexborNode, context: Context) -> None:
    description = " ".join((node.attributes.get("alt") or "").split())
    if context.is_concealed or context.is_left_to_word:
        page.collector.add_remark(RemarkKind.PICTURES, description)
        return
    if 0 < len(description) <= 8 and not any(c.isalnum() or c.isascii() for c in description):
        page.paragraph.spans.append(Span(description))  # mail programs send emoji as pictures
        return
    source = node.attributes.get("src") or ""
    content = read_data_picture(source)
    if content:
        page.paragraph.spans.append(page.collector.add_picture(content, description))
    else:
        page.collector.add_remark(RemarkKind.PICTURES, description)
