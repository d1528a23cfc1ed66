"""When the worker checks for new work and emails a digest about it to a member of staff. Pure functions.

A member of staff chooses immediate, hourly or daily digests, and quiet hours in their time zone. "Immediate"
still collects: after a digest the next one follows at least MIN_DIGEST_INTERVAL later, and an hour later if
the last one counted many items.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from commentsite.accounts.time_zones import load_time_zone

MIN_DIGEST_INTERVAL = timedelta(minutes=10)
CHECK_INTERVAL = timedelta(seconds=30)
MAX_ITEMS_BEFORE_HOURLY = 50  # more new items in one digest delay the next one by an hour
HOUR = timedelta(hours=1)


class DigestSubject(StrEnum):
    """A kind of work that a digest can count."""

    WAITING = "waiting"
    SECOND = "second"  # comments that need a second moderator
    APPEALS = "appeals"
    REPORTS = "reports"


class Frequency(StrEnum):
    OFF = "off"
    IMMEDIATE = "immediate"
    HOURLY = "hourly"
    DAILY = "daily"


@dataclass(frozen=True)
class DigestSchedule:
    """The choice of one member of staff. Hours are from 0 to 23, in their time zone."""

    frequency: Frequency = Frequency.OFF
    hour: int = 8  # of a daily digest
    quiet_from: int | None = None
    quiet_until: int | None = None
    zone: str = "UTC"
    subjects: tuple[str, ...] = tuple(DigestSubject)


def quiet_hours_end(schedule: DigestSchedule, now: datetime) -> datetime | None:
    """Return the end of the quiet hours that contain this moment, or None outside quiet hours."""
    begins, ends = schedule.quiet_from, schedule.quiet_until
    if begins is None or ends is None or begins == ends:
        return None
    local = now.astimezone(load_time_zone(schedule.zone))
    is_quiet = begins <= local.hour < ends
    if begins > ends:  # over midnight
        is_quiet = local.hour >= begins or local.hour < ends
    return _next_local_hour(schedule, now, ends) if is_quiet else None


def next_check_at(schedule: DigestSchedule, now: datetime, reported_count: int | None) -> datetime:
    """Return when to check for new work again, outside quiet hours.

    `reported_count` is the number of items in the digest that was sent just now, or None if none was sent.
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


def _next_local_hour(schedule: DigestSchedule, now: datetime, hour: int) -> datetime:
    """Return the next start of this hour in the schedule's time zone.

    On the day on which daylight saving time skips the hour, it is the hour after it.
    """
    zone = load_time_zone(schedule.zone)
    local = now.astimezone(zone).replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
    while (moment := local.astimezone(UTC)) <= now:
        local += timedelta(days=1)  # a calendar day, which may have 23 or 25 hours
    return moment
