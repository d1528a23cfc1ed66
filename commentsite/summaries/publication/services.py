"""Publish versions of a record of positions. Each one is frozen, and its hash is in the audit log."""

from collections.abc import Sequence

from commentsite import clock, tokens
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.states import LetterState
from commentsite.summaries.compilation import queries as compilation_queries
from commentsite.summaries.compilation.builder import BuiltReport, SiteGroups, build_report
from commentsite.summaries.compilation.contributors import stream_contributors
from commentsite.summaries.inquiries.policy import INQUIRY_WINDOW
from commentsite.summaries.models import Summary, SummaryVersion
from commentsite.summaries.publication.policy import list_obstacles
from commentsite.summaries.report.serialisation import (
    convert_report,
    hash_document,
    pack_contributors,
)
from commentsite.summaries.search.services import index_record
from commentsite.text.plain_text import clean_single_line

MAX_CHANGE_NOTE = 500
_PUBLISHED = frozenset({LetterState.PUBLISHED, LetterState.SUPERSEDED})


def publish_version(
    summary_id: int,
    *,
    by: Actor,
    groups: SiteGroups,
    change_note: str = "",
) -> SummaryVersion:
    """Publish the record as its texts stand now, as its next version.

    `change_note` says what changed since the version before. Raises Invalid for the first condition
    that is not met (see `policy.list_obstacles`), and Conflict if a letter of the record is not
    public.
    """
    compilation_queries.lock_summary(summary_id)
    summary = compilation_queries.load_summary(summary_id)
    letters = compilation_queries.list_letters(summary)
    for letter in letters:
        by.require(Permission.PUBLISH_LETTERS, letter.id)
    number = (summary.published_version or 0) + 1
    note = clean_single_line(change_note)
    _check_letters(letters)
    _check_change_note(note, number)
    built = build_report(
        summary_id,
        groups=groups,
        cut_off=clock.now(),
        version=number,
        change_note=note,
    )
    for obstacle in list_obstacles(built.report, lost_quotations=built.lost_quotations):
        raise obstacle
    version = _freeze(summary, built, by)
    session().add(version)
    summary.published_version = number
    index_record(summary.id, version.content)
    record_event(
        by.label,
        "summary.published",
        f"letter:{summary.letter_id}",
        version=number,
        outcome=summary.outcome,
        sha256=version.sha256,
    )
    for letter in letters:
        bump_page_version(letter)
    return version


def _freeze(summary: Summary, built: BuiltReport, by: Actor) -> SummaryVersion:
    report = built.report
    content = convert_report(report)
    contributors = pack_contributors(stream_contributors(built.contributors))
    salt = tokens.new_salt()
    return SummaryVersion(
        summary_id=summary.id,
        number=report.version,
        outcome=report.outcome,
        language=report.language,
        content=content,
        contributors=contributors,
        sha256=hash_document(content, contributors, salt),
        salt=salt,
        change_note=report.change_note,
        published_by=by.name,
        published_at=report.built_at,
        inquiries_until=report.built_at + INQUIRY_WINDOW,
    )


def _check_letters(letters: Sequence[Letter]) -> None:
    for letter in letters:
        if letter.state not in _PUBLISHED:
            msg = "Publish the letter “%(title)s” before its record of positions."
            raise Conflict(msg, title=letter.title)


def _check_change_note(note: str, number: int) -> None:
    if number > 1 and not note:
        msg = "Write what has changed since the version before."
        raise Invalid(msg, field="change_note")
    if len(note) > MAX_CHANGE_NOTE:
        msg = "The note on the change has more than %(limit)d characters."
        raise Invalid(msg, field="change_note", limit=MAX_CHANGE_NOTE)
