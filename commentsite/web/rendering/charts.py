"""The months of the books as columns; the table below a chart says the same in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from commentsite.moderation.transparency.figures import SummaryRow

MOST_COLUMNS = 24
FEWEST_COLUMNS = 12  # so that a young site does not look like two walls
HIGH = 100.0  # units of the drawing, from the floor to its tallest column


@dataclass(frozen=True)
class Piece:
    """One state within a column: from where down, and how high."""

    state: str
    y: float
    height: float


@dataclass(frozen=True)
class Column:
    """One month; without pieces where nothing was sent."""

    line: SummaryRow
    pieces: tuple[Piece, ...]


def columns(lines: Sequence[SummaryRow], order: Sequence[str]) -> tuple[Column, ...]:
    """Return a year of months or more up to the newest with a comment, the oldest first, none left out.

    `lines` are those of single months in any order; a month between them without a comment is a
    column of nothing, so that a silence is seen.
    """
    by_month = {line.key: line for line in lines if line.key}
    if not by_month:
        return ()
    last, first = max(by_month), min(by_month)
    back = _back_from(last)
    months = [m for n, m in enumerate(back) if n < FEWEST_COLUMNS or m >= first][::-1]
    shown = [by_month.get(month) or SummaryRow(month) for month in months]
    most = max(line.submitted for line in shown) or 1
    return tuple(Column(line, _pieces(line, order, most)) for line in shown)


def _back_from(month: str) -> list[str]:
    year, number = map(int, month.split("-"))
    counted = (year * 12 + number - 1 - back for back in range(MOST_COLUMNS))
    return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in counted]


def _pieces(line: SummaryRow, order: Sequence[str], most: int) -> tuple[Piece, ...]:
    pieces, floor = [], HIGH
    for state in order:
        height = line.count_by_state[state] * HIGH / most
        floor -= height
        if height:
            pieces.append(Piece(state, floor, height))
    return tuple(pieces)
