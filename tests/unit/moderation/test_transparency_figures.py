"""The arithmetic of the books, whatever the numbers."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from commentsite.moderation.disparity import Disparity
from commentsite.moderation.tally import (
    NO_CLAUSE,
    STATES,
    Books,
    Cell,
    Line,
    Speed,
    does_not_balance,
    flat,
    joined,
    lines,
    speed,
)

CELLS = st.lists(
    st.builds(
        Cell,
        month=st.sampled_from(["2026-01", "2026-02", "2026-03"]),
        group=st.sampled_from(["CIV", "GOV", "UND"]),
        language=st.sampled_from(["en", "ar"]),
        state=st.sampled_from(STATES),
        n=st.integers(1, 50),
    ),
    max_size=40,
)


def books_of(cells, logged=None):
    def cut(name):
        clauses = {}
        for cell in cells:
            if cell.state in {"refused", "restricted"}:
                key = getattr(cell, name) if name else ""
                named = clauses.setdefault(key, {})
                named[NO_CLAUSE] = named.get(NO_CLAUSE, 0) + cell.n
        return tuple(lines(cells, name, clauses=clauses).values())

    return Books(
        entry=1, digest="", whole=cut("")[0], months=cut("month"), groups=cut("group"),
        languages=cut("language"), oldest_waiting=None,
        logged=sum(cell.n for cell in cells) if logged is None else logged,
    )  # fmt: skip


@given(CELLS)
def test_each_line_of_the_report_adds_up_for_any_comments(cells):
    books = books_of(cells)
    assert does_not_balance(books) == []
    assert joined("", books.months).states == books.whole.states
    for row in flat(books):
        assert sum(row[state] for state in STATES) == row["submitted"]


@given(CELLS, st.sampled_from(["a state nobody knows", "one more in the log", "one month lost"]))
def test_any_missing_comment_unbalances_the_report(cells, gap):
    lost = Cell("2026-02", "CIV", "en", "published", 1)
    if gap == "a state nobody knows":
        books = books_of([*cells, Cell("2026-02", "CIV", "en", "lost", 1)])
    elif gap == "one more in the log":
        books = books_of(cells, logged=sum(cell.n for cell in cells) + 1)
    else:
        books = books_of([*cells, lost])
        part = tuple(line for line in books.months if line.key != "2026-02")
        books = Books(**{**books.__dict__, "months": part})
    assert does_not_balance(books)


def test_response_times_are_percentiles_by_nearest_rank():
    hours = Counter([1, 2, 2, 3, 5, 8, 30])
    assert speed(hours) == Speed(7, 3, 30)
    assert speed({60: 1}) == Speed(1, 60, 60)
    assert speed({}) == Speed(0, None, None)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_half_is_within_the_median_and_no_less_would_do(times):
    told = speed(Counter(times))
    for value, share in ((told.median, 0.5), (told.p90, 0.9)):
        assert sum(t <= value for t in times) >= share * len(times) - 1e-9
        assert sum(t < value for t in times) < share * len(times)


def test_a_group_beside_all_others():
    worse = Disparity("CIV", 12, 20, 27, 30)
    assert round(worse.ratio, 4) == 0.6667
    assert worse.asks_for_a_look
    assert not Disparity("CIV", 18, 20, 27, 30).asks_for_a_look
    assert not Disparity("CIV", 1, 9, 27, 30).asks_for_a_look  # too few to tell
    assert Disparity("CIV", 0, 0, 1, 1).ratio is None


def test_an_empty_site_balances():
    assert does_not_balance(books_of([])) == []
    assert Line().waiting == 0
