"""Screen a comment: run an ordered table of checks and collect the reasons to hold it.

A check never rejects a comment. Each finding becomes a hold reason, stored with the comment in
`Comment.hold_reasons`, and the desk marks the place in the text. The checks run in the order of
`CHECKS`, from the gravest to the mildest, because the first reason decides two things:
`Comment.held_by_check`, which names the case in the queue, and whether the comment goes straight
to spam (the honeypot). A comment without findings is held for pre-moderation.

The checks work on a `ScreeningInput` and query nothing, so that the dry run of changed settings
can apply them to comments that are already stored.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from commentsite.comments.screening.disposable_domains import find_disposable_domain
from commentsite.comments.screening.wordlists import compile_word_list
from commentsite.text.confusables import skeleton
from commentsite.text.markdown import find_links

LONG_TEXT_CHARACTERS = 200
MIN_FORM_SECONDS = 10.0  # no person types a long text in less time
MAX_FINDINGS_PER_CHECK = 10
MAX_DETAIL_LENGTH = 80

#: A reason as it is stored in JSON: "rule" (a CheckCode), "version", "detail", "field", and "start"
#: and "end" where the finding has a place in the text.
HoldReason = dict[str, Any]


class CheckCode(StrEnum):
    """The reason for which a comment is held."""

    # Found by the checks of this module
    HONEYPOT = "trap"
    SANCTION = "sanction"
    BANNED_WORD = "banned_word"
    TOO_MANY_LINKS = "links"
    RESERVED_NAME = "name_like"
    DUPLICATE_TEXT = "repeat"
    SIMILAR_TEXT = "near_repeat"
    SENDER_HISTORY = "history"
    TOO_FAST = "too_fast"
    BURST = "burst"
    DISPOSABLE_EMAIL = "disposable"
    LINKS_FROM_NEW_SENDER = "links_unknown"
    # No check found anything
    PREMODERATION = "first_reading"
    # Added later
    NOT_EXAMINED = "not_examined"  # the checks themselves failed
    AKISMET = "akismet"  # the external check says spam
    EDITED = "edited"  # by its author
    REPORTED = "reported"  # by several readers
    NOT_MINE = "not_theirs"  # the owner of the email address did not send it


@dataclass(frozen=True)
class ModerationCounts:
    """Earlier comments and reports that moderators decided against the sender."""

    spam: int = 0
    refused: int = 0
    upheld_reports: int = 0


@dataclass(frozen=True)
class SubmissionSignals:
    """Facts about the request that sent a comment. They are stored until it has been examined."""

    is_honeypot_filled: bool = False
    form_age: float | None = None  # seconds between showing and sending the form
    is_burst: bool = False  # the letter receives unusually many comments
    email_domain: str = ""


@dataclass(frozen=True)
class ScreeningSettings:
    reserved_names: tuple[str, ...]
    banned_words: tuple[str, ...]  # lines of a word list: see `wordlists.compile_word_list`
    languages: frozenset[str]
    hold_links: int  # hold from this number of links; 0 for never
    hold_new_links: bool  # hold links of senders without a published comment
    disposable_domains: tuple[str, ...]  # in addition to the bundled list


@dataclass(frozen=True)
class ScreeningInput:
    """Everything that the checks know about a comment. Texts are as they will be stored."""

    name: str
    organisation: str
    body: str
    is_duplicate_text: bool
    recent: ModerationCounts  # from the same network address
    signals: SubmissionSignals
    settings: ScreeningSettings
    similarity: str = ""  # per cent and id of the most similar comment, as the desk shows it
    has_published: bool = False  # under this email address, once confirmed
    is_email_confirmed: bool = False
    is_sanctioned: bool = False  # a moderator has to read every comment from this address


@dataclass(frozen=True)
class Finding:
    """Something that a check found, and its place in a field."""

    detail: str = ""
    field: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Check:
    """A row of the table of checks.

    The version increases with every change after which the check may find something else in the
    same comment. A submission check uses `SubmissionSignals`. It cannot run again after the author
    edits the text, so its earlier reasons are kept.
    """

    code: CheckCode
    version: int
    find: Callable[[ScreeningInput], Iterator[Finding]]
    is_submission_check: bool = False


def run_checks(
    screening_input: ScreeningInput, previous_reasons: list[HoldReason] | None = None
) -> list[HoldReason]:
    """Return the reasons to hold a comment, the gravest first. There is at least one.

    Pass `previous_reasons` for a comment that its author edited. The reasons of submission checks
    are taken from them.
    """
    reasons: list[HoldReason] = []
    for check in CHECKS:
        if check.is_submission_check and previous_reasons is not None:
            reasons += [reason for reason in previous_reasons if reason["rule"] == check.code]
        else:
            reasons += _run_check(check, screening_input)
    return reasons or [build_hold_reason(CheckCode.PREMODERATION, 1, Finding())]


def run_selected_checks(
    screening_input: ScreeningInput, codes: frozenset[CheckCode]
) -> list[HoldReason]:
    return [
        reason
        for check in CHECKS
        if check.code in codes
        for reason in _run_check(check, screening_input)
    ]


def build_hold_reason(code: CheckCode, version: int, finding: Finding) -> HoldReason:
    reason: HoldReason = {
        "rule": code.value,
        "version": version,
        "detail": finding.detail[:MAX_DETAIL_LENGTH],
        "field": finding.field,
    }
    if finding.start is not None:
        reason |= {"start": finding.start, "end": finding.end}
    return reason


def _run_check(check: Check, screening_input: ScreeningInput) -> list[HoldReason]:
    findings = list(dict.fromkeys(check.find(screening_input)))[:MAX_FINDINGS_PER_CHECK]
    return [build_hold_reason(check.code, check.version, finding) for finding in findings]


def _honeypot(screening_input: ScreeningInput) -> Iterator[Finding]:
    if screening_input.signals.is_honeypot_filled:
        yield Finding()


def _sanction(screening_input: ScreeningInput) -> Iterator[Finding]:
    if screening_input.is_sanctioned:
        yield Finding()


def _banned_word(screening_input: ScreeningInput) -> Iterator[Finding]:
    settings = screening_input.settings
    word_list = compile_word_list(settings.banned_words, settings.languages)
    fields = {
        "body": screening_input.body,
        "name": screening_input.name,
        "organisation": screening_input.organisation,
    }
    for field, text in fields.items():
        for match in word_list.find(text):
            yield Finding(match.entry, field, match.start, match.end)


def _too_many_links(screening_input: ScreeningInput) -> Iterator[Finding]:
    limit = screening_input.settings.hold_links
    links = find_links(screening_input.body)
    if limit and len(links) >= limit:
        for start, end in links:
            yield Finding(str(len(links)), "body", start, end)


def _reserved_name(screening_input: ScreeningInput) -> Iterator[Finding]:
    name_skeleton = skeleton(screening_input.name)
    for reserved_name in screening_input.settings.reserved_names:
        if name_skeleton and skeleton(reserved_name) == name_skeleton:
            yield Finding(reserved_name, "name", 0, len(screening_input.name))
            return


def _duplicate_text(screening_input: ScreeningInput) -> Iterator[Finding]:
    if screening_input.is_duplicate_text:
        yield Finding(field="body")


def _similar_text(screening_input: ScreeningInput) -> Iterator[Finding]:
    if screening_input.similarity and not screening_input.is_duplicate_text:
        yield Finding(screening_input.similarity, "body")


def _sender_history(screening_input: ScreeningInput) -> Iterator[Finding]:
    recent = screening_input.recent
    if recent.spam or recent.refused or recent.upheld_reports:
        # The desk parses this text: see web/desk/moderation/held_reasons.py.
        yield Finding(
            f"spam {recent.spam} refused {recent.refused} reported {recent.upheld_reports}"
        )


def _too_fast(screening_input: ScreeningInput) -> Iterator[Finding]:
    seconds = screening_input.signals.form_age
    is_long = len(screening_input.body) > LONG_TEXT_CHARACTERS
    if is_long and seconds is not None and seconds < MIN_FORM_SECONDS:
        yield Finding(str(int(seconds)))


def _burst(screening_input: ScreeningInput) -> Iterator[Finding]:
    if screening_input.signals.is_burst:
        yield Finding()


def _disposable_email(screening_input: ScreeningInput) -> Iterator[Finding]:
    domain = find_disposable_domain(
        screening_input.signals.email_domain, screening_input.settings.disposable_domains
    )
    if domain:
        yield Finding(domain, "email")


def _links_from_new_sender(screening_input: ScreeningInput) -> Iterator[Finding]:
    if screening_input.settings.hold_new_links and not screening_input.has_published:
        for field, text in {"body": screening_input.body, "name": screening_input.name}.items():
            for start, end in find_links(text):
                yield Finding(_link_host(text[start:end]), field, start, end)


def _link_host(link: str) -> str:
    try:
        return urlsplit(link if "//" in link else f"//{link}").hostname or ""
    except ValueError:  # The text "http://[" counts as a link and has no host.
        return ""


#: From the gravest to the mildest reason. See the docstring of this module.
CHECKS: tuple[Check, ...] = (
    Check(CheckCode.HONEYPOT, 1, _honeypot, is_submission_check=True),
    Check(CheckCode.SANCTION, 1, _sanction),
    Check(CheckCode.BANNED_WORD, 2, _banned_word),
    Check(CheckCode.TOO_MANY_LINKS, 2, _too_many_links),
    Check(CheckCode.RESERVED_NAME, 2, _reserved_name),
    Check(CheckCode.DUPLICATE_TEXT, 1, _duplicate_text),
    Check(CheckCode.SIMILAR_TEXT, 1, _similar_text),
    Check(CheckCode.SENDER_HISTORY, 1, _sender_history),
    Check(CheckCode.TOO_FAST, 1, _too_fast, is_submission_check=True),
    Check(CheckCode.BURST, 1, _burst, is_submission_check=True),
    Check(CheckCode.DISPOSABLE_EMAIL, 1, _disposable_email, is_submission_check=True),
    Check(CheckCode.LINKS_FROM_NEW_SENDER, 1, _links_from_new_sender),
)
