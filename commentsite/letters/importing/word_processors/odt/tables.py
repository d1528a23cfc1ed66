"""Tables of an OpenDocument text."""

from collections.abc import Iterator

from commentsite.letters.importing.markdown.tree import Block, MergedCell, Table
from commentsite.letters.importing.word_processors.odt.document import Document, Place
from commentsite.letters.importing.word_processors.odt.elements import to_int
from commentsite.letters.importing.word_processors.odt.namespaces import TABLE
from commentsite.letters.importing.word_processors.package import Element
from commentsite.letters.remarks import RemarkKind


def read_table(document: Document, table: Element, place: Place) -> Table:
    rows = []
    background = _find_background(document, table, "table", place.background)
    for row in _iterate_rows(table):
        mark = document.collector.mark()
        row_background = _find_background(document, row, "table-row", background)
        cells: list[list[Block]] = []
        for cell in row:
            if cell.tag not in {TABLE + "table-cell", TABLE + "covered-table-cell"}:
                continue
            document.collector.count_block()
            behind = _find_background(document, cell, "table-cell", row_background)
            blocks = document.read_blocks(cell, Place(is_in_cell=True, background=behind))
            is_covered = cell.tag == TABLE + "covered-table-cell" and not blocks
            cells.append(MergedCell() if is_covered else blocks)
            repeated = to_int(cell.get(TABLE + "number-columns-repeated"), 1)
            cells += [MergedCell() if is_covered else [] for _ in range(repeated - 1)]
        if row.get(TABLE + "visibility", "visible") != "visible":
            words = document.collector.take_words(mark, *cells)
            document.collector.add_remark(RemarkKind.HIDDEN_TEXT, words)
        else:
            rows.append(cells)
    return Table(rows)


def _iterate_rows(table: Element) -> Iterator[Element]:
    for child in table:
        if child.tag == TABLE + "table-row":
            yield child
        elif str(child.tag).startswith(TABLE) and child.tag != TABLE + "table-column":
            yield from _iterate_rows(child)


def _find_background(document: Document, element: Element, family: str, background: str) -> str:
    style = element.get(TABLE + "style-name", "")
    return document.styles.find_background(style, family, background)
