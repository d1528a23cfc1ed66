"""Documents that letters cite, each with the letters and paragraphs that cite it."""

from flask import Blueprint, Response, make_response, render_template

from commentsite.errors import NotFound
from commentsite.letters.citations.queries import list_cited_documents, list_citing_letters
from commentsite.letters.queries import letter_list_version
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site

bp = Blueprint("documents", __name__, url_prefix="/documents")


def _version(**_arguments: object) -> str:
    return f"{letter_list_version()}.{current_site().version}"


@bp.get("/")
@cached_page(_version)
def index() -> Response:
    """List every cited document."""
    return make_response(
        render_template("public/letters/documents.html", documents=list_cited_documents())
    )


@bp.get("/<path:symbol>")
@cached_page(_version)
def show(symbol: str) -> Response:
    """Show who cites a document, by its paragraphs."""
    found = list_citing_letters(symbol)
    if not found:
        msg = "No letter here cites this document."
        raise NotFound(msg)
    return make_response(
        render_template("public/letters/document.html", symbol=symbol, citations=found)
    )
