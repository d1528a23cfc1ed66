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


RHYTHMS = st.builds(
    DigestSchedule,
    frequency=st.sampled_from([Frequency.IMMEDIATE, Frequency.HOURLY, Frequency.DAILY]),
    hour=HOURS,
    quiet_from=HOURS,
    quiet_until=HOURS,
    zone=st.sampled_from(ZONES),
)


@given(rhythm=RHYTHMS, now=MOMENTS, told=st.none() | st.integers(0, 200))
def test_it_is_never_looked_in_quiet_hours_and_always_again(rhythm, now, told):
    then = next_check_at(rhythm, now, told)
    assert now < then <= now + timedelta(days=2, hours=2)
    assert quiet_hours_end(rhythm, then) is None


@given(hour=HOURS, zone=st.sampled_from(ZONES), now=MOMENTS)
def test_a_daily_message_has_its_hour_every_day(hour, zone, now):
    rhythm, day = DigestSchedule(Frequency.DAILY, hour, zone=zone), None
    for _ in range(10):
        now = next_check_at(rhythm, now, 3)
        there = local(now, zone)
        # On the night on which the clocks skip this hour, the message comes an hour later.
        is_skipped = (there - timedelta(hours=1)).dst() != there.dst()
        assert there.hour in ({hour, (hour + 1) % 24} if is_skipped else {hour})
        assert day is None or there.date() == day + timedelta(days=1)
        day = there.date()


@pytest.mark.parametrize(("told", "minutes"), [(None, 0.5), (1, 10), (50, 10), (51, 60)])
def test_one_message_collects_and_a_flood_longer(told, minutes):
    now = datetime(2026, 11, 27, 12, tzinfo=UTC)
    due = next_check_at(DigestSchedule(Frequency.IMMEDIATE), now, told)
    assert due - now == timedelta(minutes=minutes)


def test_quiet_hours_go_over_midnight_there():
    rhythm = DigestSchedule(Frequency.IMMEDIATE, quiet_from=22, quiet_until=7, zone="Asia/Tokyo")
    assert quiet_hours_end(rhythm, datetime(2026, 11, 27, 14, tzinfo=UTC)) == datetime(
        2026, 11, 27, 22, tzinfo=UTC
    )  # 23:00 there, until 7:00
    assert quiet_hours_end(rhythm, datetime(2026, 11, 27, 22, tzinfo=UTC)) is None
    assert quiet_hours_end(rhythm, datetime(2026, 11, 27, 12, 59, tzinfo=UTC)) is None
