"""Find the published version of a record that an address names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import abort, redirect

from commentsite.errors import NotFound
from commentsite.letters.models import Letter
from commentsite.letters.states import LetterState
from commentsite.summaries.compilation.removals import (
    list_redacted_texts,
    list_removed_ids,
    mask_contributors,
    mask_report,
)
from commentsite.summaries.models import SummaryVersion
from commentsite.summaries.publication import queries as publication_queries
from commentsite.summaries.report.content import Contributor, Report
from commentsite.summaries.report.serialisation import read_contributors, read_report
from commentsite.web.http.parameters import MAX_ID
from commentsite.web.public.letters.page import get_letter_or_redirect, letter_page_version


@dataclass(frozen=True)
class FoundVersion:
    """A published version with its report, from which comments that were taken back are left out."""

    letter: Letter
    version: SummaryVersion
    report: Report
    removed: frozenset[int]
    is_complete: bool  # as it was published

    def iterate_contributors(self) -> Iterator[Contributor]:
        contributors = read_contributors(self.version.contributors)
        return mask_contributors(contributors, self.removed)


def record_page_version(slug: str, **_rest: object) -> str | None:
    """Return the version stamp of a record's pages, or None if there is no such letter.

    It changes with the comments of each letter of the record, and not only of the first one.
    """
    stamp = letter_page_version(slug)
    if stamp is None:
        return None
    versions = publication_queries.list_page_versions_of_further_letters(slug)
    return ".".join([stamp, *map(str, versions)])


def get_letter_of_record(slug: str, build_url: Callable[[str], str]) -> Letter:
    """Return the letter at this address. Redirect if its record has the address of another letter.

    `build_url` builds the address of the page from another slug. Raises NotFound.
    """
    letter = get_letter_or_redirect(slug, build_url)
    record = publication_queries.find_published_record(letter.id)
    if record is None:
        msg = "This letter has no record of positions yet."
        raise NotFound(msg)
    if record.slug != letter.slug:
        abort(redirect(build_url(record.slug), 302))
    return letter


def check_not_withdrawn(letter: Letter) -> None:
    """Raise NotFound for a withdrawn letter. Only the page of its record still answers."""
    if letter.state == LetterState.WITHDRAWN:
        msg = "This letter was withdrawn."
        raise NotFound(msg)


def find_version(letter: Letter, number: int | None = None) -> FoundVersion:
    """Return a version of the record of a letter, the last one without a number. Raises NotFound."""
    version = None
    if number is None or number <= MAX_ID:
        version = publication_queries.find_version(letter.id, number)
    if version is None:
        msg = "This record has no such version."
        raise NotFound(msg)
    report = read_report(version.content)
    removed = list_removed_ids(report, version.contributors)
    masked = mask_report(report, removed, list_redacted_texts(report))
    is_whole = version.erased_at is None and version.original_sealed is None
    is_complete = is_whole and not removed and masked == report
    return FoundVersion(letter, version, masked, removed, is_complete)
