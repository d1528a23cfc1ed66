"""How to cite a letter, and what other sites may show of it (oEmbed)."""

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request, url_for
from werkzeug.exceptions import NotImplemented as NotOffered

from commentsite.errors import NotFound
from commentsite.letters.citations import formats
from commentsite.letters.citations.formats import CitableVersion
from commentsite.letters.states import LetterState
from commentsite.letters.text.queries import list_versions
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site, runtime
from commentsite.web.public.letters.page import letter_stamp, public_letter
from commentsite.web.rendering.filters import cited_work

bp = Blueprint("citations", __name__)
FORMATS: dict[str, tuple[Callable[[CitableVersion], str], str, str]] = {
    "bibtex": (formats.format_bibtex, "application/x-bibtex; charset=utf-8", "bib"),
    "ris": (formats.format_ris, "application/x-research-info-systems; charset=utf-8", "ris"),
    "csl-json": (formats.format_csl_json, "application/vnd.citationstyles.csl+json", "json"),
}


@bp.get("/letters/<slug>/cite/<name>")
@cached_page(letter_stamp)
def cite(slug: str, name: str) -> Response:
    """Answer with the citation of the current version, as a file."""
    letter = public_letter(slug, lambda now: url_for("citations.cite", slug=now, name=name))
    if name not in FORMATS or letter.state == LetterState.WITHDRAWN:
        msg = "A letter can be cited as bibtex, ris or csl-json."
        raise NotFound(msg)
    write, content_type, ending = FORMATS[name]
    response = Response(write(cited_work(letter, list_versions(letter))), content_type=content_type)
    response.headers["Content-Disposition"] = f'inline; filename="{letter.slug}.{ending}"'
    return response


@bp.get("/oembed")
def oembed() -> Response:
    """Describe a letter to a site that links to it (oEmbed 1.0, type link)."""
    if request.args.get("format", "json") != "json":
        raise NotOffered
    base = urlsplit(runtime().settings.base_url)
    try:
        parts = urlsplit(request.args.get("url", ""))
    except ValueError:
        parts = urlsplit("")
    place = parts.path.rstrip("/")
    slug = place.rpartition("/")[2]
    if parts.netloc != base.netloc or place != f"/letters/{slug}" or not slug:
        msg = "There is no letter at this address."
        raise NotFound(msg)
    letter = public_letter(slug, lambda now: url_for("citations.oembed", url=_address(now)))
    if letter.state == LetterState.WITHDRAWN:
        msg = "This letter was withdrawn."
        raise NotFound(msg)
    site = current_site()
    return jsonify(
        version="1.0",
        type="link",
        title=letter.title,
        author_name=", ".join(author.name for author in letter.authors),
        provider_name=site.title,
        provider_url=runtime().settings.base_url,
        cache_age=3600,
    )


def _address(slug: str) -> str:
    return runtime().settings.base_url + url_for("letters.show", slug=slug)
