"""Search published letters, comments and records of positions, from the header of every public page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from commentsite import clock
from commentsite.comments.queries import SearchFilters, list_comment_languages
from commentsite.comments.search import SearchResults, search_published
from commentsite.comments.states import CommentState
from commentsite.db.pagination import MAX_COUNT
from commentsite.letters.language_tags import UNDETERMINED
from commentsite.letters.queries import (
    get_related_version,
    list_publication_years,
    list_published_languages,
    list_topics,
)
from commentsite.search.tokenizer import Phrase, parse_query
from commentsite.summaries.search.queries import RecordResults, find_records, list_record_languages
from commentsite.summaries.states import Outcome
from commentsite.web.caching.fragments import cached_fragment
from commentsite.web.context import current_site
from commentsite.web.http.extensions import limiter
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.http.parameters import parse_id
from commentsite.web.http.rate_limits import SEARCH_LIMIT
from commentsite.web.rendering.default_texts import list_group_labels
from commentsite.web.rendering.i18n import format_number, ngettext
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import OUTCOME_SENTENCES
from commentsite.web.rendering.language_names import name_languages

bp = LanguageBlueprint("search", __name__)
PER_PAGE = 20
MAX_PAGE = 50  # a later page costs the database more than it helps a reader
MAX_QUERY_LENGTH, MAX_TOPIC_LENGTH = 200, 60
KINDS = ("letters", "records", "comments")
#: The parameter with the number of the page of each kind.
PAGE_PARAMETERS = {"letters": "page", "records": "records", "comments": "comments"}


@dataclass(frozen=True)
class FilterOption:
    """A value of a filter, in a list to choose from."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class KindLink:
    """A link to the results of one kind, or of all."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class ResultPages:
    """One page of what was found of one kind. `count` is a sentence."""

    count: str
    page: int
    last_page: int
    previous_url: str
    next_url: str


@dataclass(frozen=True)
class AllResults:
    """One page of everything that a search found."""

    texts: SearchResults
    records: RecordResults

    @property
    def counts(self) -> dict[str, tuple[str, int]]:
        """Return for each kind how many were found, in words and as a number."""
        totals = {
            "letters": self.texts.letters_total,
            "records": self.records.total,
            "comments": self.texts.comments_total,
        }
        return {kind: (_COUNTERS[kind](total), total) for kind, total in totals.items()}


@dataclass(frozen=True)
class SearchPage:
    """The page of a search. `results` and `records` are None where nothing was searched for.

    `pages` has the kinds of which something was found, and which the reader wants to see.
    """

    query: str
    is_cut: bool  # the query was longer than MAX_QUERY_LENGTH
    has_words: bool
    results: SearchResults | None
    records: RecordResults | None
    kinds: tuple[KindLink, ...]
    pages: Mapping[str, ResultPages]
    years: tuple[FilterOption, ...]
    topics: tuple[FilterOption, ...]
    groups: tuple[FilterOption, ...]
    languages: tuple[FilterOption, ...]
    kind: str
    unfiltered_url: str  # of the same search without filters, or "" if there are none


@bp.get("/search")
@limiter.limit(SEARCH_LIMIT, exempt_when=lambda: not request.args.get("q"))
def show() -> Response:
    """Show the letters, comments and records of positions that contain every word of `?q=`."""
    return make_response(render_template("public/site/search.html", search=_search()))


def _search() -> SearchPage:
    typed = request.args.get("q", "").strip()
    query = typed[:MAX_QUERY_LENGTH].strip()
    kind = request.args.get("kind", "")
    kind = kind if kind in KINDS else ""
    options = _list_options()
    chosen = {name: _find_chosen(found) for name, found in options.items()}
    filters = SearchFilters(
        topic=chosen["topic"],
        year=parse_id(chosen["year"]),
        group=chosen["group"],
        language=chosen["language"],
    )
    phrases = parse_query(query)
    found = _find(query, phrases, filters) if phrases else None
    arguments = {"q": query, **{name: value for name, value in chosen.items() if value}}
    is_filtered = bool(kind or not filters.is_empty)
    return SearchPage(
        query=query,
        is_cut=len(typed) > MAX_QUERY_LENGTH,
        has_words=bool(phrases),
        results=found.texts if found else None,
        records=found.records if found else None,
        kinds=_build_kind_links(found, kind, arguments) if found else (),
        pages={
            name: _build_pages(count, total, name, arguments | {"kind": kind})
            for name, (count, total) in (found.counts if found else {}).items()
            if total and kind in {"", name}
        },
        years=options["year"],
        topics=options["topic"],
        groups=options["group"],
        languages=options["language"],
        kind=kind,
        unfiltered_url=url_for("search.show", q=query) if is_filtered else "",
    )


def _find(query: str, phrases: list[Phrase], filters: SearchFilters) -> AllResults:
    texts = search_published(
        query,
        page=_parse_page("letters"),
        per_page=PER_PAGE,
        comments_page=_parse_page("comments"),
        filters=filters,
    )
    records = find_records(
        phrases,
        {outcome: describe_record(outcome) for outcome in Outcome},
        limit=PER_PAGE,
        offset=(_parse_page("records") - 1) * PER_PAGE,
        filters=filters,
    )
    return AllResults(texts, records)


def describe_record(outcome: Outcome) -> str:
    """Return the line that tells a record from a letter: its kind and its outcome."""
    return _("Record of positions. %(outcome)s", outcome=OUTCOME_SENTENCES[outcome])


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
        "language": _build_options(_list_languages(version), "language"),
    }


def _list_languages(version: Any) -> list[tuple[str, str]]:
    """Return the languages of published letters, comments and records with their names, sorted by name."""
    of_letters = cached_fragment(("languages of letters", version), list_published_languages)
    # A language that is new among the comments and records is offered within the hour.
    of_others = cached_fragment(
        ("languages of comments and records", f"{clock.now():%Y%m%d%H}"),
        lambda: list_comment_languages(CommentState.PUBLISHED) | list_record_languages(),
    )
    tags = {*of_letters, *of_others} - {UNDETERMINED}
    return name_languages(tag.partition("-")[0] for tag in tags)


def _build_options(pairs: list[tuple[str, str]], name: str) -> tuple[FilterOption, ...]:
    wanted = request.args.get(name, "")
    return tuple(FilterOption(value, label, value == wanted) for value, label in pairs)


def _find_chosen(options: tuple[FilterOption, ...]) -> str:
    return next((option.value for option in options if option.is_chosen), "")


def _build_kind_links(
    found: AllResults, kind: str, arguments: dict[str, str]
) -> tuple[KindLink, ...]:
    def build_url(value: str) -> str:
        parameters: dict[str, Any] = {**arguments, "kind": value or None}
        return url_for("search.show", **parameters)

    links = [("", _("Everything"))]
    links += [
        (name, count) for name, (count, total) in found.counts.items() if _is_listed(name, total)
    ]
    return tuple(KindLink(label, build_url(value), kind == value) for value, label in links)


def _is_listed(kind: str, total: int) -> bool:
    """Return whether a kind has a link. A site without records has no word of them here."""
    return total > 0 or kind != "records"


def _count_letters(total: int) -> str:
    if total == MAX_COUNT:
        return _("%(n)s letters or more", n=format_number(MAX_COUNT))
    return ngettext("%(num)d letter", "%(num)d letters", total)


def _count_records(total: int) -> str:
    return ngettext("%(num)d record of positions", "%(num)d records of positions", total)


def _count_comments(total: int) -> str:
    if total == MAX_COUNT:
        return _("%(n)s comments or more", n=format_number(MAX_COUNT))
    return ngettext("%(num)d comment", "%(num)d comments", total)


_COUNTERS = {"letters": _count_letters, "records": _count_records, "comments": _count_comments}


def _build_pages(count: str, total: int, kind: str, arguments: dict[str, str]) -> ResultPages:
    page, last_page = _parse_page(kind), min(-(-total // PER_PAGE), MAX_PAGE)
    other = {name: request.args.get(name) for one, name in PAGE_PARAMETERS.items() if one != kind}

    def build_url(number: int) -> str:
        parameters: dict[str, Any] = {
            **{key: value or None for key, value in arguments.items()},
            **other,
            PAGE_PARAMETERS[kind]: number if number > 1 else None,
        }
        return url_for("search.show", **parameters, _anchor=f"{kind}-h")

    return ResultPages(
        count=count,
        page=page,
        last_page=last_page,
        previous_url=build_url(min(page, last_page + 1) - 1) if page > 1 else "",
        next_url=build_url(page + 1) if page < last_page else "",
    )


def _parse_page(kind: str) -> int:
    number = parse_id(request.args.get(PAGE_PARAMETERS[kind], ""))
    return min(max(1, number or 1), MAX_PAGE)
