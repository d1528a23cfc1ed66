"""The geometry of the monthly bar chart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsite.moderation.transparency.figures import COMMENT_STATES, SummaryRow
from commentsite.web.rendering.charts import FEWEST_COLUMNS, HIGH, MOST_COLUMNS, columns


def line(month, **states):
    return SummaryRow(month, sum(states.values()), dict.fromkeys(COMMENT_STATES, 0) | states)


def test_a_month_of_silence_has_its_place():
    drawn = columns(
        [line("2026-02", published=4), line("2025-11", pending=1, published=1)], COMMENT_STATES
    )
    assert len(drawn) == FEWEST_COLUMNS
    drawn = drawn[-4:]
    assert [c.line.key for c in drawn] == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert [len(c.pieces) for c in drawn] == [2, 0, 0, 1]
    assert drawn[-1].pieces[0].height == HIGH
    assert sum(p.height for p in drawn[0].pieces) == HIGH / 2


def test_years_back_are_left_to_the_table():
    assert (
        len(columns([line("2020-01", spam=1), line("2026-02", spam=1)], COMMENT_STATES))
        == MOST_COLUMNS
    )
    assert columns([], COMMENT_STATES) == ()
    assert columns([line("", spam=3)], COMMENT_STATES) == ()  # all those before


@given(
    st.lists(
        st.lists(st.integers(0, 500), min_size=len(COMMENT_STATES), max_size=len(COMMENT_STATES)),
        min_size=1,
        max_size=12,
    )
)
def test_pieces_stand_on_each_other_and_reach_no_higher_than_the_frame(months):
    lines = [
        line(f"2026-{n:02d}", **dict(zip(COMMENT_STATES, counted, strict=True)))
        for n, counted in enumerate(months, 1)
    ]
    for column in columns(lines, COMMENT_STATES):
        floor = HIGH
        for piece in column.pieces:
            assert piece.y + piece.height == pytest.approx(floor)
            floor = piece.y
        assert floor >= -1e-6
