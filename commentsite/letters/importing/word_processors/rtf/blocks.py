"""Paragraphs and tables of a Rich Text file."""

import re
from dataclasses import replace

from commentsite.letters.importing.markdown.tree import Block, MergedCell, Paragraph, Span, Table
from commentsite.letters.importing.word_processors.rtf.document import Document, Style
from commentsite.letters.importing.word_processors.rtf.removed_text import flush_removed
from commentsite.letters.importing.word_processors.symbols import BOXES_AND_TICKS
from commentsite.letters.remarks import RemarkKind

MAX_CELLS = 200  # of a row
_HEADING_STYLE = re.compile(r"heading (\d)$", re.IGNORECASE)
_BULLET = re.compile(r"\s*[•·▪◦‣–]\t\s*")


def end_paragraph(document: Document) -> None:
    state, flow = document.state, document.flow
    if state.destination != "text":
        return
    if (state.is_deleted or state.is_drop_cap) and flow.spans:
        return  # the mark between two paragraphs was deleted, or divides a word from its first letter
    if not state.is_deleted and not state.is_hidden:
        flush_removed(document)
    elif document.hidden:
        document.hidden += " "
    spans, flow.spans = flow.spans, []
    stored_label, flow.label = flow.label, None
    text = "".join(span.text for span in spans)
    document.collector.count_block(text)
    if not state.is_in_table:
        end_table(document)
    label, bullet = _read_label(stored_label)
    blocks = flow.cell if state.is_in_table else flow.blocks
    if not text.strip():
        if not state.is_hidden:
            is_in_cell = state.is_in_table
            blocks += document.collector.read_empty_paragraph(label, is_in_cell=is_in_cell)
        return
    style = document.styles.get(state.style, Style())
    if style.name.lower().startswith("toc "):
        document.collector.add_remark(RemarkKind.PAGE_FURNITURE, text)
        return
    outline = state.outline if state.outline >= 0 else style.outline
    heading = _HEADING_STYLE.match(style.name)
    typed = _BULLET.match(text)
    if typed and stored_label is None:
        bullet, spans = True, _remove_start(spans, typed.end())
    paragraph = Paragraph(
        spans,
        label=label,
        heading=outline + 1 if 0 <= outline < 9 else int(heading[1]) if heading else 0,
        bullet=bullet,
        depth=max(0, min(state.depth, 8)),
        is_quote=style.name.lower() in {"quote", "intense quote", "quotations", "block text"},
        is_title=style.name.lower() == "title",
    )
    blocks.append(paragraph)


def _read_label(stored: str | None) -> tuple[str, bool]:
    """Return the number that the file stores for a paragraph, and whether it is a bullet instead.

    A bullet has no text, unless it is a box or a tick.
    """
    label = stored or ""
    is_bullet = stored is not None and not any(letter.isalnum() for letter in label)
    if is_bullet and label not in BOXES_AND_TICKS - set("■□◻❑❒"):
        label = ""
    return label, is_bullet


def _remove_start(spans: list[Span], length: int) -> list[Span]:
    """Return the spans without their first `length` characters."""
    rest = []
    for span in spans:
        rest.append(replace(span, text=span.text[length:]))
        length = max(0, length - len(span.text))
    return rest


def end_cell(document: Document) -> None:
    document.state.is_in_table = True
    end_paragraph(document)
    flow = document.flow
    if len(flow.row) < MAX_CELLS:
        is_covered = len(flow.row) in flow.merged and not flow.cell
        flow.row.append(MergedCell() if is_covered else flow.cell)
        flow.cell = []
    document.collector.count_block()


def end_row(document: Document) -> None:
    flow = document.flow
    if flow.cell:
        flow.row.append(flow.cell)
        flow.cell = []
    if flow.row:
        flow.rows.append((flow.edges[: len(flow.row)], flow.row))
    flow.row = []


def end_table(document: Document) -> None:
    """Add the table that has ended, its rows brought to common columns."""
    flow = document.flow
    if flow.row or flow.cell:
        end_row(document)
    if not flow.rows:
        return
    edges = sorted({edge for row_edges, _ in flow.rows for edge in row_edges})
    rows = []
    for row_edges, cells in flow.rows:
        filled: list[list[Block]] = []
        for index, cell in enumerate(cells):
            filled.append(cell)
            if len(edges) <= MAX_CELLS and index < len(row_edges):
                column = edges.index(row_edges[index])
                filled += [MergedCell() for _ in range(column + 1 - len(filled))]
        rows.append(filled)
    flow.rows = []
    flow.blocks.append(Table(rows))
