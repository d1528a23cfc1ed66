"""The pages of a published record of positions: the last version, earlier ones, and what changed."""

from typing import Any

from flask import Response, make_response, render_template, url_for

from commentsite.letters.models import Letter
from commentsite.letters.states import LetterState
from commentsite.summaries.compilation.builder import BuiltReport, SiteGroups
from commentsite.summaries.compilation.contributors import stream_contributors
from commentsite.summaries.models import SummaryVersion
from commentsite.summaries.publication import queries as publication_queries
from commentsite.summaries.report.content import Report
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.paper.libraries import can_render_pdf
from commentsite.web.public.records.citations import build_citable_record, build_record_jsonld
from commentsite.web.public.records.diff import compare_reports
from commentsite.web.public.records.inquiry_view import build_register
from commentsite.web.public.records.lookup import (
    FoundVersion,
    check_not_withdrawn,
    find_version,
    get_letter_of_record,
    record_page_version,
)
from commentsite.web.public.records.view import (
    ContributorLists,
    build_record_view,
    list_contributors,
)
from commentsite.web.rendering.consensus_certainty import build_certainty_view
from commentsite.web.rendering.consensus_map import MapLetter, build_map_view
from commentsite.web.rendering.filters import absolute_url

bp = LanguageBlueprint("records", __name__, url_prefix="/letters/<slug>/summary")
FILE_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}


@bp.get("")
@cached_page(record_page_version)
def show(slug: str) -> Response:
    """Show the last version of the record of a letter."""
    letter = get_letter_of_record(slug, lambda s: url_for("records.show", slug=s))
    found = find_version(letter)
    # As for a letter that was withdrawn, 410 Gone tells search engines to drop the page.
    status = 410 if letter.state == LetterState.WITHDRAWN else 200
    return make_response(render_record(found), status)


@bp.get("/versions/<int:number>")
@cached_page(record_page_version)
def show_version(slug: str, number: int) -> Response:
    """Show a version as it was published."""
    letter = get_letter_of_record(
        slug, lambda s: url_for("records.show_version", slug=s, number=number)
    )
    check_not_withdrawn(letter)
    return make_response(render_record(find_version(letter, number)))


@bp.get("/changes/<int:before>/<int:after>")
@cached_page(record_page_version)
def compare(slug: str, before: int, after: int) -> Response:
    """Show the differences between two versions word by word."""
    letter = get_letter_of_record(
        slug, lambda s: url_for("records.compare", slug=s, before=before, after=after)
    )
    check_not_withdrawn(letter)
    old, new = find_version(letter, before), find_version(letter, after)
    page = render_template(
        "public/records/diff.html",
        letter=letter,
        before=old.version,
        after=new.version,
        language=new.report.language,
        sections=compare_reports(old.report, new.report),
    )
    return make_response(page)


def render_record(found: FoundVersion, *, is_for_paper: bool = False) -> str:
    """Return the page of a version. A page for paper is as a whole in the language of the record."""
    versions = publication_queries.list_versions(found.version.summary_id)
    letter, report, version = found.letter, found.report, found.version
    is_current = version.number == versions[0].number
    return _render(
        letter,
        report,
        list_contributors(found.iterate_contributors()),
        found.removed,
        is_complete_hash=found.is_complete,
        version=version,
        versions=versions,
        is_current=is_current,
        citable=build_citable_record(letter, report, version),
        formats=list_formats(letter, version, is_current=is_current),
        jsonld=build_record_jsonld(letter, report, version),
        register=build_register(letter) if is_current else None,
        paper_language=report.language if is_for_paper else "",
    )


def get_site_groups() -> SiteGroups:
    """Return the stakeholder groups of the site, as a report needs them."""
    site = current_site()
    return SiteGroups(tuple(site.groups), tuple(site.offered_groups))


def render_draft(letter: Letter, built: BuiltReport) -> str:
    """Return the page of a record as it would be published, for editors."""
    contributors = list_contributors(stream_contributors(built.contributors))
    return _render(letter, built.report, contributors, frozenset())


def _render(
    letter: Letter,
    report: Report,
    contributors: ContributorLists,
    removed: frozenset[int],
    **more: Any,
) -> str:
    letters = {
        facts.id: MapLetter(facts.slug, facts.title, facts.language) for facts in report.letters
    }
    context: dict[str, Any] = {
        "map": build_map_view(
            report.consensus_map,
            letters,
            groups_not_heard=report.groups_not_heard,
            groups_too_few=report.groups_too_few,
        ),
        "certainty": build_certainty_view(report.consensus_map, report.totals, report.groups),
        "letter": letter,
        "report": report,
        "view": build_record_view(report, removed),
        "contributors": contributors,
        "is_withdrawn": letter.state == LetterState.WITHDRAWN,
        "is_complete_hash": True,
        "file_types": FILE_TYPES,
        "version": None,
        "formats": [],
    }
    return render_template("public/records/show.html", **context | more)


def list_formats(
    letter: Letter, version: SummaryVersion, *, is_current: bool
) -> list[tuple[str, str]]:
    """Return name and address of the files of a version."""
    if letter.state == LetterState.WITHDRAWN:
        return []
    names = [name for name in FILE_TYPES if name != "pdf" or can_render_pdf()]
    if is_current:
        paths = [url_for("record_files.show", slug=letter.slug, extension=name) for name in names]
    else:
        paths = [
            url_for(
                "record_files.show_version",
                slug=letter.slug,
                number=version.number,
                extension=name,
            )
            for name in names
        ]
    return [(name, absolute_url(path)) for name, path in zip(names, paths, strict=True)]
