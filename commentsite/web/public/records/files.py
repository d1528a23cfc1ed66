"""The files of a published record: PDF, DOCX, ODS, CSV and JSON, all from the report of the page."""

from collections.abc import Callable, Iterator

from flask import Response, request, url_for

from commentsite.db.replica import on_replica
from commentsite.errors import NotFound
from commentsite.summaries.report.formats.contributor_csv import write_contributor_csv
from commentsite.summaries.report.serialisation import (
    convert_report,
    pack_contributors,
    write_document,
)
from commentsite.web.caching.page_cache import add_cache_headers, build_etag, build_page_key
from commentsite.web.http.extensions import limiter
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.paper.serving import PaperPage, answer_with_pdf
from commentsite.web.public.records.lookup import (
    FoundVersion,
    check_not_withdrawn,
    find_version,
    get_letter_of_record,
    record_page_version,
)
from commentsite.web.public.records.pages import FILE_TYPES, render_record
from commentsite.web.rendering.filters import absolute_url
from commentsite.web.rendering.i18n import gettext as _

bp = LanguageBlueprint("record_files", __name__)
FILE_LIMIT = "120 per minute"


@bp.get("/letters/<slug>/summary.<extension>")
@limiter.limit(FILE_LIMIT)
def show(slug: str, extension: str) -> Response:
    """Answer with a file of the last version."""
    return on_replica(
        lambda: _respond(
            slug,
            None,
            extension,
            lambda s: url_for("record_files.show", slug=s, extension=extension),
        )
    )


@bp.get("/letters/<slug>/summary/versions/<int:number>.<extension>")
@limiter.limit(FILE_LIMIT)
def show_version(slug: str, number: int, extension: str) -> Response:
    """Answer with a file of a version. The hash of a version is that of its JSON file."""
    return on_replica(
        lambda: _respond(
            slug,
            number,
            extension,
            lambda s: url_for(
                "record_files.show_version", slug=s, number=number, extension=extension
            ),
        )
    )


def _respond(
    slug: str, number: int | None, extension: str, build_url: Callable[[str], str]
) -> Response:
    if extension not in FILE_TYPES:
        msg = "A record is available as pdf, docx, ods, csv or json."
        raise NotFound(msg)
    letter = get_letter_of_record(slug, build_url)
    check_not_withdrawn(letter)
    etag = build_etag(build_page_key({}, record_page_version(slug) or ""))
    if request.if_none_match.contains_weak(etag):
        return add_cache_headers(Response(status=304), etag)
    found = find_version(letter, number)
    file_name = f"{letter.slug}-record-{found.version.number}.{extension}"
    if extension == "pdf":
        return answer_with_pdf(_describe_pdf(found, etag, file_name, build_url(letter.slug)))
    response = Response(
        _WRITERS[extension](found) if request.method != "HEAD" else b"",
        content_type=FILE_TYPES[extension],
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return add_cache_headers(response, etag)


def _describe_pdf(found: FoundVersion, etag: str, file_name: str, own_url: str) -> PaperPage:
    letter = found.letter
    back_url = url_for("records.show", slug=letter.slug)
    return PaperPage(
        name=f"{letter.id}-{letter.page_version}-{etag}",
        etag=etag,
        file_name=file_name,
        subject=_("PDF of the record of positions"),
        title=letter.title,
        language=letter.language,
        own_url=own_url,
        back_url=back_url,
        back_label=_("Back to the record"),
        address=absolute_url(back_url),
        render=lambda: (render_record(found, is_for_paper=True), []),
    )


def _write_docx(found: FoundVersion) -> bytes:
    from commentsite.web.paper.word import (  # noqa: PLC0415  # few requests need its libraries
        write_word_document,
    )

    address = absolute_url(url_for("records.show", slug=found.letter.slug))
    return write_word_document(
        render_record(found, is_for_paper=True), address, created_at=found.version.published_at
    )


def _write_ods(found: FoundVersion) -> bytes:
    from commentsite.web.public.records.spreadsheet import (  # noqa: PLC0415  # as above
        write_record_spreadsheet,
    )

    return write_record_spreadsheet(found.report, found.iterate_contributors())


def _write_csv(found: FoundVersion) -> Iterator[str]:
    # The file is written after the request, when addresses can no longer be built.
    addresses = {
        letter.slug: absolute_url(
            url_for("comments.permalink", slug=letter.slug, comment_id=0)
        ).removesuffix("0")
        for letter in found.report.letters
    }
    return write_contributor_csv(found.iterate_contributors(), addresses)


def _write_json(found: FoundVersion) -> Iterator[bytes]:
    version = found.version
    if found.is_complete:
        return write_document(version.content, version.contributors, version.salt)
    return write_document(
        convert_report(found.report), pack_contributors(found.iterate_contributors())
    )


_WRITERS: dict[str, Callable[[FoundVersion], bytes | Iterator[str] | Iterator[bytes]]] = {
    "docx": _write_docx,
    "ods": _write_ods,
    "csv": _write_csv,
    "json": _write_json,
}
