"""Documents that letters cite, each with the letters and paragraphs that cite it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate, groupby

from flask import Response, make_response, render_template, request

from commentsite.db.pagination import page_within
from commentsite.errors import NotFound
from commentsite.letters.citations.queries import (
    CITATIONS_PER_PAGE,
    CitingParagraph,
    count_citations,
    list_cited_documents,
    list_citing_paragraphs,
)
from commentsite.letters.queries import get_letter_list_version
from commentsite.web.caching.fragments import cached_fragment
from commentsite.web.caching.page_cache import PageArguments, cached_page
from commentsite.web.context import current_site
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.http.parameters import parse_id

bp = LanguageBlueprint("documents", __name__, url_prefix="/documents")


@dataclass(frozen=True)
class CitedParagraph:
    """A paragraph of a document, the number of its citations, and the page on which they begin."""

    number: str  # empty: the document as a whole
    citation_count: int
    page: int


def _page_version(**_arguments: object) -> str:
    return f"{get_letter_list_version()}.{current_site().version}"


@bp.get("/")
@cached_page(_page_version)
def index() -> Response:
    """List every cited document."""
    page = render_template("public/letters/documents.html", documents=list_cited_documents())
    return make_response(page)


def _canonical_arguments(stamp: str, symbol: str) -> PageArguments:
    page = _parse_page()
    if page > 1:
        total = cached_fragment(
            ("citation count", symbol, stamp), lambda: sum(count_citations(symbol).values())
        )
        page, _pages = page_within(page, total, CITATIONS_PER_PAGE)
    return PageArguments({"page": str(page) if page > 1 else ""})


def _parse_page() -> int:
    return parse_id(request.args.get("page", "")) or 1


@bp.get("/<path:symbol>")
@cached_page(_page_version, _canonical_arguments)
def show(symbol: str) -> Response:
    """Show one page of the letters that cite a document, grouped by its paragraphs."""
    counts = count_citations(symbol)
    if not counts:
        msg = "No letter on this site cites this document."
        raise NotFound(msg)
    page, pages = page_within(_parse_page(), sum(counts.values()), CITATIONS_PER_PAGE)
    return make_response(
        render_template(
            "public/letters/document.html",
            symbol=symbol,
            citations=_group_by_paragraph(list_citing_paragraphs(symbol, counts, page)),
            page=page,
            pages=pages,
            cited_paragraphs=_list_cited_paragraphs(counts) if pages > 1 else [],
        )
    )


def _group_by_paragraph(
    citations: Iterable[CitingParagraph],
) -> list[tuple[str, list[CitingParagraph]]]:
    grouped = groupby(citations, key=lambda citation: citation.cited_paragraph)
    return [(paragraph, list(group)) for paragraph, group in grouped]


def _list_cited_paragraphs(counts: Mapping[str, int]) -> list[CitedParagraph]:
    before = accumulate(counts.values(), initial=0)
    return [
        CitedParagraph(paragraph, count, first // CITATIONS_PER_PAGE + 1)
        for (paragraph, count), first in zip(counts.items(), before, strict=False)
    ]
