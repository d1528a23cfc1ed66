"""Search published letters and comments. Every public page has the search box in its header."""

from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from commentsite.comments.queries import SearchFilters
from commentsite.comments.search import SearchResults, search_published
from commentsite.db.pagination import MAX_COUNT
from commentsite.letters.queries import (
    get_related_version,
    list_publication_years,
    list_topics,
)
from commentsite.search.tokenizer import parse_query
from commentsite.web.caching.fragments import cached_fragment
from commentsite.web.context import current_site
from commentsite.web.http.extensions import limiter
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.http.parameters import parse_id
from commentsite.web.http.rate_limits import SEARCH_LIMIT
from commentsite.web.rendering.default_texts import list_group_labels
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext

bp = LanguageBlueprint("search", __name__)
PER_PAGE = 20
MAX_PAGE = 50  # a later page costs the database more than it helps a reader
MAX_QUERY_LENGTH, MAX_TOPIC_LENGTH = 200, 60
KINDS = ("letters", "comments")


@dataclass(frozen=True)
class FilterOption:
    """A value of a filter, in a list to choose from."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class KindLink:
    """A link to the results of one kind, or of both."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class ResultPages:
    """One page of the letters or comments that were found. `count` is a sentence."""

    count: str
    page: int
    last_page: int
    previous_url: str
    next_url: str


@dataclass(frozen=True)
class SearchPage:
    """The page of a search. `results` is None where nothing was searched for."""

    query: str
    is_cut: bool  # the query was longer than MAX_QUERY_LENGTH
    has_words: bool
    results: SearchResults | None
    kinds: tuple[KindLink, ...]
    letters: ResultPages | None
    comments: ResultPages | None
    years: tuple[FilterOption, ...]
    topics: tuple[FilterOption, ...]
    groups: tuple[FilterOption, ...]
    kind: str
    unfiltered_url: str  # of the same search without filters, or "" if there are none


@bp.get("/search")
@limiter.limit(SEARCH_LIMIT, exempt_when=lambda: not request.args.get("q"))
def show() -> Response:
    """Show the letters and comments that contain every word of `?q=`."""
    return make_response(render_template("public/site/search.html", search=_search()))


def _search() -> SearchPage:
    typed = request.args.get("q", "").strip()
    query = typed[:MAX_QUERY_LENGTH].strip()
    kind = request.args.get("kind", "")
    kind = kind if kind in KINDS else ""
    options = _list_options()
    chosen = {name: _find_chosen(found) for name, found in options.items()}
    filters = SearchFilters(
        topic=chosen["topic"], year=parse_id(chosen["year"]), group=chosen["group"]
    )
    page, comments_page = _parse_page("page"), _parse_page("comments")
    has_words = bool(parse_query(query))
    results = (
        search_published(
            query, page=page, per_page=PER_PAGE, comments_page=comments_page, filters=filters
        )
        if has_words
        else None
    )
    arguments = {"q": query, **{name: value for name, value in chosen.items() if value}}
    is_filtered = bool(kind or not filters.is_empty)
    return SearchPage(
        query=query,
        is_cut=len(typed) > MAX_QUERY_LENGTH,
        has_words=has_words,
        results=results,
        kinds=_build_kind_links(results, kind, arguments) if results else (),
        letters=_build_letter_pages(results, page, arguments | {"kind": kind})
        if results and kind != "comments"
        else None,
        comments=_build_comment_pages(results, comments_page, arguments | {"kind": kind})
        if results and kind != "letters"
        else None,
        years=options["year"],
        topics=options["topic"],
        groups=options["group"],
        kind=kind,
        unfiltered_url=url_for("search.show", q=query) if is_filtered else "",
    )


def _list_options() -> dict[str, tuple[FilterOption, ...]]:
    """Return the values of each filter. A value of the request that is not among them filters nothing."""
    version = get_related_version()
    years = cached_fragment(("years of letters", version), list_publication_years)
    topics = cached_fragment(("frequent topics", version), list_topics)
    topic = request.args.get("topic", "")[:MAX_TOPIC_LENGTH].strip()
    return {
        "year": _build_options([(str(year), str(year)) for year in years], "year"),
        "topic": tuple(FilterOption(t, t, t.lower() == topic.lower()) for t in topics),
        "group": _build_options(list_group_labels(current_site().groups), "group"),
    }


def _build_options(pairs: list[tuple[str, str]], name: str) -> tuple[FilterOption, ...]:
    wanted = request.args.get(name, "")
    return tuple(FilterOption(value, label, value == wanted) for value, label in pairs)


def _find_chosen(options: tuple[FilterOption, ...]) -> str:
    return next((option.value for option in options if option.is_chosen), "")


def _build_kind_links(
    results: SearchResults, kind: str, arguments: dict[str, str]
) -> tuple[KindLink, ...]:
    def build_url(value: str) -> str:
        parameters: dict[str, Any] = {**arguments, "kind": value or None}
        return url_for("search.show", **parameters)

    return tuple(
        KindLink(label, build_url(value), kind == value)
        for value, label in (
            ("", _("Everything")),
            ("letters", _count_letters(results.letters_total)),
            ("comments", _count_comments(results.comments_total)),
        )
    )


def _count_letters(total: int) -> str:
    if total == MAX_COUNT:
        return _("%(n)d letters or more", n=MAX_COUNT)
    return ngettext("%(num)d letter", "%(num)d letters", total)


def _count_comments(total: int) -> str:
    if total == MAX_COUNT:
        return _("%(n)d comments or more", n=MAX_COUNT)
    return ngettext("%(num)d comment", "%(num)d comments", total)


def _build_letter_pages(
    results: SearchResults, page: int, arguments: dict[str, str]
) -> ResultPages | None:
    total = results.letters_total
    return _build_pages(_count_letters(total), total, "page", page, arguments) if total else None


def _build_comment_pages(
    results: SearchResults, page: int, arguments: dict[str, str]
) -> ResultPages | None:
    total = results.comments_total
    return (
        _build_pages(_count_comments(total), total, "comments", page, arguments) if total else None
    )


def _build_pages(
    count: str, total: int, name: str, page: int, arguments: dict[str, str]
) -> ResultPages:
    last_page = min(-(-total // PER_PAGE), MAX_PAGE)
    anchor = "letters-h" if name == "page" else "comments-h"
    other = {key: request.args.get(key) for key in ("page", "comments") if key != name}

    def build_url(number: int) -> str:
        parameters: dict[str, Any] = {
            **{key: value or None for key, value in arguments.items()},
            **other,
            name: number if number > 1 else None,
        }
        return url_for("search.show", **parameters, _anchor=anchor)

    return ResultPages(
        count=count,
        page=page,
        last_page=last_page,
        previous_url=build_url(min(page, last_page + 1) - 1) if page > 1 else "",
        next_url=build_url(page + 1) if page < last_page else "",
    )


def _parse_page(name: str) -> int:
    return min(max(1, parse_id(request.args.get(name, "")) or 1), MAX_PAGE)
