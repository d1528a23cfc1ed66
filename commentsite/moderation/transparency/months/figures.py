"""The figures of one month, and their stored form: no queries."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Self

#: A histogram with more different values is rounded to two digits, an error of at most 5 %.
MAX_EXACT_DURATIONS = 100

#: Count by group, language and a third value: a state or a rule.
Cells = dict[tuple[str, str, str], int]
#: Number of cases by minutes, for each dimension ("", "group" or "language") and key.
Histograms = dict[tuple[str, str], Counter[int]]


@dataclass
class MonthFigures:
    """The comments sent in one month."""

    by_state: Cells = field(default_factory=dict)
    automated: Cells = field(default_factory=dict)  # of them, those decided without a person
    imported: Cells = field(default_factory=dict)  # of by_state, those from another system
    by_rule: Cells = field(default_factory=dict)  # refused and removed comments
    appeals: Cells = field(default_factory=dict)  # by state
    durations: Histograms = field(default_factory=lambda: defaultdict(Counter))
    appeal_durations: Histograms = field(default_factory=lambda: defaultdict(Counter))

    def to_json(self) -> dict[str, Any]:
        cells = {name: _write_cells(getattr(self, name)) for name in _CELLS}
        histograms = {name: _write_histograms(getattr(self, name)) for name in _HISTOGRAMS}
        return cells | histograms

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        figures = cls()
        for name in _CELLS:
            setattr(
                figures, name, {(g, lang, third): n for g, lang, third, n in stored.get(name, [])}
            )
        for name in _HISTOGRAMS:
            histograms = getattr(figures, name)
            for dimension, key, counts in stored[name]:
                histograms[dimension, key].update({int(m): n for m, n in counts.items()})
        return figures


_CELLS = ("by_state", "automated", "imported", "by_rule", "appeals")
_HISTOGRAMS = ("durations", "appeal_durations")


def add_duration(histograms: Histograms, group: str, language: str, minutes: int, n: int) -> None:
    """Count cases of one duration for the whole month, for their group and for their language."""
    for key in (("", ""), ("group", group), ("language", language)):
        histograms[key][minutes] += n


def _write_cells(cells: Cells) -> list[list[str | int]]:
    return [[*key, count] for key, count in cells.items() if count]


def _write_histograms(histograms: Histograms) -> list[list[Any]]:
    return [[*key, _round_histogram(counts)] for key, counts in histograms.items()]


def _round_histogram(counts: Counter[int]) -> dict[str, int]:
    if len(counts) <= MAX_EXACT_DURATIONS:
        return {str(minutes): n for minutes, n in counts.items()}
    rounded: Counter[int] = Counter()
    for minutes, n in counts.items():
        rounded[int(float(f"{minutes:.2g}"))] += n
    return {str(minutes): n for minutes, n in rounded.items()}
