"""Say why a comment waits for a person: an ordered table of checks, each naming what it found and where."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from commentsite.comments.disposable import provider_of
from commentsite.comments.wordlists import word_list
from commentsite.text.confusables import skeleton

TRAP = "trap"
FIRST_READING = "first_reading"
SANCTION = "sanction"
HISTORY = "history"
LINKS_UNKNOWN = "links_unknown"
REPORTED = "reported"  # by readers, once it was public
AKISMET = "akismet"  # its answer comes later, from the worker
FASTEST_READER = 10.0  # seconds in which nobody types more than LONG_TEXT characters
LONG_TEXT = 200
MOST_PLACES = 10  # of one check in one comment
LONGEST_DETAIL = 80

Reason = dict[str, Any]  # rule, version, detail, field, and start and end where the place is known

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]\"]*", re.IGNORECASE)


@dataclass(frozen=True)
class Past:
    """What is known about who sends, from before."""

    is_published: bool = False  # with a confirmed address
    spam: int = 0  # comments from the same network address, in the days it is kept
    refused: int = 0
    reported: int = 0  # reports of readers that were upheld


@dataclass(frozen=True)
class Arrival:
    """How a comment was sent, which nobody can ask about again later."""

    nickname: str = ""
    form_age: float | None = None
    is_burst: bool = False
    mail_domain: str = ""


@dataclass(frozen=True)
class Rules:
    """What the site decided about screening."""

    reserved_names: tuple[str, ...]
    banned_words: tuple[str, ...]
    languages: frozenset[str]
    hold_links: int
    hold_new_links: bool
    disposable_domains: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """What is known about a comment: its words as they are stored, its past, how it was sent."""

    name: str
    organisation: str
    body: str
    is_repeat: bool
    past: Past
    arrival: Arrival
    rules: Rules
    near: str = ""  # how much of it an earlier comment shares, and the number of that comment
    is_known: bool = False  # the address was confirmed before
    is_sanctioned: bool = False  # a moderator wants to read whatever comes from this address


@dataclass(frozen=True)
class Finding:
    """What a check found, and where: characters of a field as it is stored."""

    detail: str = ""
    field: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Check:
    """One row of the table. Its version goes up when it would judge the same comment otherwise."""

    rule: str
    version: int
    find: Callable[[Facts], Iterator[Finding]]
    of_arrival: bool = False  # found once, and kept when the author changes the words


def screen(facts: Facts, earlier: list[Reason] | None = None) -> list[Reason]:
    """Return the reasons a comment is held for, gravest first; every comment has at least one.

    `earlier` are those a comment had before its words changed: of how it was sent they stay.
    """
    held: list[Reason] = []
    for check in TABLE:
        if check.of_arrival and earlier is not None:
            held += [reason for reason in earlier if reason["rule"] == check.rule]
        else:
            places = list(dict.fromkeys(check.find(facts)))[:MOST_PLACES]
            held += [as_reason(check.rule, check.version, place) for place in places]
    return held or [as_reason(FIRST_READING, 1, Finding())]


def found_by(facts: Facts, rules: frozenset[str]) -> list[Reason]:
    """Return what these checks alone point out."""
    return [
        as_reason(check.rule, check.version, place)
        for check in TABLE
        if check.rule in rules
        for place in list(dict.fromkeys(check.find(facts)))[:MOST_PLACES]
    ]


def as_reason(rule: str, version: int, found: Finding) -> Reason:
    """Return a reason as it is stored with the comment."""
    stored: Reason = {"rule": rule, "version": version, "detail": found.detail[:LONGEST_DETAIL]}
    stored["field"] = found.field
    if found.start is not None:
        stored |= {"start": found.start, "end": found.end}
    return stored


def _trap(facts: Facts) -> Iterator[Finding]:
    if facts.arrival.nickname:
        yield Finding()


def _sanction(facts: Facts) -> Iterator[Finding]:
    if facts.is_sanctioned:
        yield Finding()


def _banned_word(facts: Facts) -> Iterator[Finding]:
    listed = word_list(facts.rules.banned_words, facts.rules.languages)
    fields = {"body": facts.body, "name": facts.name, "organisation": facts.organisation}
    for field, text in fields.items():
        for match in listed.find(text):
            yield Finding(match.entry, field, match.start, match.end)


def _links(facts: Facts) -> Iterator[Finding]:
    found = list(_LINK.finditer(facts.body))
    if facts.rules.hold_links and len(found) >= facts.rules.hold_links:
        for link in found:
            yield Finding(str(len(found)), "body", *link.span())


def _links_unknown(facts: Facts) -> Iterator[Finding]:
    if facts.rules.hold_new_links and not facts.past.is_published:
        for field, text in {"body": facts.body, "name": facts.name}.items():
            for link in _LINK.finditer(text):
                yield Finding(_host(link[0]), field, *link.span())


def _name_like(facts: Facts) -> Iterator[Finding]:
    mine = skeleton(facts.name)
    for other in facts.rules.reserved_names:
        if mine and skeleton(other) == mine:
            yield Finding(other, "name", 0, len(facts.name))
            return


def _repeat(facts: Facts) -> Iterator[Finding]:
    if facts.is_repeat:
        yield Finding(field="body")


def _near_repeat(facts: Facts) -> Iterator[Finding]:
    if facts.near and not facts.is_repeat:
        yield Finding(facts.near, "body")


def _history(facts: Facts) -> Iterator[Finding]:
    past = facts.past
    if past.spam or past.refused or past.reported:
        yield Finding(f"spam {past.spam} refused {past.refused} reported {past.reported}")


def _too_fast(facts: Facts) -> Iterator[Finding]:
    took = facts.arrival.form_age
    if took is not None and took < FASTEST_READER and len(facts.body) > LONG_TEXT:
        yield Finding(str(int(took)))


def _burst(facts: Facts) -> Iterator[Finding]:
    if facts.arrival.is_burst:
        yield Finding()


def _disposable(facts: Facts) -> Iterator[Finding]:
    if found := provider_of(facts.arrival.mail_domain, facts.rules.disposable_domains):
        yield Finding(found, "email")


# The order is the order in which a moderator should know; the first that finds something names the case.
TABLE: tuple[Check, ...] = (
    Check(TRAP, 1, _trap, of_arrival=True),
    Check(SANCTION, 1, _sanction),
    Check("banned_word", 2, _banned_word),
    Check("links", 2, _links),
    Check("name_like", 2, _name_like),
    Check("repeat", 1, _repeat),
    Check("near_repeat", 1, _near_repeat),
    Check(HISTORY, 1, _history),
    Check("too_fast", 1, _too_fast, of_arrival=True),
    Check("burst", 1, _burst, of_arrival=True),
    Check("disposable", 1, _disposable, of_arrival=True),
    Check(LINKS_UNKNOWN, 1, _links_unknown),
)


def _host(link: str) -> str:
    try:
        return urlsplit(link if "//" in link else f"//{link}").hostname or ""
    except ValueError:  # such as "http://[": a link all the same
        return ""
