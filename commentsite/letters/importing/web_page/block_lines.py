"""The lines that a reader sees in paragraphs and tables, each with its place."""

from collections.abc import Iterable
from dataclasses import replace

from commentsite.letters.importing.markdown.tree import Block, Paragraph, Span, plain_text
from commentsite.letters.importing.quoted_mail import find_attribution


class BlockLines:
    """The lines of paragraphs, and the rows of tables, as text.

    An empty line follows a paragraph of several lines.
    """

    def __init__(self, blocks: list[Block]) -> None:
        self._blocks = blocks
        self.lines: list[str] = []
        self._places: list[tuple[int, int]] = []  # index of the block, and of the line in it
        for index, block in enumerate(blocks):
            lines = _list_lines(block)
            self.lines += lines
            self._places += [(index, number) for number in range(len(lines))]
            if len(lines) > 1 and isinstance(block, Paragraph):
                self.lines.append("")
                self._places.append((index, len(lines)))

    def remove(self, indexes: Iterable[int]) -> list[Block]:
        """Return the blocks without some lines. A block without any line left is left out."""
        removed: dict[int, set[int]] = {}
        for index in indexes:
            place, number = self._places[index]
            removed.setdefault(place, set()).add(number)
        kept: list[Block] = []
        for index, block in enumerate(self._blocks):
            numbers = removed.get(index)
            if not numbers:
                kept.append(block)
            elif isinstance(block, Paragraph):
                block.spans = _drop_lines(block.spans, numbers)
                if not block.is_empty():
                    kept.append(block)
            else:
                block.rows = [row for n, row in enumerate(block.rows) if n not in numbers]
                if block.rows:
                    kept.append(block)
        return kept


def take_attribution(paragraph: Paragraph) -> str:
    """Remove the line that a mail program wrote from the end of a paragraph, and return it, or ''."""
    lines = paragraph.text.rstrip().split("\n")
    start = find_attribution(lines, len(lines))
    if start == len(lines):
        return ""
    count = paragraph.text.count("\n") + 1
    paragraph.spans = _drop_lines(paragraph.spans, set(range(start, count)))
    return "\n".join(lines[start:])


def _list_lines(block: Block) -> list[str]:
    if isinstance(block, Paragraph):
        return [line.strip() for line in block.text.split("\n")]
    return [" ".join(plain_text(cell) for cell in row).strip() for row in block.rows]


def _drop_lines(spans: list[Span], numbers: set[int]) -> list[Span]:
    lines: list[list[Span]] = [[]]
    for span in spans:
        if span.is_markdown:
            lines[-1].append(span)
            continue
        for position, piece in enumerate(span.text.split("\n")):
            if position:
                lines.append([])
            lines[-1].append(replace(span, text=piece))
    kept = [line for number, line in enumerate(lines) if number not in numbers]
    joined: list[Span] = []
    for position, line in enumerate(kept):
        joined += [Span("\n"), *line] if position else line
    return joined
