"""The geometry of the monthly bar chart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsite.moderation.transparency.figures import COMMENT_STATES, SummaryRow
from commentsite.web.rendering.charts import CHART_HEIGHT, MAX_COLUMNS, MIN_COLUMNS, build_columns


def line(month, **states):
    return SummaryRow(month, sum(states.values()), dict.fromkeys(COMMENT_STATES, 0) | states)


def test_a_month_without_comments_gets_an_empty_column():
    columns = build_columns(
        [line("2026-02", published=4), line("2025-11", pending=1, published=1)], COMMENT_STATES
    )
    assert len(columns) == MIN_COLUMNS
    columns = columns[-4:]
    assert [c.line.key for c in columns] == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert [len(c.segments) for c in columns] == [2, 0, 0, 1]
    assert columns[-1].segments[0].height == CHART_HEIGHT
    assert sum(p.height for p in columns[0].segments) == CHART_HEIGHT / 2


def test_the_chart_shows_two_years_at_most():
    assert (
        len(build_columns([line("2020-01", spam=1), line("2026-02", spam=1)], COMMENT_STATES))
        == MAX_COLUMNS
    )
    assert build_columns([], COMMENT_STATES) == ()
    assert build_columns([line("", spam=3)], COMMENT_STATES) == ()  # all those before


@given(
    st.lists(
        st.lists(st.integers(0, 500), min_size=len(COMMENT_STATES), max_size=len(COMMENT_STATES)),
        min_size=1,
        max_size=12,
    )
)
def test_segments_are_stacked_and_stay_within_the_chart(months):
    lines = [
        line(f"2026-{n:02d}", **dict(zip(COMMENT_STATES, counted, strict=True)))
        for n, counted in enumerate(months, 1)
    ]
    for column in build_columns(lines, COMMENT_STATES):
        floor = CHART_HEIGHT
        for piece in column.segments:
            assert piece.y + piece.height == pytest.approx(floor)
            floor = piece.y
        assert floor >= -1e-6
