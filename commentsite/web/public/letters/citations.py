"""Citations of a letter for reference managers, and its description for other sites (oEmbed)."""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request, url_for
from werkzeug.exceptions import NotImplemented as UnsupportedFormat

from commentsite.errors import NotFound
from commentsite.letters.citations import formats
from commentsite.letters.citations.formats import CitableVersion
from commentsite.letters.states import LetterState
from commentsite.letters.text.queries import list_published_versions
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site, runtime
from commentsite.web.public.letters.page import get_letter_or_redirect, letter_page_version
from commentsite.web.rendering.filters import build_citable_version, permanent_url


class CitationFormat(NamedTuple):
    """A file format of reference managers."""

    write: Callable[[CitableVersion], str]
    content_type: str
    extension: str


bp = Blueprint("citations", __name__)
FORMATS = {
    "bibtex": CitationFormat(formats.format_bibtex, "application/x-bibtex; charset=utf-8", "bib"),
    "ris": CitationFormat(
        formats.format_ris, "application/x-research-info-systems; charset=utf-8", "ris"
    ),
    "csl-json": CitationFormat(
        formats.format_csl_json, "application/vnd.citationstyles.csl+json", "json"
    ),
}
OEMBED_CACHE_AGE = 3600  # seconds


@bp.get("/letters/<slug>/cite/<name>")
@cached_page(letter_page_version)
def show(slug: str, name: str) -> Response:
    """Answer with the citation of the current version as a file."""
    letter = get_letter_or_redirect(
        slug, lambda new_slug: url_for("citations.show", slug=new_slug, name=name)
    )
    if name not in FORMATS or letter.state == LetterState.WITHDRAWN:
        msg = "Citations are available as bibtex, ris or csl-json, for letters that are not withdrawn."
        raise NotFound(msg)
    write, content_type, extension = FORMATS[name]
    citation = write(build_citable_version(letter, list_published_versions(letter)))
    response = Response(citation, content_type=content_type)
    response.headers["Content-Disposition"] = f'inline; filename="{letter.slug}.{extension}"'
    return response


@bp.get("/oembed")
def oembed() -> Response:
    """Describe a letter to a site that links to it (oEmbed 1.0, type link)."""
    if request.args.get("format", "json") != "json":
        raise UnsupportedFormat
    slug = _find_slug(request.args.get("url", ""))
    if not slug:
        msg = "There is no letter at this address."
        raise NotFound(msg)
    letter = get_letter_or_redirect(
        slug, lambda new_slug: url_for("citations.oembed", url=_letter_url(new_slug))
    )
    if letter.state == LetterState.WITHDRAWN:
        msg = "This letter was withdrawn."
        raise NotFound(msg)
    return jsonify(
        version="1.0",
        type="link",
        title=letter.title,
        author_name=", ".join(author.name for author in letter.authors),
        provider_name=current_site().title,
        provider_url=runtime().settings.base_url,
        cache_age=OEMBED_CACHE_AGE,
    )


def _find_slug(url: str) -> str:
    """Return the slug of a letter's address on this site, or an empty string for any other address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    path = parts.path.rstrip("/")
    slug = path.rpartition("/")[2]
    is_ours = parts.netloc == urlsplit(runtime().settings.base_url).netloc
    return slug if is_ours and path == f"/letters/{slug}" else ""


def _letter_url(slug: str) -> str:
    return permanent_url("letters.show", slug=slug)
