"""View models of a letter's page: what the template prints, with every decision already taken."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from flask import url_for
from markupsafe import Markup

from commentsite.letters.citations.formats import CitableVersion, format_authors_and_title
from commentsite.letters.citations.licences import find_licence_url
from commentsite.letters.citations.queries import CitedSymbol, list_cited_symbols
from commentsite.letters.citations.references import get_document_title
from commentsite.letters.models import Letter
from commentsite.letters.queries import (
    PublishingPermission,
    RelatedLetter,
    find_publishing_permission,
    find_related_letters,
)
from commentsite.letters.reading_time import estimate_reading_minutes
from commentsite.letters.states import ChangeKind, LetterRelation, LetterState
from commentsite.letters.text import queries as text_queries
from commentsite.letters.text.queries import BlockRow, VersionRow
from commentsite.summaries.publication.queries import PublishedRecord, find_published_record
from commentsite.text.languages import find_interface_language
from commentsite.web.caching.fragments import cached_fragment
from commentsite.web.rendering.filters import (
    build_citable_version,
    format_moment,
    join_list,
)
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext
from commentsite.web.rendering.labels import OUTCOME_SENTENCES, VERSION_CHANGE_LABELS

MIN_HEADINGS_FOR_CONTENTS = 3


@dataclass(frozen=True)
class LetterData:
    """Rows that the page needs besides the letter and its comments."""

    blocks: tuple[BlockRow, ...]  # of the current version
    versions: tuple[VersionRow, ...]  # the published ones, newest first
    permission: PublishingPermission | None  # to publish, if it stands
    citations: tuple[CitedSymbol, ...]
    related: tuple[RelatedLetter, ...]
    record: PublishedRecord | None


@dataclass(frozen=True)
class VersionEntry:
    """A published version of the letter. Empty strings are not shown."""

    number: int
    published_at: datetime
    url: str  # empty once the letter is withdrawn
    change: str = ""  # the kind of change in words, empty for the first version
    note: str = ""
    comparison_url: str = ""


@dataclass(frozen=True)
class CitedDocument:
    """A document that the letter cites."""

    symbol: str
    title: str
    location: str  # the citing paragraphs in words


@dataclass(frozen=True)
class LetterView:
    """The letter itself: its head, and the section about it."""

    is_withdrawn: bool
    date_written: date | None  # None if the occasion already names it
    minutes: int  # to read the letter
    contents: tuple[BlockRow, ...]  # headings, if there are enough for a table of contents
    versions: tuple[VersionEntry, ...]
    latest_change: VersionEntry | None  # None for a letter that was never changed
    permission: PublishingPermission | None  # to publish, if it stands
    cited_documents: tuple[CitedDocument, ...]
    citable: CitableVersion
    citation: str  # authors and title, as a reference list shows them
    has_pdf: bool
    licence_url: str  # empty for a licence without a known address
    original: RelatedLetter | None
    successor: RelatedLetter | None
    older: RelatedLetter | None
    newer: RelatedLetter | None
    translations: tuple[RelatedLetter, ...]
    record: PublishedRecord | None
    outcome: str  # of the record in words

    @property
    def in_other_languages(self) -> tuple[RelatedLetter, ...]:
        """The original and the translations."""
        return (*([self.original] if self.original else []), *self.translations)

    @property
    def beside(self) -> tuple[RelatedLetter, ...]:
        """The letters that can be read side by side with this one."""
        if self.is_withdrawn:
            return ()
        return tuple(other for other in self.in_other_languages if not other.is_withdrawn)

    @property
    def translated_languages(self) -> set[str | None]:
        """The languages of the interface in which there is a translation or the original."""
        return {find_interface_language(other.language) for other in self.in_other_languages}


@dataclass(frozen=True)
class FormSection:
    """The section with the comment form. `notice` says when comments open or close."""

    notice: str
    is_shown: bool
    token: str
    fields: Markup
    has_errors: bool
    is_preview: bool = False


def load_letter_data(letter: Letter) -> LetterData:
    # A published version never changes, and the id of a letter that was public is never that of another one.
    key = ("version", letter.id, letter.version_number)
    blocks, versions, citations = cached_fragment(key, lambda: _load_version(letter))
    return LetterData(
        blocks=blocks,
        versions=versions,
        permission=find_publishing_permission(letter),
        citations=citations,
        related=tuple(find_related_letters(letter)),
        record=find_published_record(letter.id),
    )


def _load_version(
    letter: Letter,
) -> tuple[tuple[BlockRow, ...], tuple[VersionRow, ...], tuple[CitedSymbol, ...]]:
    return (
        tuple(text_queries.list_current_blocks(letter)),
        tuple(text_queries.list_published_versions(letter)),
        tuple(list_cited_symbols(letter)),
    )


def build_letter_view(letter: Letter, data: LetterData, *, has_pdf: bool) -> LetterView:
    """Return the view of a letter."""
    headings = tuple(block for block in data.blocks if block.kind == "heading")
    by_relation = {o.relation: o for o in data.related if o.relation != "translation"}
    citable = build_citable_version(letter, data.versions)
    versions = tuple(_build_version_entry(letter, version) for version in data.versions)
    return LetterView(
        is_withdrawn=letter.state == LetterState.WITHDRAWN,
        date_written=find_date_to_show(letter),
        minutes=_get_reading_minutes(letter, data.blocks),
        contents=headings if len(headings) >= MIN_HEADINGS_FOR_CONTENTS else (),
        versions=versions,
        latest_change=versions[0] if versions and versions[0].change else None,
        permission=data.permission,
        cited_documents=tuple(_group_citations(data.citations)),
        citable=citable,
        citation=format_authors_and_title(citable),
        has_pdf=has_pdf,
        licence_url=find_licence_url(letter.licence),
        original=by_relation.get(LetterRelation.ORIGINAL),
        successor=by_relation.get(LetterRelation.SUCCESSOR),
        older=by_relation.get(LetterRelation.OLDER),
        newer=by_relation.get(LetterRelation.NEWER),
        translations=tuple(
            other for other in data.related if other.relation == LetterRelation.TRANSLATION
        ),
        record=data.record,
        outcome=str(OUTCOME_SENTENCES[data.record.outcome]) if data.record else "",
    )


def find_date_to_show(letter: Letter) -> date | None:
    """Return the date of writing, unless the occasion of the letter already names it.

    The occasion is in the language of the letter, so only its numbers are compared.
    """
    written = letter.date_written
    if written is None:
        return None
    numbers = {int(number) for number in re.findall(r"\d+", letter.occasion)}  # in any script
    return None if {written.day, written.year} <= numbers else written


def describe_comment_window(
    letter: Letter, *, is_open: bool, site_closed_until: datetime | None
) -> str:
    """Return the sentences above the form that say when comments open or close."""
    if letter.state == LetterState.WITHDRAWN:
        return str(_("Comments are closed: the letter was withdrawn."))
    opens_at, closes_at = letter.comments_open_at, letter.comments_close_at
    if site_closed_until and letter.state == LetterState.PUBLISHED:
        return str(
            _(
                "This site accepts no comments until %(when)s, because too many arrived at once. "
                "You can still read the published comments.",
                when=format_moment(site_closed_until),
            )
        )
    if is_open:
        return _describe_closing(closes_at, letter.grace_hours) if closes_at else ""
    if opens_at:
        return str(_("Comments open on %(when)s.", when=format_moment(opens_at)))
    if closes_at:
        return str(
            _(
                "Comments closed on %(when)s. You can still read them.",
                when=format_moment(closes_at),
            )
        )
    return str(_("Comments are closed. You can still read them."))


def _describe_closing(closes_at: datetime, grace_hours: int) -> str:
    when = format_moment(closes_at)
    if not grace_hours:
        return str(_("Open until %(when)s.", when=when))
    return str(
        ngettext(
            "Open until %(when)s. Comments that arrive within %(num)d hour after that are accepted "
            "and marked as late.",
            "Open until %(when)s. Comments that arrive within %(num)d hours after that are accepted "
            "and marked as late.",
            grace_hours,
            when=when,
        )
    )


def _get_reading_minutes(letter: Letter, blocks: Iterable[BlockRow]) -> int:
    # A version never changes, and counting the words of a long letter takes as long as a query.
    key = ("reading", letter.id, letter.version_number)
    return cached_fragment(key, lambda: estimate_reading_minutes(block.text for block in blocks))


def _build_version_entry(letter: Letter, version: VersionRow) -> VersionEntry:
    # The pages of versions answer 404 once the letter is withdrawn, so nothing may link to them.
    number, is_withdrawn = version.number, letter.state == LetterState.WITHDRAWN
    has_change = version.change != ChangeKind.FIRST
    return VersionEntry(
        number=number,
        published_at=version.published_at,
        url="" if is_withdrawn else url_for("versions.show", slug=letter.slug, number=number),
        change=str(VERSION_CHANGE_LABELS[version.change]) if has_change else "",
        note=version.change_note,
        comparison_url=""
        if is_withdrawn or not has_change
        else url_for("versions.compare", slug=letter.slug, before=number - 1, after=number),
    )


def _group_citations(citations: Iterable[CitedSymbol]) -> Iterable[CitedDocument]:
    # The rows are ordered by paragraph, but groupby needs equal symbols next to each other.
    for symbol, group in groupby(sorted(citations, key=lambda c: c.symbol), lambda c: c.symbol):
        labels = list(dict.fromkeys(citation.label for citation in group))
        location = ngettext(
            "in paragraph %(numbers)s",
            "in paragraphs %(numbers)s",
            len(labels),
            numbers=join_list(labels),
        )
        yield CitedDocument(symbol, get_document_title(symbol) or symbol, str(location))
