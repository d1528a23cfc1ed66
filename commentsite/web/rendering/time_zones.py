"""The time zone in which a page shows times, and the zones that an account can choose.

A page of the desk shows times in the zone of the account that is signed in. All other pages, emails
and downloads use UTC, since they are the same for every reader.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location
from flask import has_request_context, request
from flask_babel import get_locale

from commentsite import clock
from commentsite.accounts.time_zones import UTC_NAME, is_time_zone, load_time_zone
from commentsite.web.context import DESK_TIME_ZONE
from commentsite.web.rendering.i18n import gettext as _

#: The value of a field of the type `datetime-local`.
FIELD_FORMAT = "%Y-%m-%dT%H:%M"
#: The first part of an IANA name that is no region of the world.
_NO_REGION = "Etc"


@dataclass(frozen=True)
class ZoneChoice:
    """A time zone in the list of an account."""

    name: str  # as IANA names it
    label: str


@dataclass(frozen=True)
class ZoneRegion:
    title: str
    zones: tuple[ZoneChoice, ...]


def get_zone_name() -> str:
    """Return the IANA name of the zone in which this request shows times."""
    name: str = request.environ.get(DESK_TIME_ZONE, "") if has_request_context() else ""
    return name or UTC_NAME


def get_zone() -> tzinfo:
    return load_time_zone(get_zone_name())


def is_desk_page() -> bool:
    """Return whether the page names its zone once. Otherwise each time names it."""
    return has_request_context() and DESK_TIME_ZONE in request.environ


def format_for_field(moment: datetime | None) -> str:
    """Return a moment as a field for a local time holds it, or an empty string for None."""
    return moment.astimezone(get_zone()).strftime(FIELD_FORMAT) if moment else ""


def describe_zone() -> str:
    """Return the name of the zone of this request, such as "Zurich time" or "UTC"."""
    name = get_zone_name()
    if load_time_zone(name) is UTC:
        return UTC_NAME
    return str(_("%(city)s time", city=_name_city(name, get_locale())))


def describe_zone_now() -> str:
    """Return the name of the zone of this request with its present offset."""
    zone = get_zone()
    if zone is UTC:
        return UTC_NAME
    offset = format_offset(clock.now().astimezone(zone))
    return str(_("%(zone)s (%(offset)s)", zone=describe_zone(), offset=offset))


def format_offset(local: datetime) -> str:
    """Return the offset of a local time from UTC, such as "UTC+05:30"."""
    text = f"{local:%z}"
    return f"UTC{text[:3]}:{text[3:5]}"


def list_zone_regions() -> tuple[ZoneRegion, ...]:
    """Return the zones by region of the world, each with its city, country and present offset."""
    locale = get_locale() or Locale.parse("en_GB")
    return _build_regions(locale, clock.now().replace(minute=0, second=0, microsecond=0))


def get_listed_name(name: str) -> str:
    """Return the name under which the list has a zone. Older names of a zone stay valid."""
    listed: str = get_global("zone_aliases").get(name, name)
    return UTC_NAME if listed in {"Etc/UTC", "Etc/GMT"} else listed


@lru_cache(maxsize=4)  # some hundred zones, whose names and offsets take a while to find
def _build_regions(locale: Locale, now: datetime) -> tuple[ZoneRegion, ...]:
    titles = {
        "Africa": _("Africa"),
        "America": _("America"),
        "Antarctica": _("Antarctica"),
        "Arctic": _("Arctic Ocean"),
        "Asia": _("Asia"),
        "Atlantic": _("Atlantic Ocean"),
        "Australia": _("Australia"),
        "Europe": _("Europe"),
        "Indian": _("Indian Ocean"),
        "Pacific": _("Pacific Ocean"),
    }
    by_region: dict[str, list[ZoneChoice]] = {}
    for name, territory in get_global("zone_territories").items():
        region = name.partition("/")[0]
        if region != _NO_REGION and is_time_zone(name):
            choice = ZoneChoice(name, _describe_choice(name, territory, locale, now))
            by_region.setdefault(titles.get(region, region), []).append(choice)
    return tuple(ZoneRegion(title, _sort(by_region[title])) for title in sorted(by_region))


def _sort(choices: Iterable[ZoneChoice]) -> tuple[ZoneChoice, ...]:
    return tuple(sorted(choices, key=lambda choice: choice.label))


def _describe_choice(name: str, territory: str, locale: Locale, now: datetime) -> str:
    city, country = _name_city(name, locale), locale.territories.get(territory, territory)
    offset = format_offset(now.astimezone(load_time_zone(name)))
    if country == city:
        return str(_("%(city)s (%(offset)s)", city=city, offset=offset))
    return str(_("%(city)s, %(country)s (%(offset)s)", city=city, country=country, offset=offset))


@lru_cache(maxsize=2_000)  # the head of each page of the desk names a city
def _name_city(name: str, locale: Locale | None) -> str:
    """Return the city of a zone in a language. Without a translation it is the end of the IANA name."""
    city: str = get_timezone_location(name, locale=locale or "en_GB", return_city=True)
    return city.rpartition("/")[2]
