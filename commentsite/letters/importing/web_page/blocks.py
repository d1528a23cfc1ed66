"""The blocks inside an element of a web page."""

from selectolax.lexbor import LexborNode

from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.markdown.tree import Block, Paragraph
from commentsite.letters.importing.web_page.page import Context, Page
from commentsite.letters.importing.web_page.paragraphs import end_paragraph
from commentsite.letters.importing.web_page.text import add_text

MAX_DEPTH = 150  # of elements after parsing


def read_blocks(page: Page, node: LexborNode, context: Context) -> list[Block]:
    """Return the blocks inside an element, apart from those around it."""
    outer = page.blocks, page.paragraph
    page.blocks, page.paragraph = [], Paragraph()
    walk(page, node, context)
    end_paragraph(page)
    blocks = [*page.blocks, Paragraph(page.prefix)] if page.prefix else page.blocks
    page.prefix = []
    page.blocks, page.paragraph = outer
    return blocks


def walk(page: Page, node: LexborNode, context: Context) -> None:
    if context.depth > MAX_DEPTH:
        raise UnreadableFile(FileProblem.TOO_COMPLEX)
    child = node.first_child
    while child is not None:
        following = child.next
        if child.is_text_node:
            add_text(page, child.text_content or "", context)
        elif child.is_element_node:
            page.read_element(child, context)
        child = following
