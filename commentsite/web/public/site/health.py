"""What machines ask: is it alive, may I crawl, where do I report a hole."""

from datetime import timedelta

from flask import Blueprint, Response, make_response, render_template

from commentsite import clock
from commentsite.db import schema_version
from commentsite.letters.queries import letter_list_version, list_published_letters
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site, runtime

bp = Blueprint("ops", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    """Say that the process lives."""
    return _text("ok\n")


@bp.get("/readyz")
def readyz() -> Response:
    """Say whether requests may be sent here: the database answers and has the shape the code expects."""
    wrong = schema_version.find_schema_problem()
    return _text(f"{wrong}\n", 503) if wrong else _text("ready\n")


@bp.get("/robots.txt")
@cached_page(lambda: "1")
def robots() -> Response:
    """Keep crawlers where readers are."""
    base = runtime().settings.base_url
    return _text(
        f"User-agent: *\nDisallow: /desk/\nDisallow: /account/\nDisallow: /receipts/\nSitemap: {base}/sitemap.xml\n"
    )


@bp.get("/sitemap.xml")
@cached_page(lambda: f"{letter_list_version()}.{current_site().version}")
def sitemap() -> Response:
    """List every published letter."""
    response = make_response(
        render_template(
            "public/site/sitemap.xml", letters=list_published_letters(per_page=5000).letters
        )
    )
    response.headers["Content-Type"] = "application/xml; charset=utf-8"
    return response


@bp.get("/.well-known/security.txt")
@cached_page(lambda: str(current_site().version))
def security_txt() -> Response:
    """Say where to report a hole (RFC 9116)."""
    base, contact = runtime().settings.base_url, current_site().contact
    where = contact if "://" in contact else f"mailto:{contact}" if contact else f"{base}/privacy"
    expires = clock.now().replace(microsecond=0) + timedelta(days=365)
    return _text(
        f"Contact: {where}\nExpires: {expires.isoformat()}\nCanonical: {base}/.well-known/security.txt\n"
    )


def _text(words: str, status: int = 200) -> Response:
    response = Response(words, status=status, mimetype="text/plain")
    response.headers.setdefault(
        "Cache-Control", "no-store"
    )  # a page that may be kept says so itself
    return response
