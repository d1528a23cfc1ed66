"""Documents that letters cite, each with the letters and paragraphs that cite it."""

from flask import Response, make_response, render_template

from commentsite.errors import NotFound
from commentsite.letters.citations.queries import list_cited_documents, list_citing_letters
from commentsite.letters.queries import get_letter_list_version
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site
from commentsite.web.http.languages import LanguageBlueprint

bp = LanguageBlueprint("documents", __name__, url_prefix="/documents")


def _page_version(**_arguments: object) -> str:
    return f"{get_letter_list_version()}.{current_site().version}"


@bp.get("/")
@cached_page(_page_version)
def index() -> Response:
    """List every cited document."""
    page = render_template("public/letters/documents.html", documents=list_cited_documents())
    return make_response(page)


@bp.get("/<path:symbol>")
@cached_page(_page_version)
def show(symbol: str) -> Response:
    """Show the letters that cite a document, grouped by its paragraphs."""
    citations = list_citing_letters(symbol)
    if not citations:
        msg = "No letter on this site cites this document."
        raise NotFound(msg)
    page = render_template("public/letters/document.html", symbol=symbol, citations=citations)
    return make_response(page)
