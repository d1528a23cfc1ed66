"""Time zones of staff accounts: which names are known, and which moment a local time means."""

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from commentsite.errors import Invalid

UTC_NAME = "UTC"


def is_time_zone(name: str) -> bool:
    """Return whether the IANA time zone database has this name."""
    return name in _list_names()


@lru_cache(maxsize=1)  # reads the folders of the database
def _list_names() -> frozenset[str]:
    return frozenset(available_timezones())


def load_time_zone(name: str) -> tzinfo:
    """Return a time zone, or UTC for a name that the database of this machine does not have."""
    return ZoneInfo(name) if name != UTC_NAME and is_time_zone(name) else UTC


def resolve_local_time(local: datetime, zone: tzinfo, *, field: str | None = None) -> datetime:
    """Return the moment in UTC at which the clocks of a zone show a time.

    `local` has no zone of its own. A time that the clocks show twice, when they go back, means the
    first of the two. Raises Invalid for a time that they skip when they go forward.
    """
    moment = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        msg = "The clocks go forward on that day and skip this time. Choose an earlier or a later time."
        raise Invalid(msg, field=field)
    return moment


def is_shown_twice(moment: datetime, zone: tzinfo) -> bool:
    """Return whether the clocks of a zone show the time of this moment twice."""
    local = moment.astimezone(zone)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
