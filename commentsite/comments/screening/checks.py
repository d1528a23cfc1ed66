"""Say why a comment waits for a person: an ordered table of checks, each naming what it found and where."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from commentsite.comments.screening.disposable_domains import find_disposable_domain
from commentsite.comments.screening.wordlists import compile_word_list
from commentsite.text.confusables import skeleton

NOT_MINE = "not_theirs"
EDITED = "edited"
HONEYPOT = "trap"
PREMODERATION = "first_reading"
SANCTION = "sanction"
SENDER_HISTORY = "history"
LINKS_FROM_NEW_SENDER = "links_unknown"
REPORTED = "reported"  # by readers, once it was public
AKISMET = "akismet"  # its answer comes later, from the worker
MIN_FORM_SECONDS = 10.0  # seconds in which nobody types more than LONG_TEXT characters
LONG_TEXT_CHARACTERS = 200
MAX_FINDINGS_PER_CHECK = 10  # of one check in one comment
MAX_DETAIL_LENGTH = 80
HoldReason = dict[
    str, Any
]  # rule, version, detail, field, and start and end where the place is known
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]\"]*", re.IGNORECASE)


@dataclass(frozen=True)
class SenderCounts:
    """What is known about who sends, from before."""

    has_published: bool = False  # with a confirmed address
    spam: int = 0  # comments from the same network address, in the days it is kept
    refused: int = 0
    upheld_reports: int = 0  # reports of readers that were upheld


@dataclass(frozen=True)
class SubmissionSignals:
    """How a comment was sent, which nobody can ask about again later."""

    honeypot: str = ""
    form_age: float | None = None
    is_burst: bool = False
    email_domain: str = ""


@dataclass(frozen=True)
class ScreeningSettings:
    """What the site decided about screening."""

    reserved_names: tuple[str, ...]
    banned_words: tuple[str, ...]
    languages: frozenset[str]
    hold_links: int
    hold_new_links: bool
    disposable_domains: tuple[str, ...]


@dataclass(frozen=True)
class ScreeningInput:
    """What is known about a comment: its words as they are stored, its past, how it was sent."""

    name: str
    organisation: str
    body: str
    is_duplicate_text: bool
    recent: SenderCounts
    signals: SubmissionSignals
    settings: ScreeningSettings
    similarity: str = ""  # how much of it an earlier comment shares, and the number of that comment
    is_email_confirmed: bool = False  # the address was confirmed before
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

    code: str
    version: int
    find: Callable[[ScreeningInput], Iterator[Finding]]
    is_submission_check: bool = False  # found once, and kept when the author changes the words


def run_checks(
    screening_input: ScreeningInput, previous_reasons: list[HoldReason] | None = None
) -> list[HoldReason]:
    """Return the reasons a comment is held for, gravest first; every comment has at least one.

    `earlier` are those a comment had before its words changed: of how it was sent they stay.
    """
    held: list[HoldReason] = []
    for check in CHECKS:
        if check.is_submission_check and previous_reasons is not None:
            held += [reason for reason in previous_reasons if reason["rule"] == check.code]
        else:
            places = list(dict.fromkeys(check.find(screening_input)))[:MAX_FINDINGS_PER_CHECK]
            held += [build_hold_reason(check.code, check.version, place) for place in places]
    return held or [build_hold_reason(PREMODERATION, 1, Finding())]


def run_selected_checks(screening_input: ScreeningInput, codes: frozenset[str]) -> list[HoldReason]:
    """Return what these checks alone point out."""
    return [
        build_hold_reason(check.code, check.version, place)
        for check in CHECKS
        if check.code in codes
        for place in list(dict.fromkeys(check.find(screening_input)))[:MAX_FINDINGS_PER_CHECK]
    ]


def build_hold_reason(code: str, version: int, finding: Finding) -> HoldReason:
    """Return a reason as it is stored with the comment."""
    stored: HoldReason = {
        "rule": code,
        "version": version,
        "detail": finding.detail[:MAX_DETAIL_LENGTH],
    }
    stored["field"] = finding.field
    if finding.start is not None:
        stored |= {"start": finding.start, "end": finding.end}
    return stored


def _honeypot(screening_input: ScreeningInput) -> Iterator[Finding]:
    if screening_input.signals.honeypot:
        yield Finding()


def _sanction(screening_input: ScreeningInput) -> Iterator[Finding]:
    if screening_input.is_sanctioned:
        yield Finding()


def _banned_word(screening_input: ScreeningInput) -> Iterator[Finding]:
    listed = compile_word_list(
        screening_input.settings.banned_words, screening_input.settings.languages
    )
    fields = {
        "body": screening_input.body,
        "name": screening_input.name,
        "organisation": screening_input.organisation,
    }
    for field, text in fields.items():
        for match in listed.find(text):
            yield Finding(match.entry, field, match.start, match.end)


def _too_many_links(screening_input: ScreeningInput) -> Iterator[Finding]:
    found = list(_LINK.finditer(screening_input.body))
    if screening_input.settings.hold_links and len(found) >= screening_input.settings.hold_links:
        for link in found:
            yield Finding(str(len(found)), "body", *link.span())


def _links_from_new_sender(screening_input: ScreeningInput) -> Iterator[Finding]:
    if screening_input.settings.hold_new_links and not screening_input.recent.has_published:
        for field, text in {"body": screening_input.body, "name": screening_input.name}.items():
            for link in _LINK.finditer(text):
                yield Finding(_link_host(link[0]), field, *link.span())


def _reserved_name(screening_input: ScreeningInput) -> Iterator[Finding]:
    mine = skeleton(screening_input.name)
    for other in screening_input.settings.reserved_names:
        if mine and skeleton(other) == mine:
            yield Finding(other, "name", 0, len(screening_input.name))
            return


def _duplicate_text(screening_input: ScreeningInput) -> Iterator[Finding]:
    if screening_input.is_duplicate_text:
        yield Finding(field="body")


def _similar_text(screening_input: ScreeningInput) -> Iterator[Finding]:
    if screening_input.similarity and not screening_input.is_duplicate_text:
        yield Finding(screening_input.similarity, "body")


def _sender_history(screening_input: ScreeningInput) -> Iterator[Finding]:
    past = screening_input.recent
    if past.spam or past.refused or past.upheld_reports:
        yield Finding(f"spam {past.spam} refused {past.refused} reported {past.upheld_reports}")


def _too_fast(screening_input: ScreeningInput) -> Iterator[Finding]:
    took = screening_input.signals.form_age
    if (
        took is not None
        and took < MIN_FORM_SECONDS
        and len(screening_input.body) > LONG_TEXT_CHARACTERS
    ):
        yield Finding(str(int(took)))


def _burst(screening_input: ScreeningInput) -> Iterator[Finding]:
    if screening_input.signals.is_burst:
        yield Finding()


def _disposable_email(screening_input: ScreeningInput) -> Iterator[Finding]:
    if found := find_disposable_domain(
        screening_input.signals.email_domain, screening_input.settings.disposable_domains
    ):
        yield Finding(found, "email")


# The order is the order in which a moderator should know; the first that finds something names the case.
CHECKS: tuple[Check, ...] = (
    Check(HONEYPOT, 1, _honeypot, is_submission_check=True),
    Check(SANCTION, 1, _sanction),
    Check("banned_word", 2, _banned_word),
    Check("links", 2, _too_many_links),
    Check("name_like", 2, _reserved_name),
    Check("repeat", 1, _duplicate_text),
    Check("near_repeat", 1, _similar_text),
    Check(SENDER_HISTORY, 1, _sender_history),
    Check("too_fast", 1, _too_fast, is_submission_check=True),
    Check("burst", 1, _burst, is_submission_check=True),
    Check("disposable", 1, _disposable_email, is_submission_check=True),
    Check(LINKS_FROM_NEW_SENDER, 1, _links_from_new_sender),
)


def _link_host(link: str) -> str:
    try:
        return urlsplit(link if "//" in link else f"//{link}").hostname or ""
    except ValueError:  # such as "http://[": a link all the same
        return ""
