"""Records of positions: the last published version of a letter's record, and the schema of its JSON file."""

from typing import Any

import msgspec
from flask import Response, url_for

from commentsite.summaries.report.content import Contributor, Report
from commentsite.summaries.report.serialisation import convert_report
from commentsite.web.api.answers import answer_readers
from commentsite.web.api.blueprint import bp, document_problem, respond
from commentsite.web.api.schemas import SummarySchema
from commentsite.web.public.records.lookup import (
    FoundVersion,
    check_not_withdrawn,
    find_version,
    get_letter_of_record,
    record_page_version,
)
from commentsite.web.public.records.pages import list_formats
from commentsite.web.rendering.filters import absolute_url

SCHEMA_URL = "https://json-schema.org/draft/2020-12/schema"


@bp.get("/letters/<slug>/summary")
@bp.response(200, SummarySchema, headers={"ETag": {"schema": {"type": "string"}}})
@bp.alt_response(302, description="The record has the address of another letter.")
@bp.alt_response(304, description="The answer is the one whose ETag the request has.")
@document_problem(404, "There is no letter at this address, or it has no record of positions.")
@bp.doc(operationId="getSummary", tags=["Letters"])
def get_summary(slug: str) -> Response:
    """Return the last published version of the record of positions, without its contributors.

    The contributors are in the files.
    """
    letter = get_letter_of_record(
        slug, lambda other: url_for("api.get_summary", slug=other, _external=True)
    )
    check_not_withdrawn(letter)
    return answer_readers(record_page_version(slug), lambda: _show(find_version(letter)))


@bp.get("/schemas/summary")
@bp.response(200, description="A JSON Schema (draft 2020-12).")
@bp.doc(operationId="getSummarySchema", tags=["Letters"])
def get_summary_schema() -> Response:
    """Return the schema of the JSON file of a record: its report, its contributors and its salt."""
    schemas, definitions = msgspec.json.schema_components(
        [Report, Contributor], ref_template="#/$defs/{name}"
    )
    report, contributor = schemas
    return respond(
        {
            "$schema": SCHEMA_URL,
            "type": "object",
            "required": ["report", "contributors"],
            "properties": {
                "report": report,
                "contributors": {"type": "array", "items": contributor},
                "salt": {"type": "string"},  # random: no words can be found from the hash
            },
            "$defs": definitions,
        }
    )


def _show(found: FoundVersion) -> dict[str, Any]:
    version, slug = found.version, found.letter.slug
    return {
        "letter": slug,
        "url": absolute_url(url_for("records.show", slug=slug)),
        "version": version.number,
        "change_note": version.change_note,
        "published_at": version.published_at.isoformat(),
        "inquiries_until": version.inquiries_until.isoformat(),
        "sha256": version.sha256,
        "files": dict(list_formats(found.letter, version, is_current=True)),
        "report": convert_report(found.report),
    }
