"""How things are said on pages: dates, groups, capacities, addresses of files."""

from datetime import date, datetime
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path

from babel import Locale, UnknownLocaleError
from flask import Flask, current_app, url_for
from flask_babel import format_date, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from commentsite import clock
from commentsite.comments.models import Comment
from commentsite.letters.citations.formats import CitableVersion, format_authors_and_title
from commentsite.letters.citations.references import get_document_title
from commentsite.letters.models import Letter, LetterVersion
from commentsite.web.context import current_site, runtime
from commentsite.web.rendering.assets import stylesheet_address
from commentsite.web.rendering.labels import (
    APPEAL_VIEWS,
    APPEALS,
    CAPACITIES,
    CHANGES,
    FEW_ANSWERS,
    FOUND,
    HELD,
    KEY_ACTS,
    KINDS,
    LETTER_STATES,
    LEVELS,
    MODES,
    POLICIES,
    RHYTHMS,
    ROLES,
    RULE_CHANGES,
    SCOPES,
    STANCES,
    STATES,
    SUBJECTS,
    SWITCHES,
    VERDICTS,
    VIEWS,
    WAITS,
    WAYS,
)

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "dv", "ckb", "yi"})


def init_app(app: Flask) -> None:
    """Give templates these words."""
    app.jinja_env.filters.update(
        longdate=longdate,
        moment=moment,
        ago=ago,
        initials=initials,
        group_label=group_label,
        duration=duration,
    )
    app.jinja_env.globals.update(
        group_label=group_label,
        who_from=who_from,
        dir_of=dir_of,
        asset=asset,
        stylesheet=stylesheet_address,
        absolute=absolute,
        site=current_site,
        CAPACITIES=CAPACITIES,
        KINDS=KINDS,
        STANCES=STANCES,
        STATES=STATES,
        HELD=HELD,
        KEY_ACTS=KEY_ACTS,
        ROLES=ROLES,
        LEVELS=LEVELS,
        MODES=MODES,
        POLICIES=POLICIES,
        RHYTHMS=RHYTHMS,
        SUBJECTS=SUBJECTS,
        SWITCHES=SWITCHES,
        FOUND=FOUND,
        VIEWS=VIEWS,
        APPEALS=APPEALS,
        APPEAL_VIEWS=APPEAL_VIEWS,
        WAITS=WAITS,
        document_title=get_document_title,
        language_name=language_name,
        month_name=month_name,
        RULE_CHANGES=RULE_CHANGES,
        VERDICTS=VERDICTS,
        cited_work=cited_work,
        in_words=format_authors_and_title,
        CHANGES=CHANGES,
        LETTER_STATES=LETTER_STATES,
        SCOPES=SCOPES,
        WAYS=WAYS,
        FEW_ANSWERS=FEW_ANSWERS,
    )


def longdate(value: date | datetime | None) -> str:
    """Return a date in words."""
    return (
        _in_words(value.date() if isinstance(value, datetime) else value, str(get_locale()))
        if value
        else ""
    )


@lru_cache(maxsize=2_000)  # a page says the same few days again and again
def _in_words(day: date, _locale: str) -> str:
    return str(format_date(day, format="long"))


def moment(value: datetime) -> str:
    """Return a moment in words, to the minute, with its zone."""
    return f"{longdate(value)}, {value:%H:%M} UTC"


def ago(value: datetime) -> str:
    """Return how long ago it was, short, for the desk."""
    minutes = int((clock.now() - value).total_seconds() // 60)
    if minutes < 60:
        return str(_("%(n)d min", n=max(minutes, 0)))
    if minutes < 48 * 60:
        return str(_("%(n)d h", n=minutes // 60))
    return str(ngettext("%(num)d day", "%(num)d days", minutes // 1440))


def duration(seconds: int | None) -> str:
    """Return how long something took, to the minute, hour or day; a dash where nothing was timed."""
    if seconds is None:
        return "–"
    if seconds < 2 * 3600:
        return str(_("%(n)d min", n=round(seconds / 60)))
    if seconds < 72 * 3600:
        return str(_("%(n)d h", n=round(seconds / 3600)))
    days = round(seconds / 86400)
    return str(ngettext("%(num)d day", "%(num)d days", days))


def month_name(month: str) -> str:
    """Return a month written as 2026-03 in words; none is all those before the months shown."""
    if not month:
        return str(_("Before"))
    return str(format_date(date.fromisoformat(f"{month}-01"), "LLLL yyyy"))


def initials(name: str) -> str:
    """Return up to two letters for a face: the first of the first and of the last word."""
    words = [word for word in name.split() if word[:1].isalnum()]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "–"


HOW = {"delegate": _l("as a delegate"), "former_member": _l("as a former member")}
IN_PERSON = _l("in a personal capacity")


def group_label(code: str) -> str:
    """Return a group as this site calls it."""
    if code == "UND":
        return str(_("prefers not to say"))
    return current_site().groups.get(code, code)


def who_from(person: Comment) -> str:
    """Return group, capacity and organisation in one line, for a comment or an author of a letter."""
    group, organisation = group_label(person.stakeholder_group), person.organisation
    if person.capacity == "on_behalf_of" and organisation:
        return str(
            _("%(group)s, on behalf of %(organisation)s", group=group, organisation=organisation)
        )
    how = HOW.get(person.capacity, "")
    if person.capacity == "personal" and organisation:
        how = IN_PERSON
    return ", ".join(str(part) for part in (group, organisation, how) if part)


def dir_of(language: str) -> str:
    """Return the direction a language is written in."""
    return "rtl" if language.partition("-")[0].lower() in RIGHT_TO_LEFT else "ltr"


def language_name(code: str) -> str:
    """Return what speakers of a language call it, or its code."""
    try:
        return str(Locale.parse(code, sep="-").get_display_name() or code)
    except (UnknownLocaleError, ValueError):
        return code


def cited_work(letter: Letter, versions: list[LetterVersion]) -> CitableVersion:
    """Return a letter's current version, the first of these, as something that can be cited for years."""
    published = (versions[0].published_at if versions else None) or clock.now()
    place = url_for("versions.show", slug=letter.slug, number=letter.version_number)
    return CitableVersion(
        key=letter.slug,
        title=letter.title,
        authors=tuple(author.name for author in letter.authors),
        published=published.date(),
        version=letter.version_number,
        url=absolute(place),
        publisher=current_site().title,
        language=letter.language,
        occasion=letter.occasion,
    )


def asset(name: str) -> str:
    """Return a static file's address, which changes when the file does."""
    return url_for("static", filename=name, v=_fingerprint(str(current_app.static_folder), name))


def absolute(path: str) -> str:
    """Return an address on this site that holds outside it."""
    return runtime().settings.base_url + path


@cache
def _fingerprint(folder: str, name: str) -> str:
    return sha256((Path(folder) / name).read_bytes()).hexdigest()[:10]
