"""The digest schedule respects quiet hours and time zones, also when clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsite.accounts.digest_schedule import (
    DigestSchedule,
    Frequency,
    next_check_at,
    quiet_hours_end,
)

ZONES = ["UTC", "Europe/Zurich", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"]
HOURS = st.integers(0, 23)
MOMENTS = st.integers(0, 4 * 365 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def local(moment, zone):
    return moment.astimezone(ZoneInfo(zone))


SCHEDULES = st.builds(
    DigestSchedule,
    frequency=st.sampled_from([Frequency.IMMEDIATE, Frequency.HOURLY, Frequency.DAILY]),
    hour=HOURS,
    quiet_from=HOURS,
    quiet_until=HOURS,
    zone=st.sampled_from(ZONES),
)


@given(schedule=SCHEDULES, now=MOMENTS, reported=st.none() | st.integers(0, 200))
def test_every_check_is_outside_quiet_hours_and_within_two_days(schedule, now, reported):
    checked_at = next_check_at(schedule, now, reported)
    assert now < checked_at <= now + timedelta(days=2, hours=2)
    assert quiet_hours_end(schedule, checked_at) is None


@given(hour=HOURS, zone=st.sampled_from(ZONES), now=MOMENTS)
def test_a_daily_digest_arrives_at_its_hour_every_day(hour, zone, now):
    schedule, day = DigestSchedule(Frequency.DAILY, hour, zone=zone), None
    for _ in range(10):
        now = next_check_at(schedule, now, 3)
        local_time = local(now, zone)
        # On the night on which the clocks skip this hour, the digest comes an hour later.
        is_skipped = (local_time - timedelta(hours=1)).dst() != local_time.dst()
        assert local_time.hour in ({hour, (hour + 1) % 24} if is_skipped else {hour})
        assert day is None or local_time.date() == day + timedelta(days=1)
        day = local_time.date()


@pytest.mark.parametrize(("reported", "minutes"), [(None, 0.5), (1, 10), (50, 10), (51, 60)])
def test_many_new_items_delay_the_next_digest(reported, minutes):
    now = datetime(2026, 11, 27, 12, tzinfo=UTC)
    due = next_check_at(DigestSchedule(Frequency.IMMEDIATE), now, reported)
    assert due - now == timedelta(minutes=minutes)


def test_quiet_hours_can_span_midnight_in_the_time_zone():
    schedule = DigestSchedule(Frequency.IMMEDIATE, quiet_from=22, quiet_until=7, zone="Asia/Tokyo")
    assert quiet_hours_end(schedule, datetime(2026, 11, 27, 14, tzinfo=UTC)) == datetime(
        2026, 11, 27, 22, tzinfo=UTC
    )  # 23:00 in Tokyo, quiet until 7:00
    assert quiet_hours_end(schedule, datetime(2026, 11, 27, 22, tzinfo=UTC)) is None
    assert quiet_hours_end(schedule, datetime(2026, 11, 27, 12, 59, tzinfo=UTC)) is None
