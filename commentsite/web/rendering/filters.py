"""Jinja filters and globals: dates, people, addresses of files and pages, and those of the modules beside this one."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from babel.dates import format_skeleton
from flask import Flask, current_app, url_for
from flask_babel import format_date, get_locale
from markupsafe import Markup

from commentsite import clock
from commentsite.accounts.time_zones import is_shown_twice
from commentsite.comments.models import Comment
from commentsite.comments.sanitizer import remove_link_targets
from commentsite.comments.threads.queries import CommentRow
from commentsite.letters.citations.addresses import find_document_url
from commentsite.letters.citations.formats import CitableVersion
from commentsite.letters.citations.references import get_document_title
from commentsite.letters.models import Letter, LetterAuthor
from commentsite.letters.text.queries import VersionRow
from commentsite.text.direction import estimate_direction, get_direction
from commentsite.web.context import current_site, find_signed_in_staff, runtime
from commentsite.web.http.languages import (
    ARGUMENT,
    current_direction,
    current_language,
    list_alternates,
)
from commentsite.web.http.parameters import has_input
from commentsite.web.rendering import labels
from commentsite.web.rendering.assets import list_fonts_ahead, stylesheet_url
from commentsite.web.rendering.comment_subject import build_comment_subject
from commentsite.web.rendering.default_texts import list_group_labels, translate_default_text
from commentsite.web.rendering.i18n import format_fraction, ngettext
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.language_attributes import (
    describe_language,
    describe_language_of_site_text,
    describe_language_of_text,
    format_interface_attributes,
)
from commentsite.web.rendering.language_names import get_own_name, get_translated_name
from commentsite.web.rendering.navigation import (
    build_contact_url,
    build_footer_links,
    build_logo,
    build_menu,
    image_url,
    render_footer,
)
from commentsite.web.rendering.time_zones import (
    describe_zone,
    describe_zone_now,
    format_offset,
    get_zone,
    is_desk_page,
)

#: Where the long date of the CLDR ends in an abbreviation, whose full stop would stand before that of a sentence.
_DAY_FORMATS = {"ru": "d MMMM y 'года'"}
_LINK = re.compile(r'<a( [^>]*?)?href="([^"]*)"([^>]*)>([^<]*)</a>')
PREFERS_NOT_TO_SAY = "UND"  # the code of the group that every site offers


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        longdate=format_day,
        moment=format_moment,
        clock_time=format_clock_time,
        ago=format_age,
        duration=format_duration,
        initials=get_initials,
        joined=join_list,
        fraction=format_fraction,
        default_text=translate_default_text,
        first_upper=lambda text: text[:1].upper() + text[1:],
        group_label=get_group_label,
        mark_bare_links=mark_bare_links,
        without_links=remove_link_targets,
        escape_in_script=escape_in_script,
    )
    app.jinja_env.globals.update(
        site=current_site,
        has_input=has_input,
        signed_in_staff=find_signed_in_staff,
        asset_url=asset_url,
        stylesheet_url=stylesheet_url,
        list_fonts_ahead=list_fonts_ahead,
        absolute_url=absolute_url,
        permanent_url=permanent_url,
        author_url=author_url,
        build_comment_subject=build_comment_subject,
        group_label=get_group_label,
        list_group_labels=list_group_labels,
        describe_affiliation=describe_affiliation,
        describe_capacity=describe_capacity,
        list_verifications=list_verifications,
        document_title=get_document_title,
        document_url=find_document_url,
        interface_language=current_language,
        interface_direction=current_direction,
        interface_attributes=format_interface_attributes,
        list_alternates=list_alternates,
        language_name=get_own_name,
        month_name=format_month,
        text_direction=get_direction,
        translated_language_name=get_translated_name,
        find_direction=estimate_direction,
        describe_language=describe_language,
        language_of_text=describe_language_of_text,
        language_of_site_text=describe_language_of_site_text,
        describe_zone=describe_zone,
        describe_zone_now=describe_zone_now,
        contact_url=build_contact_url,
        site_menu=build_menu,
        site_footer_links=build_footer_links,
        site_footer_text=render_footer,
        site_logo=build_logo,
        site_image_url=image_url,
    )
    app.jinja_env.globals.update(
        {name: value for name, value in vars(labels).items() if name.endswith("_LABELS")}
    )


# Dates and durations


def format_day(value: date | datetime | None) -> str:
    """Return a date as in "14 September 2026", or an empty string for None.

    That of a moment is the date in the zone of the page.
    """
    if value is None:
        return ""
    day = value.astimezone(get_zone()).date() if isinstance(value, datetime) else value
    return _format_day_cached(day, str(get_locale()))


@lru_cache(maxsize=2_000)  # a page shows the same few days many times, and Babel is slow
def _format_day_cached(day: date, locale: str) -> str:
    text = str(format_date(day, format=_DAY_FORMATS.get(locale, "long")))
    return text.replace("1 ", "1er ", 1) if locale == "fr" and day.day == 1 else text


def format_moment(value: datetime) -> str:
    """Return a date with hours and minutes, in the zone of the page.

    A page of the desk names its zone once, and other pages with each time. A time that the clocks
    show twice names its offset.
    """
    zone = get_zone()
    local = value.astimezone(zone)
    day, time = format_day(value), f"{local:%H:%M}"
    if not is_desk_page():
        return str(_("%(day)s, %(time)s UTC", day=day, time=time))
    if is_shown_twice(value, zone):
        offset = format_offset(local)
        return str(_("%(day)s, %(time)s (%(offset)s)", day=day, time=time, offset=offset))
    return str(_("%(day)s, %(time)s", day=day, time=time))


def format_clock_time(value: datetime) -> str:
    """Return hours, minutes and seconds in the zone of the page, with the date unless it is today."""
    zone = get_zone()
    local = value.astimezone(zone)
    if local.date() != clock.now().astimezone(zone).date():
        return format_moment(value)
    time = f"{local:%H:%M:%S}"
    return time if is_desk_page() else _("%(time)s UTC", time=time)


def format_month(month: str) -> str:
    """Return a month, given as "2026-03", in words. An empty string stands for all earlier months."""
    if not month:
        return str(_("Before"))
    return str(format_skeleton("yMMMM", date.fromisoformat(f"{month}-01"), locale=get_locale()))


def format_age(value: datetime) -> str:
    """Return the time since a moment, as short as the lists of the desk need it."""
    minutes = int((clock.now() - value).total_seconds() // 60)
    if minutes < 60:
        return str(_("%(n)d min", n=max(minutes, 0)))
    if minutes < 48 * 60:
        return str(_("%(n)d h", n=minutes // 60))
    return str(ngettext("%(num)d day", "%(num)d days", minutes // 1440))


def format_duration(seconds: int | None) -> str:
    """Return a duration rounded to minutes, hours or days, or a dash for None."""
    if seconds is None:
        return "–"
    if seconds < 2 * 3600:
        return str(_("%(n)d min", n=round(seconds / 60)))
    if seconds < 72 * 3600:
        return str(_("%(n)d h", n=round(seconds / 3600)))
    days = round(seconds / 86400)
    return str(ngettext("%(num)d day", "%(num)d days", days))


# People


def get_initials(name: str) -> str:
    """Return one or two capital letters for an avatar, from the first and the last word of a name."""
    words = [word for word in name.split() if word[:1].isalnum()]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "–"


def get_group_label(code: str) -> str:
    """Return the name that this site gives to a stakeholder group."""
    if code == PREFERS_NOT_TO_SAY:
        return str(_("prefers not to say"))
    return translate_default_text(current_site().groups.get(code, code))


def describe_affiliation(person: Comment | CommentRow | LetterAuthor) -> str:
    """Return group, organisation and capacity of the author of a comment or letter in one line.

    The macro `affiliation` prints the same, with the language of the organisation.
    """
    group, organisation = get_group_label(person.stakeholder_group), person.organisation
    if person.capacity == "on_behalf_of" and organisation:
        return str(
            _("%(group)s, on behalf of %(organisation)s", group=group, organisation=organisation)
        )
    parts = [group, organisation, describe_capacity(person)]
    return join_list([part for part in parts if part])


def join_list(parts: Iterable[Any]) -> str:
    """Join words with the comma of the page's language, and without "and". Markup stays, and text beside it is escaped."""
    separator, words = _(", "), [part if hasattr(part, "__html__") else str(part) for part in parts]
    if any(hasattr(part, "__html__") for part in words):
        return Markup(separator).join(words)  # noqa: S704  # from the source or a catalogue
    return separator.join(words)


def list_verifications(comment: Comment | CommentRow) -> list[str]:
    """Return what the site knows to be true about the author of a comment, a phrase each."""
    found = []
    if comment.delegation_verified_at:
        found.append(_("delegation verified by the editors"))
    if comment.email_confirmed_at:
        found.append(
            _("email address at the organisation’s own domain")
            if comment.has_organisation_domain
            else _("email address confirmed")
        )
    return found


def describe_capacity(person: Comment | CommentRow | LetterAuthor) -> str:
    """Return the capacity in which an author writes, or an empty string where it needs no word."""
    if person.capacity == "personal" and person.organisation:
        return str(_("in a personal capacity"))
    if person.capacity in {"delegate", "former_member"}:
        return str(labels.CAPACITY_LABELS[person.capacity])
    return ""


# Addresses and citations


def escape_in_script(text: str) -> Markup:
    """Return a JSON text in which nothing can end the script element around it. `tojson` takes an object instead."""
    escaped = text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return Markup(escaped)  # noqa: S704  # no character of a tag is left in it


def mark_bare_links(html: str) -> str:
    """Give the class `bare` to links whose text is their address, which print need not repeat."""
    return _LINK.sub(_mark_if_bare, html)


def _mark_if_bare(link: re.Match[str]) -> str:
    address, text = (unquote(unescape(part)).removesuffix("/") for part in link.group(2, 4))
    is_bare = text and (address == text or address.partition("://")[2] == text)
    return f'<a class="bare"{link[0][2:]}' if is_bare else link[0]


def asset_url(name: str) -> str:
    """Return the address of a static file. It contains a hash, so that browsers may cache it for ever."""
    return url_for("static", filename=name, v=_fingerprint(str(current_app.static_folder), name))


@cache
def _fingerprint(folder: str, name: str) -> str:
    return sha256((Path(folder) / name).read_bytes()).hexdigest()[:10]


def absolute_url(path: str) -> str:
    """Return a path of this site as a complete address, for feeds, emails and metadata."""
    return runtime().settings.base_url + path


def permanent_url(endpoint: str, **values: Any) -> str:
    """Return the complete address of a page without a language, which is the one to keep and to cite."""
    return absolute_url(url_for(endpoint, **values, **{ARGUMENT: None}))


def author_url(name: str) -> str:
    """Return the address of the page of the letters under a name. Empty if no address can hold the name."""
    if "/" in name or name in {".", ".."}:
        return ""
    return absolute_url(url_for("authors.show", name=name))


def build_citable_version(letter: Letter, versions: Sequence[VersionRow]) -> CitableVersion:
    """Return the bibliographic data of a letter's current version. `versions` are listed newest first."""
    published_at = versions[0].published_at if versions else clock.now()
    return CitableVersion(
        key=letter.slug,
        title=letter.title,
        authors=tuple(author.name for author in letter.authors),
        published=published_at.date(),
        version=letter.version_number,
        url=permanent_url("versions.show", slug=letter.slug, number=letter.version_number),
        publisher=current_site().title,
        language=letter.language,
        occasion=letter.occasion,
    )
