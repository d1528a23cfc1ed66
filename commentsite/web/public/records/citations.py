"""Citations of a record of positions, and its description for search engines (schema.org `Report`)."""

from typing import Any

from flask import Blueprint, Response, url_for

from commentsite.errors import NotFound
from commentsite.letters.citations.formats import CitableVersion
from commentsite.letters.models import Letter
from commentsite.summaries.models import SummaryVersion
from commentsite.summaries.report.content import Report
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site
from commentsite.web.public.letters.citations import FORMATS
from commentsite.web.public.records.lookup import (
    check_not_withdrawn,
    find_version,
    get_letter_of_record,
    record_page_version,
)
from commentsite.web.rendering.filters import permanent_url
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import OUTCOME_SENTENCES

bp = Blueprint("record_citations", __name__)


@bp.get("/letters/<slug>/summary/cite/<name>")
@cached_page(record_page_version)
def show(slug: str, name: str) -> Response:
    """Answer with the citation of the last version as a file."""
    letter = get_letter_of_record(
        slug, lambda s: url_for("record_citations.show", slug=s, name=name)
    )
    check_not_withdrawn(letter)
    if name not in FORMATS:
        msg = "Citations are available as bibtex, ris or csl-json."
        raise NotFound(msg)
    found = find_version(letter)
    write, content_type, extension = FORMATS[name]
    citation = write(build_citable_record(letter, found.report, found.version))
    response = Response(citation, content_type=content_type)
    file_name = f"{letter.slug}-record.{extension}"
    response.headers["Content-Disposition"] = f'inline; filename="{file_name}"'
    return response


def build_citable_record(letter: Letter, report: Report, version: SummaryVersion) -> CitableVersion:
    """Return the bibliographic data of a version. The site is its author and its publisher."""
    return CitableVersion(
        key=f"{letter.slug}-record",
        title=_("Record of positions on “%(title)s”", title=report.letters[0].title),
        authors=(current_site().title,),
        published=version.published_at.date(),
        version=version.number,
        url=permanent_url("records.show_version", slug=letter.slug, number=version.number),
        publisher=current_site().title,
        language=report.language,
    )


def build_record_jsonld(letter: Letter, report: Report, version: SummaryVersion) -> dict[str, Any]:
    """Return a schema.org Report with its versions' address, hash and the letters it is about."""
    citable = build_citable_record(letter, report, version)
    publisher = {"@type": "Organization", "name": citable.publisher}
    return {
        "@context": "https://schema.org",
        "@type": "Report",
        "@id": citable.url,
        "url": permanent_url("records.show", slug=letter.slug),
        "headline": citable.title,
        "abstract": str(OUTCOME_SENTENCES[report.outcome]),
        "inLanguage": report.language,
        "author": publisher,
        "publisher": publisher,
        "datePublished": version.published_at.isoformat(),
        "version": str(version.number),
        "about": [
            {
                "@type": "Article",
                "@id": permanent_url("letters.show", slug=facts.slug),
                "headline": facts.title,
            }
            for facts in report.letters
        ],
        "encoding": [
            {
                "@type": "MediaObject",
                "encodingFormat": "application/json",
                "contentUrl": permanent_url(
                    "record_files.show_version",
                    slug=letter.slug,
                    number=version.number,
                    extension="json",
                ),
                "sha256": version.sha256,
            }
        ],
    }
