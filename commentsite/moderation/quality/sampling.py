"""Draw the monthly sample of decisions for quality review.

The sample is one in ten of the comments that were first decided in a month, at least twenty, and
all of them where there are fewer. A keyed hash of month and decision sets the order. So no person
can choose the sample or foresee it, and a repeated draw gives the same sample.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

MIN_SAMPLE_SIZE = 20
SAMPLE_DIVISOR = 10  # one in ten


def sample_size(population_size: int) -> int:
    """Return how many of a population to draw: one in ten, rounded up, and at least twenty."""
    share = -(-population_size // SAMPLE_DIVISOR)
    return min(population_size, max(share, MIN_SAMPLE_SIZE))


def draw_sample(ids: Iterable[int], sort_key: Callable[[int], str]) -> list[int]:
    """Return the first ids in the order of the key, as many as `sample_size` says."""
    ordered = sorted(ids, key=sort_key)
    return ordered[: sample_size(len(ordered))]


def previous_month(moment: datetime) -> str:
    """Return the month before a moment, in UTC, as 2026-03."""
    first_day = moment.astimezone(UTC).replace(day=1)
    return f"{first_day - timedelta(days=1):%Y-%m}"


def month_bounds(month: str) -> tuple[datetime, datetime]:
    """Return the first moment of a month and of the following month, in UTC."""
    year, number = (int(part) for part in month.split("-"))
    next_month = (year + 1, 1) if number == 12 else (year, number + 1)
    return datetime(year, number, 1, tzinfo=UTC), datetime(*next_month, 1, tzinfo=UTC)
