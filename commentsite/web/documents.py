"""Documents that letters cite, each with the letters and paragraphs that cite it."""

from flask import Blueprint, Response, make_response, render_template

from commentsite.errors import NotFound
from commentsite.letters.queries import letters_version
from commentsite.letters.surroundings import cited_documents, citing_letters
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.identity import current_site

bp = Blueprint("documents", __name__, url_prefix="/documents")


def _version(**_arguments: object) -> str:
    return f"{letters_version()}.{current_site().version}"


@bp.get("/")
@cached_page(_version)
def index() -> Response:
    """List every cited document."""
    return make_response(
        render_template("public/letters/documents.html", documents=cited_documents())
    )


@bp.get("/<path:symbol>")
@cached_page(_version)
def show(symbol: str) -> Response:
    """Show who cites a document, by its paragraphs."""
    found = citing_letters(symbol)
    if not found:
        msg = "No letter here cites this document."
        raise NotFound(msg)
    return make_response(
        render_template("public/letters/document.html", symbol=symbol, citations=found)
    )
