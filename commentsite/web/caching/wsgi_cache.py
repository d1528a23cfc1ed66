"""A response cache in front of Flask, for sites on SQLite."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from commentsite import clock
from commentsite.web.caching.sqlite_watch import ChangeWatch
from commentsite.web.caching.store import BoundedCache
from commentsite.web.http.logging import log_request
from commentsite.web.http.metrics_registry import count_page, count_request

CACHEABLE_ROUTE = "commentsite.cacheable_route"  # set in the WSGI environ by page_cache
MAX_AGE = timedelta(seconds=1)  # pages also change with time, for example when comments close
MAX_RESPONSES = 512  # the page cache holds most of these bodies anyway

KEY_VARIABLES = ("PATH_INFO", "QUERY_STRING", "HTTP_ACCEPT_ENCODING")
Headers = list[tuple[str, str]]
ResponseKey = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CacheRequest:
    """The key of a request, with the state of the database and the clock before it was answered."""

    key: ResponseKey
    mark: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """A complete response and the request that it answered."""

    status: str
    headers: Headers
    body: bytes
    route: str
    request: CacheRequest


class ResponseCacheMiddleware:
    """Repeat the last response to the same GET while the database is unchanged, for at most `MAX_AGE`."""

    def __init__(self, app: Any, watch: ChangeWatch) -> None:
        self._app, self._watch = app, watch
        self._responses: BoundedCache[CachedResponse] = BoundedCache(MAX_RESPONSES, lambda _: 1)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer from the cache, or let the application answer."""
        is_repeatable = environ["REQUEST_METHOD"] == "GET" and "HTTP_AUTHORIZATION" not in environ
        if not is_repeatable or "HTTP_IF_NONE_MATCH" in environ:
            response: Iterable[bytes] = self._app(environ, start_response)
            return response
        started, now, mark = time.perf_counter(), clock.now(), self._watch.mark()
        key = tuple(environ.get(name, "") for name in KEY_VARIABLES)
        cached = self._responses.find(key)
        if cached and cached.request.mark == mark and abs(now - cached.request.at) < MAX_AGE:
            start_response(cached.status, cached.headers.copy())
            seconds = time.perf_counter() - started
            count_page("again")
            count_request("GET", cached.route, 200, seconds)
            log_request("GET", cached.route, 200, seconds)
            return [cached.body]
        # The mark is from before the page is rendered. A commit in between makes the entry stale, never wrong.
        return self._forward(environ, start_response, CacheRequest(key, mark, now))

    def _forward(
        self, environ: dict[str, Any], start_response: Callable[..., Any], request: CacheRequest
    ) -> Iterable[bytes]:
        head: list[Any] = []

        def start(status: str, headers: Headers, *exc_info: Any) -> Any:
            head[:] = [status, headers.copy()]
            return start_response(status, headers, *exc_info)

        response: Iterable[bytes] = self._app(environ, start)
        route = environ.get(CACHEABLE_ROUTE)
        if route is None or head[:1] != ["200 OK"]:
            return response
        body = b"".join(response)
        if hasattr(response, "close"):
            response.close()
        self._responses.put(request.key, CachedResponse(head[0], head[1], body, route, request))
        return [body]
