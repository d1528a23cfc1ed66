"""Tables of a web page."""

from dataclasses import replace

from selectolax.lexbor import LexborNode

from commentsite.letters.importing.markdown.tree import Block, MergedCell, Table
from commentsite.letters.importing.web_page.blocks import read_blocks
from commentsite.letters.importing.web_page.context import enter
from commentsite.letters.importing.web_page.elements import (
    get_words,
    is_hidden,
    list_table_parts,
    read_integer,
)
from commentsite.letters.importing.web_page.page import Context, Page
from commentsite.letters.importing.web_page.paragraphs import end_paragraph
from commentsite.letters.importing.web_page.styles import Styles
from commentsite.letters.importing.web_page.text import add_hidden

MAX_SPAN = 40  # columns or rows of a merged cell


def add_table(page: Page, node: LexborNode, context: Context) -> None:
    end_paragraph(page)
    context = replace(context, list_depth=-1)
    rows: list[list[list[Block]]] = []
    covered: dict[tuple[int, int], bool] = {}
    for part in list_table_parts(node):
        if part.tag != "tr":
            page.read_element(part, context)
            end_paragraph(page)
            continue
        if is_hidden(part, "tr", page.sheet.get(part)):
            add_hidden(page, get_words(part))
            continue
        rows.append(_read_row(page, part, len(rows), covered, context))
    if rows:
        page.blocks.append(Table(rows))


def _read_row(
    page: Page,
    row: LexborNode,
    index: int,
    covered: dict[tuple[int, int], bool],
    context: Context,
) -> list[list[Block]]:
    cells: list[list[Block]] = []
    for cell in row.iter():
        if cell.tag not in {"td", "th"}:
            page.read_element(cell, context)
            continue
        while covered.get((index, len(cells))):
            cells.append(MergedCell())
        styles = page.sheet.get(cell)
        if is_hidden(cell, cell.tag, styles):
            add_hidden(page, get_words(cell))
            continue
        if _is_invisible_cell(page, cell, styles, context):
            blocks: list[Block] = []
        else:
            blocks = read_blocks(page, cell, enter(page, cell, context, styles))
        width = min(MAX_SPAN, max(1, read_integer(cell.attributes.get("colspan"), 1)))
        height = min(MAX_SPAN, max(1, read_integer(cell.attributes.get("rowspan"), 1)))
        for down in range(height):
            for right in range(width):
                covered[index + down, len(cells) + right] = True
        page.collector.count_block()
        cells += [blocks, *(MergedCell() for _ in range(width - 1))]
    while covered.get((index, len(cells))):
        cells.append(MergedCell())
    return cells


def _is_invisible_cell(page: Page, cell: LexborNode, styles: Styles, context: Context) -> bool:
    if context.is_invisible or not enter(page, cell, context, styles).is_invisible:
        return False
    add_hidden(page, get_words(cell))
    return True
