"""Which decided comments are read a second time: a tenth of a month, twenty at least, in an order nobody chooses."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

MIN_SAMPLE_SIZE, SAMPLE_DIVISOR = 20, 10  # twenty, or one in ten


def sample_size(population_size: int) -> int:
    """Return how many of n are drawn: a tenth, rounded up, or twenty; all where there are fewer."""
    return min(population_size, max(-(-population_size // SAMPLE_DIVISOR), MIN_SAMPLE_SIZE))


def draw_sample(ids: Iterable[int], sort_key: Callable[[int], str]) -> list[int]:
    """Return the sample of these: the first by a keyed order, which is the same however often it is asked."""
    ordered = sorted(ids, key=sort_key)
    return ordered[: sample_size(len(ordered))]


def previous_month(moment: datetime) -> str:
    """Return the month that ended last, as 2026-03, in UTC."""
    first = moment.astimezone(UTC).replace(day=1)
    return f"{first - timedelta(days=1):%Y-%m}"


def month_bounds(month: str) -> tuple[datetime, datetime]:
    """Return the first moment of a month and of the one after it."""
    year, number = (int(part) for part in month.split("-"))
    after = (year + 1, 1) if number == 12 else (year, number + 1)
    return datetime(year, number, 1, tzinfo=UTC), datetime(*after, 1, tzinfo=UTC)
