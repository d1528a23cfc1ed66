"""The face of the site, and the list of all letters."""

from flask import Blueprint, Response, make_response, render_template, request

from commentsite.extensions import limiter
from commentsite.letters.queries import letters_version, published_letters
from commentsite.web.cache import cached_page
from commentsite.web.identity import current_site
from commentsite.web.limits import SEARCH_LIMIT

bp = Blueprint("home", __name__)
PER_PAGE = 20


def _version() -> str | None:
    return None if request.args.get("q") else f"{letters_version()}.{current_site().version}"


@bp.get("/")
@cached_page(_version)
def front() -> Response:
    """Show the newest letters."""
    return make_response(
        render_template("home/front.html", found=published_letters(per_page=PER_PAGE))
    )


@bp.get("/letters/")
@limiter.limit(SEARCH_LIMIT, exempt_when=lambda: not request.args.get("q"))
@cached_page(_version)
def letters() -> Response:
    """Show all letters, by page, topic or words."""
    words, topic = (
        request.args.get("q", "")[:200].strip(),
        request.args.get("topic", "")[:60].strip(),
    )
    asked = request.args.get("page", "1")
    page = max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    found = published_letters(page=page, per_page=PER_PAGE, words=words, topic=topic)
    pages = max(1, -(-found.total // PER_PAGE))
    if page > pages:
        page = pages
        found = published_letters(page=page, per_page=PER_PAGE, words=words, topic=topic)
    return make_response(
        render_template(
            "letters/list.html", found=found, words=words, topic=topic, page=page, pages=pages
        )
    )
