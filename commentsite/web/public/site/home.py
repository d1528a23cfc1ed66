"""The front page, the list of published letters, and the search."""

from flask import Blueprint, Response, make_response, render_template, request

from commentsite.comments.search import search_published
from commentsite.db.pagination import MAX_COUNT, page_within
from commentsite.letters.queries import (
    get_letter_list_version,
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
MAX_SEARCH_PAGE = 50  # a later page costs the database more than it helps a reader
MAX_QUERY_LENGTH, MAX_TOPIC_LENGTH = 200, 60
MIN_YEAR, MAX_YEAR = 1900, 2200


def _version_stamp() -> str | None:
    # Search results also depend on comments, so they are never cached.
    return (
        None if request.args.get("q") else f"{get_letter_list_version()}.{current_site().version}"
    )


@bp.get("/")
@cached_page(_version_stamp)
def index() -> Response:
    """Show the newest letters."""
    page = render_template(
        "public/site/home.html", letter_page=list_published_letters(per_page=PER_PAGE)
    )
    return make_response(page)


@bp.get("/letters/")
@limiter.limit(SEARCH_LIMIT, exempt_when=lambda: not request.args.get("q"))
@cached_page(_version_stamp, ("page", "topic", "year"))
def letters() -> Response:
    """List all letters, or those of a topic or year. With `?q=` search letters and comments."""
    query = request.args.get("q", "")[:MAX_QUERY_LENGTH].strip()
    if query:
        return _render_search(query)
    topic = request.args.get("topic", "")[:MAX_TOPIC_LENGTH].strip()
    number = parse_id(request.args.get("year", "")) or 0
    year = number if MIN_YEAR <= number <= MAX_YEAR else None
    requested = _parse_page("page")
    letter_page = list_published_letters(page=requested, per_page=PER_PAGE, topic=topic, year=year)
    page, pages = page_within(requested, letter_page.total, PER_PAGE)
    if page != requested:
        letter_page = list_published_letters(page=page, per_page=PER_PAGE, topic=topic, year=year)
    return make_response(
        render_template(
            "public/site/letter_list.html",
            letter_page=letter_page,
            page=page,
            pages=pages,
            years=list_publication_years(),
            topics=list_topics(),
            topic=topic,
            year=year,
        )
    )


def _render_search(query: str) -> Response:
    page = min(_parse_page("page"), MAX_SEARCH_PAGE)
    comments_page = min(_parse_page("comments"), MAX_SEARCH_PAGE)
    results = search_published(query, page=page, per_page=PER_PAGE, comments_page=comments_page)
    return make_response(
        render_template(
            "public/site/search.html",
            query=query,
            results=results,
            page=page,
            comments_page=comments_page,
            letters_last_page=_last_page(results.letters_total),
            comments_last_page=_last_page(results.comments_total),
            max_count=MAX_COUNT,
        )
    )


def _parse_page(name: str) -> int:
    return max(1, parse_id(request.args.get(name, "")) or 1)


def _last_page(total: int) -> int:
    return min(-(-total // PER_PAGE), MAX_SEARCH_PAGE)
