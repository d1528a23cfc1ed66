"""The face of the site, the list of all letters, and what a search finds."""

from flask import Blueprint, Response, make_response, render_template, request

from commentsite.comments.search import search_published
from commentsite.db.pagination import page_within
from commentsite.letters.queries import (
    letter_list_version,
    list_publication_years,
    list_published_letters,
    list_topics,
)
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site
from commentsite.web.http.extensions import limiter
from commentsite.web.http.parameters import parse_id
from commentsite.web.http.rate_limits import SEARCH_LIMIT

bp = Blueprint("home", __name__)
PER_PAGE = 20
DEEPEST_PAGE = 50  # of a search


def _version() -> str | None:
    return None if request.args.get("q") else f"{letter_list_version()}.{current_site().version}"


@bp.get("/")
@cached_page(_version)
def front() -> Response:
    """Show the newest letters."""
    return make_response(
        render_template("public/site/home.html", found=list_published_letters(per_page=PER_PAGE))
    )


@bp.get("/letters/")
@limiter.limit(SEARCH_LIMIT, exempt_when=lambda: not request.args.get("q"))
@cached_page(_version, ("page", "topic", "year"))
def letters() -> Response:
    """Show all letters, by page, topic or year, or what has the words asked for."""
    words = request.args.get("q", "")[:200].strip()
    if words:
        return _found(words)
    topic = request.args.get("topic", "")[:60].strip()
    year = parse_id(request.args.get("year", "")) or 0
    in_year = year if 1900 <= year <= 2200 else None
    asked = _number("page", 1)
    found = list_published_letters(page=asked, per_page=PER_PAGE, topic=topic, year=in_year)
    page, pages = page_within(asked, found.total, PER_PAGE)
    if page != asked:
        found = list_published_letters(page=page, per_page=PER_PAGE, topic=topic, year=in_year)
    return make_response(
        render_template(
            "public/site/letter_list.html",
            found=found,
            page=page,
            pages=pages,
            years=list_publication_years(),
            topics=list_topics(),
            topic=topic,
            year=in_year,
        )
    )


def _found(words: str) -> Response:
    page, comments_page = (
        min(_number("page", 1), DEEPEST_PAGE),
        min(_number("comments", 1), DEEPEST_PAGE),
    )
    results = search_published(words, page=page, per_page=PER_PAGE, comments_page=comments_page)
    return make_response(
        render_template(
            "public/site/search.html",
            words=words,
            results=results,
            page=page,
            comments_page=comments_page,
            per_page=PER_PAGE,
        )
    )


def _number(name: str, usual: int) -> int:
    return max(1, parse_id(request.args.get(name, "")) or usual)
