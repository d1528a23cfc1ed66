"""The figures of the transparency report add up for any counts."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from commentsite.moderation.transparency.disparity import Disparity
from commentsite.moderation.transparency.figures import (
    COMMENT_STATES,
    NO_RULE,
    CommentCount,
    DurationSummary,
    SummaryRow,
    TransparencyReport,
    build_summary_rows,
    merge_rows,
    summarise_durations,
    to_table_rows,
)
from commentsite.moderation.transparency.verification import find_inconsistencies

CELLS = st.lists(
    st.builds(
        CommentCount,
        month=st.sampled_from(["2026-01", "2026-02", "2026-03"]),
        group=st.sampled_from(["CIV", "GOV", "UND"]),
        language=st.sampled_from(["en", "ar"]),
        state=st.sampled_from(COMMENT_STATES),
        count=st.integers(1, 50),
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
                named[NO_RULE] = named.get(NO_RULE, 0) + cell.n
        return tuple(build_summary_rows(cells, name, count_by_rule=clauses).values())

    return TransparencyReport(
        log_entry=1, log_digest="", total=cut("")[0], months=cut("month"), groups=cut("group"),
        languages=cut("language"), oldest_pending_at=None,
        comments_logged=sum(cell.n for cell in cells) if logged is None else logged,
    )  # fmt: skip


@given(CELLS)
def test_each_line_of_the_report_adds_up_for_any_comments(cells):
    books = books_of(cells)
    assert find_inconsistencies(books) == []
    assert merge_rows("", books.months).count_by_state == books.total.count_by_state
    for row in to_table_rows(books):
        assert sum(row[state] for state in COMMENT_STATES) == row["submitted"]


@given(CELLS, st.sampled_from(["a state nobody knows", "one more in the log", "one month lost"]))
def test_any_missing_comment_unbalances_the_report(cells, gap):
    lost = CommentCount("2026-02", "CIV", "en", "published", 1)
    if gap == "a state nobody knows":
        books = books_of([*cells, CommentCount("2026-02", "CIV", "en", "lost", 1)])
    elif gap == "one more in the log":
        books = books_of(cells, logged=sum(cell.n for cell in cells) + 1)
    else:
        books = books_of([*cells, lost])
        part = tuple(line for line in books.months if line.key != "2026-02")
        books = TransparencyReport(**{**books.__dict__, "months": part})
    assert find_inconsistencies(books)


def test_response_times_are_percentiles_by_nearest_rank():
    hours = Counter([1, 2, 2, 3, 5, 8, 30])
    assert summarise_durations(hours) == DurationSummary(7, 3, 30)
    assert summarise_durations({60: 1}) == DurationSummary(1, 60, 60)
    assert summarise_durations({}) == DurationSummary(0, None, None)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_half_is_within_the_median_and_no_less_would_do(times):
    told = summarise_durations(Counter(times))
    for value, share in ((told.median_seconds, 0.5), (told.p90_seconds, 0.9)):
        assert sum(t <= value for t in times) >= share * len(times) - 1e-9
        assert sum(t < value for t in times) < share * len(times)


def test_a_group_beside_all_others():
    worse = Disparity("CIV", 12, 20, 27, 30)
    assert round(worse.ratio, 4) == 0.6667
    assert worse.needs_review
    assert not Disparity("CIV", 18, 20, 27, 30).needs_review
    assert not Disparity("CIV", 1, 9, 27, 30).needs_review  # too few to tell
    assert Disparity("CIV", 0, 0, 1, 1).ratio is None


def test_an_empty_site_balances():
    assert find_inconsistencies(books_of([])) == []
    assert SummaryRow().waiting == 0
