"""The sample of decisions for quality review."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from commentsite.moderation.quality.sampling import (
    draw_sample,
    month_bounds,
    previous_month,
    sample_size,
)


def test_the_sample_is_a_tenth_of_the_decisions_and_at_least_twenty():
    sizes = {0: 0, 1: 1, 19: 19, 20: 20, 200: 20, 201: 21, 1000: 100}
    assert {n: sample_size(n) for n in sizes} == sizes


@given(st.sets(st.integers(1, 10_000), max_size=300))
def test_the_sample_depends_on_the_sort_key_alone(ids):
    def sort_key(decision_id):
        return f"{decision_id * 7919 % 10007:05}"

    drawn = draw_sample(ids, sort_key)
    assert drawn == draw_sample(sorted(ids, reverse=True), sort_key)
    assert len(drawn) == len(set(drawn)) == sample_size(len(ids))
    assert set(drawn) <= ids


def test_months_end_at_midnight_in_utc():
    assert previous_month(datetime(2026, 1, 1, tzinfo=UTC)) == "2025-12"
    assert previous_month(datetime(2026, 3, 31, 23, 59, tzinfo=UTC)) == "2026-02"
    assert month_bounds("2025-12") == (
        datetime(2025, 12, 1, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC),
    )
