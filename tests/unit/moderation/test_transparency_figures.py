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

COUNTS = st.lists(
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


def build_report(counts, logged=None):
    def build_rows(dimension):
        count_by_rule = {}
        for item in counts:
            if item.state in {"refused", "restricted"}:
                key = getattr(item, dimension) if dimension else ""
                rules = count_by_rule.setdefault(key, {})
                rules[NO_RULE] = rules.get(NO_RULE, 0) + item.count
        return tuple(build_summary_rows(counts, dimension, count_by_rule=count_by_rule).values())

    return TransparencyReport(
        log_entry=1, log_digest="", total=build_rows("")[0], months=build_rows("month"),
        groups=build_rows("group"), languages=build_rows("language"), oldest_pending_at=None,
        comments_logged=sum(item.count for item in counts) if logged is None else logged,
    )  # fmt: skip


@given(COUNTS)
def test_each_row_of_the_report_adds_up_for_any_comments(counts):
    report = build_report(counts)
    assert find_inconsistencies(report) == []
    assert merge_rows("", report.months).count_by_state == report.total.count_by_state
    for row in to_table_rows(report):
        assert sum(row[state] for state in COMMENT_STATES) == row["submitted"]


@given(COUNTS, st.sampled_from(["an unknown state", "one more in the log", "one month lost"]))
def test_any_missing_comment_makes_the_report_inconsistent(counts, gap):
    lost = CommentCount("2026-02", "CIV", "en", "published", 1)
    if gap == "an unknown state":
        report = build_report([*counts, CommentCount("2026-02", "CIV", "en", "lost", 1)])
    elif gap == "one more in the log":
        report = build_report(counts, logged=sum(item.count for item in counts) + 1)
    else:
        report = build_report([*counts, lost])
        months = tuple(row for row in report.months if row.key != "2026-02")
        report = TransparencyReport(**{**report.__dict__, "months": months})
    assert find_inconsistencies(report)


def test_response_times_are_percentiles_by_nearest_rank():
    hours = Counter([1, 2, 2, 3, 5, 8, 30])
    assert summarise_durations(hours) == DurationSummary(7, 3, 30)
    assert summarise_durations({60: 1}) == DurationSummary(1, 60, 60)
    assert summarise_durations({}) == DurationSummary(0, None, None)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_no_shorter_duration_than_the_median_covers_half_of_the_cases(times):
    durations = summarise_durations(Counter(times))
    for percentile, share in ((durations.median_seconds, 0.5), (durations.p90_seconds, 0.9)):
        assert sum(t <= percentile for t in times) >= share * len(times) - 1e-9
        assert sum(t < percentile for t in times) < share * len(times)


def test_a_group_with_a_lower_share_than_the_others_needs_review():
    worse = Disparity("CIV", 12, 20, 27, 30)
    assert round(worse.ratio, 4) == 0.6667
    assert worse.needs_review
    assert not Disparity("CIV", 18, 20, 27, 30).needs_review
    assert not Disparity("CIV", 1, 9, 27, 30).needs_review  # too few to tell
    assert Disparity("CIV", 0, 0, 1, 1).ratio is None


def test_the_report_of_an_empty_site_is_consistent():
    assert find_inconsistencies(build_report([])) == []
    assert SummaryRow().waiting == 0
