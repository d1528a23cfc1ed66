"""The front page and the list of published letters."""

from dataclasses import dataclass
from typing import Any

from flask import Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from commentsite.db.pagination import page_within
from commentsite.letters.queries import (
    LetterPage,
    get_letter_list_version,
    get_related_version,
    list_all_topics,
    list_publication_years,
    list_published_letters,
    list_topics,
)
from commentsite.summaries.publication.queries import PublishedRecord, map_published_records
from commentsite.web.caching.fragments import cached_fragment
from commentsite.web.caching.page_cache import PageArguments, cached_page
from commentsite.web.context import current_site
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.http.old_addresses import FRONT_PAGE_PARAMETERS, find_redirect
from commentsite.web.http.parameters import parse_id

bp = LanguageBlueprint("home", __name__)
PER_PAGE = 20
MAX_TOPIC_LENGTH = 60
MIN_YEAR, MAX_YEAR = 1900, 2200


def _version_stamp() -> str:
    return f"{get_letter_list_version()}.{current_site().version}"


@bp.before_request
def redirect_old_address() -> AnyResponse | None:
    """Redirect the addresses that WordPress gives to posts without readable ones."""
    if request.path == "/" and any(name in request.args for name in FRONT_PAGE_PARAMETERS):
        return find_redirect()
    return None


@bp.get("/")
@cached_page(_version_stamp)
def index() -> Response:
    """Show the newest letters."""
    letter_page = list_published_letters(per_page=PER_PAGE)
    page = render_template(
        "public/site/home.html", letter_page=letter_page, records=_load_records(letter_page)
    )
    return make_response(page)


def _load_records(letter_page: LetterPage) -> dict[int, PublishedRecord]:
    return map_published_records([letter.id for letter in letter_page.letters])


@dataclass(frozen=True)
class ListFilters:
    """The filters of the list of letters. `is_unknown` stands for all topics and years without a letter."""

    topic: str
    year: int | None
    page: int
    pages: int
    is_unknown: bool


def _read_filters(stamp: str) -> ListFilters:
    """Return the filters of the request with a topic, a year and a page that there are."""
    topic = request.args.get("topic", "")[:MAX_TOPIC_LENGTH].strip()
    year = parse_id(request.args.get("year", ""))
    year = year if year is not None and MIN_YEAR <= year <= MAX_YEAR else None
    # Topics change with letters, and the stamp changes with each comment.
    topics = (
        cached_fragment(("topics", get_related_version()), list_all_topics)
        if topic
        else frozenset()
    )
    years = cached_fragment(("years", stamp), list_publication_years) if year else []
    if (topic and topic.lower() not in topics) or (year and year not in years):
        return ListFilters("", None, 1, 1, is_unknown=True)
    requested = _parse_page("page")
    if requested == 1:
        return ListFilters(topic, year, 1, 1, is_unknown=False)
    total = cached_fragment(
        ("letter count", topic.lower(), year, stamp),
        lambda: list_published_letters(per_page=1, topic=topic, year=year).total,
    )
    page, pages = page_within(requested, total, PER_PAGE)
    return ListFilters(topic, year, page, pages, is_unknown=False)


def _canonical_arguments(stamp: str) -> PageArguments:
    filters = g.list_filters = _read_filters(stamp)
    return PageArguments(
        {
            "topic": filters.topic.lower(),
            "year": str(filters.year or ""),
            "page": str(filters.page) if filters.page > 1 else "",
            "unknown": "yes" if filters.is_unknown else "",
        }
    )


@bp.get("/letters/")
def letters() -> AnyResponse:
    """List all letters, or those of a topic or year. Earlier versions of the site searched here with `?q=`."""
    if request.args.get("q", "").strip():
        parameters: dict[str, Any] = request.args.to_dict(flat=False)
        return redirect(url_for("search.show", **parameters), 301)
    return _show_letters()


@cached_page(_version_stamp, _canonical_arguments)
def _show_letters() -> Response:
    filters: ListFilters = g.list_filters
    letter_page = (
        LetterPage([], 0)
        if filters.is_unknown
        else list_published_letters(
            page=filters.page, per_page=PER_PAGE, topic=filters.topic, year=filters.year
        )
    )
    return make_response(
        render_template(
            "public/site/letter_list.html",
            letter_page=letter_page,
            records=_load_records(letter_page),
            page=filters.page,
            pages=page_within(filters.page, letter_page.total, PER_PAGE)[1],
            years=list_publication_years(),
            topics=cached_fragment(("frequent topics", get_related_version()), list_topics),
            topic=filters.topic,
            year=filters.year,
            is_unknown=filters.is_unknown,
        )
    )


def _parse_page(name: str) -> int:
    return max(1, parse_id(request.args.get(name, "")) or 1)
