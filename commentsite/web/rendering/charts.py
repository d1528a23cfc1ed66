"""The geometry of bar charts: months in the transparency report, days on the dashboard.

A table beside each chart has the numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from commentsite.moderation.activity.figures import Day
from commentsite.moderation.transparency.figures import SummaryRow

MAX_COLUMNS = 24
MIN_COLUMNS = 12  # a few wide columns would not look like a chart
CHART_HEIGHT = 100.0  # units of the SVG, from the ground to the top of the tallest column


@dataclass(frozen=True)
class Segment:
    """The comments in one state within a column. `y` is measured from the top of the chart."""

    state: str
    y: float
    height: float


@dataclass(frozen=True)
class Column:
    """One month. A month without comments has no segments."""

    line: SummaryRow
    segments: tuple[Segment, ...]


def build_columns(lines: Sequence[SummaryRow], order: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of consecutive months, oldest first, up to the last month with a comment.

    `lines` are rows of single months in any order, and `order` lists the states from the ground upwards. A
    month without a row gets an empty column, so that the gap is visible.
    """
    by_month = {line.key: line for line in lines if line.key}
    if not by_month:
        return ()
    last, first = max(by_month), min(by_month)
    months_back = _list_months_back_from(last)
    # Reach back to the first month with a comment, but show a year at least.
    months = [m for n, m in enumerate(months_back) if n < MIN_COLUMNS or m >= first][::-1]
    rows = [by_month.get(month) or SummaryRow(month) for month in months]
    highest = max(row.submitted for row in rows) or 1
    return tuple(Column(row, _build_segments(row, order, highest)) for row in rows)


def _list_months_back_from(month: str) -> list[str]:
    year, number = map(int, month.split("-"))
    indexes = (year * 12 + number - 1 - back for back in range(MAX_COLUMNS))
    return [f"{index // 12:04d}-{index % 12 + 1:02d}" for index in indexes]


def _build_segments(row: SummaryRow, order: Sequence[str], highest: int) -> tuple[Segment, ...]:
    segments, ground = [], CHART_HEIGHT
    for state in order:
        height = row.count_by_state[state] * CHART_HEIGHT / highest
        ground -= height
        if height:
            segments.append(Segment(state, ground, height))
    return tuple(segments)


@dataclass(frozen=True)
class DayColumn:
    """One day with two bars. The heights are in units of the chart."""

    day: Day
    waiting_height: float
    decided_height: float


def build_day_columns(days: Sequence[Day]) -> tuple[DayColumn, ...]:
    """Return the columns of the days. Both bars of all days have the same scale."""
    highest = max((max(day.waiting, day.decided) for day in days), default=0) or 1
    return tuple(
        DayColumn(day, day.waiting * CHART_HEIGHT / highest, day.decided * CHART_HEIGHT / highest)
        for day in days
    )
