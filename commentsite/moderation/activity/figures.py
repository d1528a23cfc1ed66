"""The comments that waited and were decided on each of the last 30 days. Pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

DAYS = 30


@dataclass(frozen=True)
class Day:
    """One day in UTC. `waiting` is the number at its end, and on the last day the number now."""

    day: date
    waiting: int
    decided: int


@dataclass(frozen=True)
class Activity:
    """The figures of the last 30 days, the oldest day first."""

    days: tuple[Day, ...]
    decision_count: int  # first decisions by a person
    median_seconds: int | None  # from submission to the first decision; None without one
    counted_at: datetime

    def to_json(self) -> dict[str, Any]:
        return {
            "days": [[day.day.isoformat(), day.waiting, day.decided] for day in self.days],
            "decisions": self.decision_count,
            "median_seconds": self.median_seconds,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any], counted_at: datetime) -> "Activity":
        days = tuple(
            Day(date.fromisoformat(day), waiting, decided)
            for day, waiting, decided in stored["days"]
        )
        return cls(days, stored["decisions"], stored["median_seconds"], counted_at)


def find_start(now: datetime) -> datetime:
    """Return the start of the first day."""
    first_day = now.astimezone(UTC).date() - timedelta(days=DAYS - 1)
    return datetime.combine(first_day, time(), tzinfo=UTC)


def sum_up(
    waiting_since: Iterable[datetime], decided: Iterable[tuple[datetime, datetime]], now: datetime
) -> Activity:
    """Add up the figures of the days.

    `waiting_since` has a moment for each comment that waits now. `decided` has the moments of
    submission and of the first decision for each comment that was decided since `find_start`. The
    median is the one by nearest rank, as in the transparency report.
    """
    start = find_start(now)
    joined, left, decisions = [0] * (DAYS + 1), [0] * (DAYS + 1), [0] * DAYS
    for moment in waiting_since:
        joined[_find_day(moment, start)] += 1
    durations = []
    for submitted_at, decided_at in decided:
        day = _find_day(decided_at, start)
        joined[_find_day(submitted_at, start)] += 1
        left[day] += 1
        decisions[day] += 1
        durations.append(round((decided_at - submitted_at).total_seconds()))
    days, waiting = [], 0
    for number in range(DAYS):
        waiting += joined[number] - left[number]
        days.append(Day((start + timedelta(days=number)).date(), waiting, decisions[number]))
    durations.sort()
    median = durations[(len(durations) - 1) // 2] if durations else None
    return Activity(tuple(days), len(durations), median, now)


def _find_day(moment: datetime, start: datetime) -> int:
    """Return the number of the day from 0. Earlier days count as the first one, later ones as the last."""
    return min(max((moment - start).days, 0), DAYS - 1)
