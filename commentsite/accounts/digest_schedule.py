"""When somebody on the staff wants to hear from the desk: at once, hourly, once a day, and never in their night."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, available_timezones

#: What somebody can want to hear of.
DIGEST_SUBJECTS = ("waiting", "second", "appeals", "reports")
MIN_DIGEST_INTERVAL = timedelta(minutes=10)  # one message collects what came meanwhile
CHECK_INTERVAL = timedelta(seconds=30)
MAX_ITEMS_BEFORE_HOURLY = 50  # new things in one message; the next one collects for an hour
HOUR = timedelta(hours=1)


class Frequency(StrEnum):
    """How often."""

    OFF = "off"
    IMMEDIATE = "immediate"
    HOURLY = "hourly"
    DAILY = "daily"


@dataclass(frozen=True)
class DigestSchedule:
    """What one person chose; hours are whole ones of the day in their time zone."""

    frequency: Frequency = Frequency.OFF
    hour: int = 8  # of the daily message
    quiet_from: int | None = None
    quiet_until: int | None = None
    zone: str = "UTC"
    subjects: tuple[str, ...] = DIGEST_SUBJECTS


def is_time_zone(name: str) -> bool:
    """Say whether this names a time zone."""
    return name in available_timezones()


def quiet_hours_end(schedule: DigestSchedule, now: datetime) -> datetime | None:
    """Return when the quiet hours end in which a moment lies; None where it lies in none."""
    begins, ends = schedule.quiet_from, schedule.quiet_until
    if begins is None or ends is None or begins == ends:
        return None
    local = now.astimezone(ZoneInfo(schedule.zone))
    is_quiet = begins <= local.hour < ends
    if begins > ends:
        is_quiet = local.hour >= begins or local.hour < ends
    return _next_local_hour(schedule, now, ends) if is_quiet else None


def next_check_at(schedule: DigestSchedule, now: datetime, reported_count: int | None) -> datetime:
    """Return when to look again whether there is something to tell, after a look that told of so many new things.

    None: nothing was told, since nothing was new or nobody looked yet.
    """
    if schedule.frequency is Frequency.DAILY:
        due = _next_local_hour(schedule, now, schedule.hour)
    elif reported_count is None:
        due = now + CHECK_INTERVAL
    elif schedule.frequency is Frequency.HOURLY or reported_count > MAX_ITEMS_BEFORE_HOURLY:
        due = now + HOUR
    else:
        due = now + MIN_DIGEST_INTERVAL
    return quiet_hours_end(schedule, due) or due


def _next_local_hour(rhythm: DigestSchedule, now: datetime, hour: int) -> datetime:
    """Return when it is next that hour there; where the clocks skip it, the hour after."""
    zone = ZoneInfo(rhythm.zone)
    local = now.astimezone(zone).replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
    while (moment := local.astimezone(ZoneInfo("UTC"))) <= now:
        local += timedelta(days=1)  # of the calendar, however long that day is
    return moment
