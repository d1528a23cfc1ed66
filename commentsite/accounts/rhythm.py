"""When somebody on the staff wants to hear from the desk: at once, hourly, once a day, and never in their night."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, available_timezones

#: What somebody can want to hear of.
SUBJECTS = ("waiting", "second", "appeals", "reports")
AT_MOST_EVERY = timedelta(minutes=10)  # one message collects what came meanwhile
LOOKS_EVERY = timedelta(seconds=30)
FLOOD = 50  # new things in one message; the next one collects for an hour
HOUR = timedelta(hours=1)


class How(StrEnum):
    """How often."""

    OFF = "off"
    IMMEDIATE = "immediate"
    HOURLY = "hourly"
    DAILY = "daily"


@dataclass(frozen=True)
class Rhythm:
    """What one person chose; hours are whole ones of the day in their time zone."""

    how: How = How.OFF
    hour: int = 8  # of the daily message
    quiet_from: int | None = None
    quiet_until: int | None = None
    zone: str = "UTC"
    subjects: tuple[str, ...] = SUBJECTS


def is_zone(name: str) -> bool:
    """Say whether this names a time zone."""
    return name in available_timezones()


def quiet_ends(rhythm: Rhythm, now: datetime) -> datetime | None:
    """Return when the quiet hours end in which a moment lies; None where it lies in none."""
    begins, ends = rhythm.quiet_from, rhythm.quiet_until
    if begins is None or ends is None or begins == ends:
        return None
    local = now.astimezone(ZoneInfo(rhythm.zone))
    is_quiet = begins <= local.hour < ends
    if begins > ends:
        is_quiet = local.hour >= begins or local.hour < ends
    return _next(rhythm, now, ends) if is_quiet else None


def next_look(rhythm: Rhythm, now: datetime, told: int | None) -> datetime:
    """Return when to look again whether there is something to tell, after a look that told of so many new things.

    None: nothing was told, since nothing was new or nobody looked yet.
    """
    if rhythm.how is How.DAILY:
        due = _next(rhythm, now, rhythm.hour)
    elif told is None:
        due = now + LOOKS_EVERY
    elif rhythm.how is How.HOURLY or told > FLOOD:
        due = now + HOUR
    else:
        due = now + AT_MOST_EVERY
    return quiet_ends(rhythm, due) or due


def _next(rhythm: Rhythm, now: datetime, hour: int) -> datetime:
    """Return when it is next that hour there; where the clocks skip it, the hour after."""
    zone = ZoneInfo(rhythm.zone)
    local = now.astimezone(zone).replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
    while (moment := local.astimezone(ZoneInfo("UTC"))) <= now:
        local += timedelta(days=1)  # of the calendar, however long that day is
    return moment
