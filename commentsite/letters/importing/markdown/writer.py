"""Write paragraphs and tables as the Markdown blocks of a letter."""

import re
import unicodedata
from dataclasses import replace
from itertools import groupby
from urllib.parse import quote, urlsplit

from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.markdown.tree import (
    Block,
    Collector,
    MergedCell,
    Paragraph,
    Span,
    Table,
    merge_spans,
    plain_text,
)
from commentsite.letters.importing.markdown.typed_labels import find_typed_labels, take_typed_label
from commentsite.letters.remarks import RemarkKind
from commentsite.letters.text.labels import MAX_LABEL_LENGTH, take_label
from commentsite.letters.text.paragraphs import escape_markdown

CELL_BREAK = (
    " / "  # between the paragraphs of a cell: a table of Markdown has one line for each row
)
MAX_TABLE_COLUMNS = 40
MAX_CELL_PARAGRAPHS = 8  # a cell with more is part of a page layout
MAX_CELL_LENGTH = 1_200  # likewise, in characters
_PICTURE = re.compile(r"⟦picture \d+⟧")  # a block that is nothing but a picture
_CAN_BE_ATTRIBUTE = re.compile(rf"[^\s{{}}][^{{}}]{{0,{MAX_LABEL_LENGTH - 1}}}")
#: A tilde that is not escaped, where it would lengthen the marks of struck text.
_TILDE_AT_EDGE = re.compile(r"^~|(?<!\\)(?:\\\\)*~$")
_MARKDOWN_LABEL = re.compile(r"\d{1,9}[.)]")
_SUPERSCRIPTS = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_SUBSCRIPTS = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")


def build_document(
    blocks: list[Block],
    collector: Collector,
    *,
    title: str = "",
    language: str = "",
    is_piece: bool = False,
) -> ParsedDocument:
    """Return the document. `title` is a property of the file, for when the text begins without one.

    `is_piece`: the blocks go into the midst of a letter, so a typed number needs no neighbours.
    Raises UnreadableFile on a document without any text.
    """
    blocks = [part for block in blocks for part in _unwrap_layout(block)]
    blocks = [part for block in blocks for part in _split_at_empty_lines(block)]
    first = blocks[0] if blocks else None
    if isinstance(first, Paragraph) and (first.is_title or (first.heading and not first.label)):
        title = " ".join(f"{first.label} {first.text}".split())
        for span in first.spans:
            if span.is_markdown:
                _describe_title_part(span, collector)
        blocks = blocks[1:]
    if not blocks and not title:
        raise UnreadableFile(FileProblem.EMPTY)
    notes = [
        f"[^{number}]: " + "\n\n    ".join(_write_note(note))
        for number, note in enumerate(collector.notes, 1)
    ]
    _describe_merged_cells(blocks, collector)
    return ParsedDocument(
        blocks=(*_write_blocks(blocks, is_piece=is_piece), *notes),
        title=title,
        remarks=collector.remarks(),
        pictures=tuple(collector.pictures),
        language=language,
    )


def _describe_merged_cells(blocks: list[Block], collector: Collector) -> None:
    """Count the empty cells that a table of Markdown has in the place of merged ones."""
    rows = [row for block in blocks if isinstance(block, Table) for row in block.rows]
    if count := sum(isinstance(cell, MergedCell) for row in rows for cell in row):
        collector.add_remark(RemarkKind.MERGED_CELLS, count=count)


def to_superscript(text: str) -> str:
    """Return digits and signs as superscript characters, other text unchanged."""
    return _convert_script(text, _SUPERSCRIPTS)


def to_subscript(text: str) -> str:
    return _convert_script(text, _SUBSCRIPTS)


def _convert_script(text: str, table: dict[int, int]) -> str:
    return text.translate(table) if all(ord(letter) in table for letter in text) else text


def _describe_title_part(span: Span, collector: Collector) -> None:
    """Record a note or a picture of the title, which has no place for either."""
    for picture in [item for item in collector.pictures if item.marker == span.text]:
        collector.pictures.remove(picture)
        collector.add_remark(RemarkKind.PICTURES, picture.description)
    if span.text.startswith("[^"):
        note = collector.notes[int(span.text[2:-1]) - 1]
        collector.add_remark(RemarkKind.OTHER, plain_text(note))


def _unwrap_layout(block: Block) -> list[Block]:
    """Return the blocks of a table that only lays out a page, in reading order, or the block itself."""
    if isinstance(block, Paragraph):
        return [] if block.is_empty() else [block]
    rows = [row for row in block.rows if any(plain_text(cell) or _has_marks(cell) for cell in row)]
    if not rows:
        return []
    if max(map(len, rows)) > MAX_TABLE_COLUMNS or len(rows) == 1 or _is_layout(rows):
        cells = [part for row in rows for cell in row for part in cell]
        return [part for cell in cells for part in _unwrap_layout(cell)]
    return [Table(rows)]


def _has_marks(cell: list[Block]) -> bool:
    return any(isinstance(part, Paragraph) and not part.is_empty() for part in cell)


def _is_layout(rows: list[list[list[Block]]]) -> bool:
    used_columns = {
        index
        for row in rows
        for index, cell in enumerate(row)
        if plain_text(cell) or _has_marks(cell)
    }
    return len(used_columns) == 1 or any(
        isinstance(part, Table)
        or part.heading
        or part.is_title
        or len(cell) > MAX_CELL_PARAGRAPHS
        or len(part.text) > MAX_CELL_LENGTH
        for row in rows
        for cell in row
        for part in cell
    )


def _split_at_empty_lines(block: Block) -> list[Block]:
    """Return the paragraphs that two line breaks in one paragraph stand for."""
    if isinstance(block, Table) or "\n" not in block.text:
        return [block]
    groups: list[list[Span]] = [[]]
    pending = ""  # white space that ends in a line break
    for span in block.spans:
        for part in re.split(r"(\s*\n\s*)", span.text) if not span.is_markdown else [span.text]:
            if part.strip() or "\n" not in part:
                if pending.count("\n") > 1 and groups[-1]:
                    groups.append([])
                elif pending:
                    groups[-1].append(Span("\n"))
                pending = "" if part else pending
                if part:
                    groups[-1].append(replace(span, text=part))
            else:
                pending += part
    parts = [replace(block, spans=group) for group in groups if any(s.text.strip() for s in group)]
    return (
        [parts[0], *(replace(part, label="", bullet=False) for part in parts[1:])] if parts else []
    )


def _write_blocks(blocks: list[Block], *, is_piece: bool) -> list[str]:
    labels = find_typed_labels(blocks, is_piece=is_piece)
    written: list[str] = []
    items: list[Paragraph] = []
    for block in [*blocks, None]:
        if isinstance(block, Paragraph) and _continues_list(block, items):
            items.append(block)
            continue
        if items:
            written += _write_quote(items) if items[0].is_quote else [_write_list(items)]
            items = []
        if isinstance(block, Table):
            written.append(_write_table(block))
        elif block and (block.is_quote or block.bullet):
            items = [block]
        elif block and block.is_caption and written and _PICTURE.fullmatch(written[-1]):
            written[-1] += f"\n{write_spans(block.spans)}"
        elif block:
            written.append(_write_paragraph(block, labels))
    return [block for block in written if block.strip()]


def _continues_list(block: Paragraph, items: list[Paragraph]) -> bool:
    if not items or block.heading or block.is_title:
        return False
    if items[0].is_quote or block.is_quote:
        return items[0].is_quote and block.is_quote
    return block.bullet or bool(block.label and block.depth > items[0].depth)


def _write_paragraph(paragraph: Paragraph, labels: frozenset[str] = frozenset()) -> str:
    if paragraph.heading or paragraph.is_title:
        level = min(paragraph.heading + 1, 6)
        label = f"{escape_markdown(paragraph.label)} " if paragraph.label else ""
        return f"{'#' * level} {label}{write_line(paragraph.spans)}"
    label, spans = paragraph.label, paragraph.spans
    if not label:
        label, spans = take_typed_label(spans, labels)
    text = write_spans(spans)
    if label and not take_label(f"{label} x")[0] and _CAN_BE_ATTRIBUTE.fullmatch(label):
        return f"{text} {{no={label.rstrip('.．')}}}".lstrip()
    return f"{_write_label(label)} {text}".rstrip() if label else text


def _write_label(label: str) -> str:
    return label if take_label(f"{label} x")[0] else _protect_line_start(escape_markdown(label))


def _write_list(items: list[Paragraph]) -> str:
    """Return a list with its nested items. Levels that the document skips are closed up."""
    lines = []
    levels: list[tuple[int, int]] = []  # depth in the document, indent in Markdown
    indent = 0
    for item in items:
        while levels and levels[-1][0] >= item.depth:
            levels.pop()
        indent = levels[-1][1] if levels else 0
        marker = "-"
        label = item.label
        if _MARKDOWN_LABEL.fullmatch(label) and levels:
            marker, label = label, ""
        levels.append((item.depth, indent + len(marker) + 1))
        text = write_spans(item.spans)
        if label:
            text = f"{_write_label(label)} {text}"
        text = text.replace("\n", "\n" + " " * (indent + len(marker) + 1))
        lines.append(f"{' ' * indent}{marker} {text}")
    return "\n".join(lines)


def _write_quote(items: list[Paragraph]) -> list[str]:
    paragraphs = [_write_paragraph(item).replace("\n", "\n> ") for item in items]
    return ["\n>\n".join(f"> {text}" for text in paragraphs if text)]


def _write_table(table: Table) -> str:
    """Return a table as wide as its widest row. Its first row is the heading."""
    width = max(map(len, table.rows))
    rows = [
        [_write_cell(row[index]) if index < len(row) else "" for index in range(width)]
        for row in table.rows
    ]
    rows.insert(1, ["---"] * width)
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _write_cell(blocks: list[Block]) -> str:
    parts = []
    for block in blocks:
        if isinstance(block, Table):
            parts += [_write_cell(cell) for row in block.rows for cell in row]
            continue
        text = write_line(block.spans, line_break=CELL_BREAK)
        label = escape_markdown(block.label) if block.label else "•" * block.bullet
        parts.append(f"{label} {text}".strip().replace("|", "\\|"))
    return CELL_BREAK.join(part for part in parts if part)


def _write_note(blocks: list[Block]) -> list[str]:
    """Return the paragraphs of a note. Line breaks and tables become plain text in it."""
    return [line for block in blocks if (line := _write_cell([block]))] or ["–"]


def write_line(spans: list[Span], line_break: str = " ") -> str:
    """Return the spans as Markdown on one line, without emphasis at its edges."""
    text = write_spans([replace(span, bold=False) for span in spans])
    return re.sub(r"\\?\n", lambda _: line_break, text).strip()


def write_spans(spans: list[Span]) -> str:
    """Return Markdown that renders to the characters of the spans.

    Emphasis that Markdown cannot express at its place, such as inside a word, is left out.
    """
    pieces = merge_spans([_clean(span) for span in _take_style_off_space(spans)])
    text = ""
    groups = [(link, list(group)) for link, group in groupby(pieces, key=lambda span: span.link)]
    for index, (link, group) in enumerate(groups):
        following = groups[index + 1][1][0].text if index + 1 < len(groups) else ""
        target = _write_link_target(link)
        inner = _write_emphasis(group, "" if target else text, "" if target else following)
        if target and inner.strip() and "[^" not in inner:
            head, body, tail = _split_edges(inner)
            body = body.replace("]", "\\]")  # which would end the text of the link
            inner = f"{head}[{body}]({target}){tail}"
        text += inner
    lines = [_protect_line_start(line.strip(" \t")) for line in text.strip().split("\n")]
    return "\\\n".join(line for line in lines if line)


def _clean(span: Span) -> Span:
    """Replace tabs and odd white space, which begins code or ends lines in Markdown."""
    text = span.text.replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = re.sub(r"[\t\v\f \u00ad\0-\x08\x0e-\x1f]+", _replace_space, text)
    return replace(span, text=text)


def _replace_space(match: re.Match[str]) -> str:
    return " " if set(match[0]) & set("\t\v\f ") else ""


def _take_style_off_space(spans: list[Span]) -> list[Span]:
    """Return the spans with white space at their edges as spans without emphasis."""
    result = []
    for span in merge_spans(spans):
        head, body, tail = _split_edges(span.text)
        plain = Span("", link=span.link)
        result += [replace(plain, text=head), replace(span, text=body), replace(plain, text=tail)]
    return result


def _split_edges(text: str) -> tuple[str, str, str]:
    body = text.strip()
    if not body:
        return text, "", ""
    start = text.index(body)
    return text[:start], body, text[start + len(body) :]


def _write_emphasis(spans: list[Span], before: str, after: str) -> str:
    """Return the spans of one link or of none, between the text before and after them."""
    written: list[str] = []
    previous = before[-1:]
    for index, span in enumerate(spans):
        head, body, tail = ("", span.text, "") if span.is_markdown else _split_edges(span.text)
        text = body if span.is_markdown else head + escape_markdown(body) + tail
        following = (spans[index + 1].text if index + 1 < len(spans) else after)[:1]
        if not span.is_markdown and "\n" not in span.text:
            marks = "~~" * span.strike + "**" * span.bold + "*" * span.italic
            if span.strike:
                text = _TILDE_AT_EDGE.sub(lambda match: f"{match[0][:-1]}\\~", text)
            if marks and _can_emphasise(previous, span.text, following):
                text = f"{marks}{text}{marks[::-1]}"
        written.append(text)
        previous = text[-1:] or previous
    return "".join(written)


def _can_emphasise(previous: str, text: str, following: str) -> bool:
    """Return whether CommonMark takes delimiters at both ends of the text (its “flanking” rules)."""
    if not text or previous in {"*", "~"}:
        return False
    opens = not _is_sign(text[0]) or not previous or previous.isspace() or _is_sign(previous)
    closes = not _is_sign(text[-1]) or not following or following.isspace() or _is_sign(following)
    return opens and closes and following not in {"*", "~"}


def _is_sign(letter: str) -> bool:
    return unicodedata.category(letter)[0] == "P" or letter in "$+<=>^`|~"


def _write_link_target(link: str) -> str:
    """Return an address as the target of a link, or '' if a letter may not link to it."""
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return ""
    if parts.scheme.lower() not in {"http", "https", "mailto"}:
        return ""
    return quote(link.strip(), safe="%/:=&?~#+!$,;'@[]").replace("[", "%5B").replace("]", "%5D")


def _protect_line_start(line: str) -> str:
    """Escape what is markup only at the start of a line and was divided over several spans."""
    return re.sub(r"^(\d{1,9}(?=[.)](?:\s|$))|(?=:::))", r"\1\\", line)
