"""Files that programs expect at fixed addresses: robots.txt, sitemap.xml and security.txt."""

from datetime import timedelta

from flask import Blueprint, Response, abort, make_response, render_template

from commentsite import clock
from commentsite.letters.queries import (
    count_published_letters,
    get_letter_list_version,
    list_sitemap_entries,
)
from commentsite.summaries.publication.queries import list_published_records
from commentsite.text.languages import INTERFACE_LANGUAGES
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site, runtime
from commentsite.web.http.paths import PRIVATE_PATHS
from commentsite.web.rendering.navigation import build_contact_url

bp = Blueprint("well_known", __name__)
MAX_SITEMAP_LETTERS = 10_000  # in one file; the protocol allows 50,000
SECURITY_TXT_TTL = timedelta(days=365)


@bp.get("/robots.txt")
@cached_page(lambda: "1")
def robots() -> Response:
    base_url = runtime().settings.base_url
    prefixes = ("", *(f"/{language}" for language in INTERFACE_LANGUAGES))
    paths = dict.fromkeys(PRIVATE_PATHS)  # each once
    private = [prefix + path for path in paths for prefix in prefixes]
    rules = "".join(f"Disallow: {path}\n" for path in private)
    return _plain_text(f"User-agent: *\n{rules}Sitemap: {base_url}/sitemap.xml\n")


@bp.get("/sitemap.xml")
@cached_page(lambda: f"{get_letter_list_version()}.{current_site().version}")
def sitemap() -> Response:
    """List the letters, or on a large site the files that list them (sitemaps.org)."""
    file_count = -(-count_published_letters() // MAX_SITEMAP_LETTERS)
    if file_count <= 1:
        return _render_sitemap(1)
    page = render_template("public/site/sitemap_index.xml", file_count=file_count)
    return _xml(page)


@bp.get("/sitemaps/<int:number>.xml")
@cached_page(lambda **_: f"{get_letter_list_version()}.{current_site().version}")
def sitemap_part(number: int) -> Response:
    if not 1 <= number <= -(-count_published_letters() // MAX_SITEMAP_LETTERS):
        abort(404)
    return _render_sitemap(number)


@bp.get("/.well-known/security.txt")
@cached_page(lambda: str(current_site().version))
def security_txt() -> Response:
    """Name the contact for reports of vulnerabilities (RFC 9116)."""
    base_url = runtime().settings.base_url
    expires = clock.now().replace(microsecond=0) + SECURITY_TXT_TTL
    contact = build_contact_url(current_site().contact) or f"{base_url}/privacy"
    return _plain_text(
        f"Contact: {contact}\nExpires: {expires.isoformat()}\n"
        f"Canonical: {base_url}/.well-known/security.txt\n"
    )


def _render_sitemap(number: int) -> Response:
    letters = list_sitemap_entries(
        offset=(number - 1) * MAX_SITEMAP_LETTERS, limit=MAX_SITEMAP_LETTERS
    )
    pages = current_site().pages if number == 1 else ()
    records = list_published_records(limit=MAX_SITEMAP_LETTERS) if number == 1 else []
    return _xml(
        render_template(
            "public/site/sitemap.xml",
            letters=letters,
            pages=pages,
            records=records,
            number=number,
        )
    )


def _xml(text: str) -> Response:
    response = make_response(text)
    response.headers["Content-Type"] = "application/xml; charset=utf-8"
    return response


def _plain_text(text: str) -> Response:
    return Response(text, mimetype="text/plain")
