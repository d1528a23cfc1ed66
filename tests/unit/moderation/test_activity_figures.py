"""The figures of the last 30 days."""

from datetime import UTC, datetime, timedelta

from commentsite.moderation.activity.figures import DAYS, Activity, find_start, sum_up

NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)


def ago(**past):
    return NOW - timedelta(**past)


def test_each_day_counts_what_was_decided_and_what_waited_at_its_end():
    waiting = [ago(hours=1), ago(days=40)]
    decided = [
        (ago(days=3), ago(days=1)),
        (ago(hours=3), ago(hours=2)),
        (ago(days=50), ago(days=29)),
    ]
    days = sum_up(waiting, decided, NOW).days
    assert len(days) == DAYS
    assert [(day.waiting, day.decided) for day in days[-4:]] == [(2, 0), (2, 0), (1, 1), (2, 1)]
    assert (days[0].waiting, days[0].decided) == (1, 1)
    assert days[-1].day.isoformat() == "2026-11-29"


def test_the_median_is_the_time_within_which_half_were_decided():
    decided = [(ago(hours=hours), NOW) for hours in (30, 1, 8, 2, 5, 3, 2)]
    activity = sum_up([], decided, NOW)
    assert activity.median_seconds == 3 * 3600
    assert activity.decision_count == 7
    assert sum_up([], [], NOW).median_seconds is None


def test_the_period_begins_with_a_whole_day_and_can_be_stored():
    assert find_start(NOW) == datetime(2026, 10, 31, tzinfo=UTC)
    activity = sum_up([ago(days=2)], [(ago(days=3), ago(days=1))], NOW)
    assert Activity.from_json(activity.to_json(), NOW) == activity
