"""A decorator that caches the response of a public view under its version, with an ETag."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Response, make_response, request

from commentsite import clock
from commentsite.db.replica import on_replica
from commentsite.paths import find_resource_folder
from commentsite.web.caching.store import (
    MemoryStore,
    Page,
    PageStore,
    RedisStore,
    TwoLevelStore,
    app_singleton,
)
from commentsite.web.caching.wsgi_cache import CACHEABLE_ROUTE
from commentsite.web.context import runtime
from commentsite.web.http.languages import PAGE_ARGUMENTS
from commentsite.web.http.metrics_registry import count_page
from commentsite.web.http.parameters import parse_id

# A browser asks each time, which costs little thanks to the ETag. A reverse proxy may serve its copy for a
# second without asking, so that a crowd counts as one reader, and for a day while the site does not answer.
CACHE_CONTROL = "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=86400"
CACHED_HEADERS = ("Content-Type", "Content-Disposition")
MAX_MEMORY_BYTES = 32 * 1024 * 1024
MAX_ARGUMENT_LENGTH = 200


@dataclass(frozen=True)
class PageArguments:
    """The arguments of a page in their canonical form, so that values with the same page have one entry.

    `is_kept` is False for a page that is rarely read twice, such as the form for a reply to one comment. It
    would push others out of the cache.
    """

    values: dict[str, str]
    is_kept: bool = True


def cached_page(
    version: Callable[..., str | None],
    arguments: tuple[str, ...] | Callable[..., PageArguments] = (),
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Serve a GET from the page rendered before for the same path, arguments and version.

    `version` takes the arguments of the view and returns a stamp of everything that the page depends on, in
    one small query. For None the view runs and its response is not cached. `arguments` names the parts of
    the query string that the view reads. Other parts do not make another page. Where the database decides
    which values there are, `arguments` is a function of the stamp and the arguments of the view, and the
    view must treat all values alike for which it returns the same.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(view)
        def cached_view(**path_values: Any) -> Response:
            return on_replica(lambda: _respond(view, version, arguments, path_values))

        return cached_view

    return decorate


def _respond(
    view: Callable[..., Any],
    version: Callable[..., str | None],
    arguments: tuple[str, ...] | Callable[..., PageArguments],
    path_values: dict[str, Any],
) -> Response:
    stamp = version(**path_values)
    if stamp is None:
        return make_response(view(**path_values))
    accepted = (
        arguments(stamp, **path_values)
        if callable(arguments)
        else PageArguments({name: _normalised(name) for name in arguments})
    )
    request.environ[PAGE_ARGUMENTS] = accepted.values
    key = build_page_key(accepted.values, stamp)
    etag = build_etag(key)
    if request.if_none_match.contains_weak(etag):
        count_page("same")
        return add_cache_headers(Response(status=304), etag)
    store = app_singleton("pages", _make_store)
    page = store.find(key)
    count_page("drawn" if page is None else "kept")  # labels of a metric that operators chart
    if page is None:
        rendered = make_response(view(**path_values))
        if rendered.status_code != 200:
            return rendered
        headers = {
            name: rendered.headers[name] for name in CACHED_HEADERS if name in rendered.headers
        }
        page = Page(rendered.get_data(), headers)
        if accepted.is_kept:
            store.put(key, page)
    if not accepted.is_kept:
        return add_cache_headers(_encoded(page), etag)
    request.environ[CACHEABLE_ROUTE] = request.url_rule.rule if request.url_rule else ""
    return add_cache_headers(_encoded(page), etag)


def build_page_key(arguments: Mapping[str, str], stamp: str) -> str:
    """Return the key of the requested page: everything that its content depends on."""
    values = {name: value for name, value in arguments.items() if value}
    return f"{request.path}?{urlencode(values)}|{stamp}|{clock.now():%Y%m%d}|{_code_stamp()}"


def build_etag(key: str) -> str:
    """Return the ETag of the page with this key."""
    return sha256(key.encode()).hexdigest()[:24]


def _normalised(name: str) -> str:
    """Return an argument as views read it, so that a value they cannot read does not make another page."""
    value = request.args.get(name, "")
    if name == "page":
        number = parse_id(value)
        return "" if number is None or number <= 1 else str(number)
    return value[:MAX_ARGUMENT_LENGTH]


def _encoded(page: Page) -> Response:
    accepts_gzip = request.accept_encodings.quality("gzip") > 0 and "gzip" in request.headers.get(
        "Accept-Encoding", ""
    )
    if accepts_gzip:
        response = Response(page.packed, headers=page.headers)
        response.headers["Content-Encoding"] = "gzip"
        return response
    return Response(page.body, headers=page.headers)


def add_cache_headers(response: Response, etag: str) -> Response:
    """Let browsers and proxies keep a public page as long as its ETag is the same."""
    response.set_etag(etag, weak=True)
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.vary.add("Accept-Encoding")
    return response


def _make_store() -> PageStore:
    memory, url = MemoryStore(MAX_MEMORY_BYTES), runtime().settings.redis_url
    return TwoLevelStore(memory, RedisStore(url, runtime().encryption)) if url else memory


@cache
def _code_stamp() -> str:
    """Return a hash of the code, templates, translations and assets, the same on every machine with this release."""
    digest = sha256()
    for folder in (
        find_resource_folder("templates"),
        find_resource_folder("static"),
        Path(__file__).parents[2],
    ):
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".html", ".xml", ".css", ".js", ".py", ".mo"}:
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]
