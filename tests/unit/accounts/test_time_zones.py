"""A time that staff type means one moment, also on the days when the clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from commentsite.accounts.time_zones import is_shown_twice, load_time_zone, resolve_local_time
from commentsite.errors import Invalid

ZURICH = ZoneInfo("Europe/Zurich")


@pytest.mark.parametrize(
    ("zone", "local", "moment"),
    [
        (ZURICH, "2027-01-10T09:00", datetime(2027, 1, 10, 8, tzinfo=UTC)),
        (ZURICH, "2027-07-10T09:00", datetime(2027, 7, 10, 7, tzinfo=UTC)),
        (ZURICH, "2027-03-28T03:00", datetime(2027, 3, 28, 1, tzinfo=UTC)),
        # In autumn the clocks show 2:30 twice: the first of the two counts.
        (ZURICH, "2027-10-31T02:30", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
        (
            ZoneInfo("Asia/Kolkata"),
            "2027-01-01T00:15",
            datetime(2026, 12, 31, 18, 45, tzinfo=UTC),
        ),
        (UTC, "2027-03-28T02:30", datetime(2027, 3, 28, 2, 30, tzinfo=UTC)),
    ],
)
def test_a_local_time_means_one_moment(zone, local, moment):
    assert resolve_local_time(datetime.fromisoformat(local), zone) == moment


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        (ZURICH, "2027-03-28T02:00"),
        (ZURICH, "2027-03-28T02:59"),
        (ZoneInfo("Australia/Lord_Howe"), "2026-10-04T02:15"),  # half an hour
        (ZoneInfo("Pacific/Apia"), "2011-12-30T12:00"),  # a whole day
    ],
)
def test_a_time_that_the_clocks_skip_is_refused(zone, local):
    with pytest.raises(Invalid, match="skip this time") as refused:
        resolve_local_time(datetime.fromisoformat(local), zone, field="opens")
    assert refused.value.field == "opens"


def test_both_times_of_the_hour_that_comes_twice_are_recognised():
    hours = [datetime(2027, 10, 31, hour, 30, tzinfo=UTC) for hour in (-1 % 24, 0, 1, 2)]
    assert [is_shown_twice(moment, ZURICH) for moment in hours] == [False, True, True, False]


def test_a_zone_that_this_machine_does_not_know_is_read_as_utc():
    assert load_time_zone("Mars/Olympus") is UTC
    assert load_time_zone("US/Eastern") == ZoneInfo("US/Eastern")  # an older name stays valid
