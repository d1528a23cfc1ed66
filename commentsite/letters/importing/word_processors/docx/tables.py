"""Tables of a Word document."""

from dataclasses import replace

from commentsite.letters.importing.markdown.tree import Block, MergedCell, Table, plain_text
from commentsite.letters.importing.word_processors.docx.document import Context, Document
from commentsite.letters.importing.word_processors.docx.elements import (
    W,
    get_value,
    is_on,
    iterate_wrapped,
)
from commentsite.letters.importing.word_processors.docx.shading import read_shading
from commentsite.letters.importing.word_processors.docx.tracked_changes import describe_deletion
from commentsite.letters.importing.word_processors.package import Element
from commentsite.letters.remarks import RemarkKind, TrackedChange

_PLAIN_TABLE_STYLES = frozenset({"", "tablegrid", "tablenormal", "normaltable"})
MAX_SPAN = 200  # columns of a merged cell


def read_table(document: Document, table: Element, context: Context) -> Table:
    properties = table.find(W + "tblPr")
    style = get_value(properties, "tblStyle")
    is_plain = (style or "").lower() in _PLAIN_TABLE_STYLES
    background = context.background if is_plain else ""
    context = replace(
        context,
        table_style=style,
        is_in_cell=True,
        background=read_shading(properties, background),
    )
    rows = []
    for row in iterate_wrapped(table, "tr"):
        properties = row.find(W + "trPr")
        if properties is not None and properties.find(W + "del") is not None:
            describe_deletion(document, row)
            continue
        mark = document.collector.mark()
        cells = _read_row(document, row, properties, context)
        if is_on(get_value(properties, "hidden")):
            words = document.collector.take_words(mark, *cells)
            document.collector.add_remark(RemarkKind.HIDDEN_TEXT, words)
            continue
        if properties is not None and properties.find(W + "ins") is not None:
            # Word marks the runs of an inserted row as inserted too.
            has_inserted_runs = row.find(f".//{W}ins/{W}r") is not None
            words = "" if has_inserted_runs else " ".join(plain_text(cell) for cell in cells)
            document.collector.add_change(TrackedChange.INSERTED, words)
        rows.append(cells)
    return Table(rows)


def continues_table(table: Element, before: Element) -> bool:
    """Return whether Word shows a table as part of the table directly before it."""
    floats = any(item.find(f"{W}tblPr/{W}tblpPr") is not None for item in (table, before))
    styles = [get_value(item.find(W + "tblPr"), "tblStyle") for item in (table, before)]
    return not floats and styles[0] == styles[1]


def _read_row(
    document: Document, row: Element, properties: Element | None, context: Context
) -> list[list[Block]]:
    skipped = _to_int(get_value(properties, "gridBefore"), 0)
    cells: list[list[Block]] = [[] for _ in range(skipped)]
    for cell in iterate_wrapped(row, "tc"):
        cell_properties = cell.find(W + "tcPr")
        if cell_properties is not None and cell_properties.find(W + "cellDel") is not None:
            describe_deletion(document, cell)
            continue
        background = read_shading(cell_properties, context.background)
        document.collector.count_block()
        blocks = document.read_blocks(cell, replace(context, background=background))
        merge = get_value(cell_properties, "vMerge")
        if cell_properties is not None and cell_properties.find(W + "cellIns") is not None:
            words = "" if cell.find(f".//{W}ins/{W}r") is not None else plain_text(blocks)
            document.collector.add_change(TrackedChange.INSERTED, words)
        continues = merge is not None and merge != "restart"
        cells.append(MergedCell() if continues and not blocks else blocks)
        span = _to_int(get_value(cell_properties, "gridSpan"), 1)
        cells += [MergedCell() for _ in range(span - 1)]
    return cells


def _to_int(value: str | None, default: int) -> int:
    return min(int(value), MAX_SPAN) if value and value.isdecimal() and len(value) < 9 else default
