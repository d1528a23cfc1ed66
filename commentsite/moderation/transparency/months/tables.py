"""Sum the figures of months for the tables of the transparency report, and the stored form of these: no queries."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from commentsite.moderation.transparency.figures import (
    CommentCount,
    DurationSummary,
    SummaryRow,
    build_summary_rows,
    summarise_durations,
)
from commentsite.moderation.transparency.months.figures import Histograms, MonthFigures

#: The tables of the report. "" is the row for the whole site.
DIMENSIONS = ("", "month", "group", "language")
Tables = dict[str, dict[str, SummaryRow]]


def build_tables(months: Mapping[str, MonthFigures]) -> Tables:
    """Return the rows of each table by key."""
    counts = [
        CommentCount(
            month,
            *key,
            count,
            automated=figures.automated.get(key, 0),
            imported=figures.imported.get(key, 0),
        )
        for month, figures in months.items()
        for key, count in figures.by_state.items()
    ]
    rules = _sum_rules(months)
    tables: Tables = {
        dimension: build_summary_rows(counts, dimension, count_by_rule=rules[dimension])
        for dimension in DIMENSIONS
    }
    _add_appeals(tables, months)
    for dimension, key, by_minutes in _sum_durations(
        {month: figures.durations for month, figures in months.items()}
    ):
        tables[dimension][key].decision_durations = summarise_durations(by_minutes)
    for dimension, key, by_minutes in _sum_durations(
        {month: figures.appeal_durations for month, figures in months.items()}
    ):
        tables[dimension][key].appeal_durations = summarise_durations(by_minutes)
    return tables


def _sum_rules(months: Mapping[str, MonthFigures]) -> dict[str, dict[str, Counter[str]]]:
    sums: dict[str, dict[str, Counter[str]]] = {
        dimension: defaultdict(Counter) for dimension in DIMENSIONS
    }
    for month, figures in months.items():
        for (group, language, rule), count in figures.by_rule.items():
            for dimension, key in _keys_by_dimension(month, group, language):
                sums[dimension][key][rule] += count
    return sums


def _add_appeals(tables: Tables, months: Mapping[str, MonthFigures]) -> None:
    for month, figures in months.items():
        for (group, language, state), count in figures.appeals.items():
            for dimension, key in _keys_by_dimension(month, group, language):
                tables[dimension][key].appeals_by_state[state] += count


def _sum_durations(
    histograms: Mapping[str, Histograms],
) -> Iterator[tuple[str, str, dict[int, int]]]:
    """Yield dimension, key and the number of cases by seconds."""
    sums: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for month, by_key in histograms.items():
        for (dimension, key), counts in by_key.items():
            sums[dimension, key].update(counts)
            if not dimension:
                sums["month", month].update(counts)
    for (dimension, key), counts in sums.items():
        yield dimension, key, {minutes * 60: count for minutes, count in counts.items()}


def _keys_by_dimension(month: str, group: str, language: str) -> Iterator[tuple[str, str]]:
    """Pair each dimension with the key of the row in which an item counts."""
    return zip(DIMENSIONS, ("", month, group, language), strict=True)


def tables_to_json(tables: Tables) -> dict[str, list[dict[str, Any]]]:
    """Return the stored form of the tables, a list of rows for each dimension."""
    return {dimension: [asdict(row) for row in rows.values()] for dimension, rows in tables.items()}


def tables_from_json(stored: Mapping[str, list[dict[str, Any]]]) -> Tables:
    """Return the tables from their stored form."""
    return {
        dimension: {row["key"]: _read_row(row) for row in stored[dimension]}
        for dimension in DIMENSIONS
    }


def _read_row(stored: Mapping[str, Any]) -> SummaryRow:
    row = SummaryRow(**stored)
    # A state that the code has got since is in no stored row.
    for name in ("count_by_state", "imported_by_state", "appeals_by_state"):
        setattr(row, name, getattr(SummaryRow(), name) | stored[name])
    row.decision_durations = DurationSummary(**stored["decision_durations"])
    row.appeal_durations = DurationSummary(**stored["appeal_durations"])
    return row
