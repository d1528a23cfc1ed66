"""How things are said on pages: dates, groups, capacities, addresses of files."""

from datetime import date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from babel import Locale, UnknownLocaleError
from flask import Flask, current_app, url_for
from flask_babel import format_date, format_datetime, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from commentsite import clock
from commentsite.accounts.permissions import RoleName
from commentsite.comments.models import Comment
from commentsite.letters.citing import Work, in_words
from commentsite.letters.models import Letter, LetterVersion
from commentsite.letters.references import title_of
from commentsite.web.assets import stylesheet_address
from commentsite.web.identity import current_site, runtime

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "dv", "ckb", "yi"})
CAPACITIES = {
    "personal": _l("for myself"),
    "on_behalf_of": _l("on behalf of my organisation"),
    "delegate": _l("as a delegate"),
    "former_member": _l("as a former member"),
    "undisclosed": _l("I would rather not say"),
}
KINDS = {
    "general": _l("the letter as a whole"),
    "paragraph": _l("some of its paragraphs"),
    "omission": _l("something the letter leaves out"),
    "question": _l("a question to the author"),
}
STANCES = {
    "none": _l("no position"),
    "support": _l("supports"),
    "support_with_changes": _l("supports with changes"),
    "oppose": _l("opposes"),
    "neutral": _l("neutral"),
}
STATES = {
    "awaiting_email": _l("Address not confirmed"),
    "pending": _l("Waiting"),
    "published": _l("Published"),
    "returned": _l("Returned"),
    "refused": _l("Refused"),
    "spam": _l("Spam"),
    "withdrawn": _l("Withdrawn"),
    "restricted": _l("Removed"),
}
LETTER_STATES = {
    "draft": _l("Draft"),
    "review": _l("In review"),
    "scheduled": _l("Scheduled"),
    "published": _l("Published"),
    "superseded": _l("Superseded"),
    "withdrawn": _l("Withdrawn"),
}
SCOPES = {
    "publish": _l("to publish it"),
    "translate": _l("to translate it"),
    "archive": _l("to archive it"),
}
WAYS = {
    "email": _l("by email"),
    "letter": _l("by letter"),
    "spoken": _l("in conversation"),
    "licence": _l("by an open licence"),
    "own_work": _l("the author published it here"),
    "stated": _l("as stated by who brought it"),
}
CHANGES = {
    "first": _l("first version"),
    "editorial": _l("editorial correction"),
    "substantive": _l("change of substance"),
}
ROLES = {
    RoleName.MODERATOR: _l("moderator"),
    RoleName.EDITOR: _l("editor"),
    RoleName.STEWARD: _l("steward"),
}
HELD = {
    "trap": _l("the hidden field was filled"),
    "banned_word": _l("a word on the list"),
    "links": _l("links"),
    "name_like": _l("a name like another’s"),
    "repeat": _l("the same words were sent before"),
    "too_fast": _l("sent faster than people type"),
    "burst": _l("many comments at once"),
    "edited": _l("changed by its author"),
    "first_reading": _l("first reading"),
    "not_theirs": _l("the owner of its address did not send it"),
}


def init_app(app: Flask) -> None:
    """Give templates these words."""
    app.jinja_env.filters.update(
        longdate=longdate, moment=moment, ago=ago, initials=initials, group_label=group_label
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
        ROLES=ROLES,
        document_title=title_of,
        language_name=language_name,
        cited_work=cited_work,
        in_words=in_words,
        CHANGES=CHANGES,
        LETTER_STATES=LETTER_STATES,
        SCOPES=SCOPES,
        WAYS=WAYS,
    )


def longdate(value: date | datetime | None) -> str:
    """Return a date in words."""
    return format_date(value, format="long") if value else ""


def moment(value: datetime) -> str:
    """Return a moment in words, to the minute, with its zone."""
    return f"{format_date(value, format='long')}, {format_datetime(value, 'HH:mm')} UTC"


def ago(value: datetime) -> str:
    """Return how long ago it was, short, for the desk."""
    minutes = int((clock.now() - value).total_seconds() // 60)
    if minutes < 60:
        return str(_("%(n)d min", n=max(minutes, 0)))
    if minutes < 48 * 60:
        return str(_("%(n)d h", n=minutes // 60))
    return str(ngettext("%(num)d day", "%(num)d days", minutes // 1440))


def initials(name: str) -> str:
    """Return up to two letters for a face: the first of the first and of the last word."""
    words = [word for word in name.split() if word[:1].isalnum()]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "–"


def group_label(code: str) -> str:
    """Return a group as this site calls it."""
    return str(_("prefers not to say")) if code == "UND" else current_site().groups.get(code, code)


def who_from(person: Comment) -> str:
    """Return group, capacity and organisation in one line, for a comment or an author of a letter."""
    group, organisation = group_label(person.stakeholder_group), person.organisation
    if person.capacity == "on_behalf_of" and organisation:
        return str(
            _("%(group)s, on behalf of %(organisation)s", group=group, organisation=organisation)
        )
    how = {"delegate": _("as a delegate"), "former_member": _("as a former member")}.get(
        person.capacity, ""
    )
    if person.capacity == "personal" and organisation:
        how = _("in a personal capacity")
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


def cited_work(letter: Letter, versions: list[LetterVersion]) -> Work:
    """Return a letter's current version, the first of these, as something that can be cited for years."""
    published = (versions[0].published_at if versions else None) or clock.now()
    place = url_for("versions.show", slug=letter.slug, number=letter.version_number)
    return Work(
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
