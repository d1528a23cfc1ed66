"""Answer again with a public page that was just answered, before Flask begins, while nothing has changed.

A page is asked for by many people at once and is the same for all. What this process writes is known
at once; what another writes SQLite tells in microseconds (`PRAGMA data_version`), and is asked fifty
times a second. PostgreSQL has nothing of the kind; there a front (deploy/nginx.conf) does the same
for a second.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from commentsite import clock
from commentsite.web.changes import Changes, Mark
from commentsite.web.counters import count_page, count_request
from commentsite.web.logs import log_request

ANSWER_AGAIN = (
    "commentsite.answer_again"  # in the environ of WSGI: the route of a page for everyone
)
TRUSTED_FOR = timedelta(seconds=1)  # what time alone changes is looked at again after it
MOST_PAGES = 512  # their bytes are those the pages are kept in anyway

DEPENDS_ON = ("PATH_INFO", "QUERY_STRING", "HTTP_ACCEPT_ENCODING")
Headers = list[tuple[str, str]]
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, and what the database and the clock said before it was answered."""

    key: Key
    mark: Mark
    at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole answer."""

    status: str
    headers: Headers
    body: bytes
    route: str
    asked: Asked


class AnswerAgain:
    """Keep the last answers for everyone in front of an application."""

    def __init__(self, app: Any, changes: Changes) -> None:
        """Wrap a WSGI application."""
        self._app, self._changes = app, changes
        self._answers: dict[Key, Answered] = {}

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer as the application does, or did a moment ago."""
        if environ["REQUEST_METHOD"] != "GET" or "HTTP_IF_NONE_MATCH" in environ:
            answer: Iterable[bytes] = self._app(environ, start_response)
            return answer
        began, now, mark = time.perf_counter(), clock.now(), self._changes.mark()
        key = tuple(environ.get(name, "") for name in DEPENDS_ON)
        found = self._answers.get(key)
        if found and found.asked.mark == mark and abs(now - found.asked.at) < TRUSTED_FOR:
            start_response(found.status, found.headers.copy())
            seconds = time.perf_counter() - began
            count_page("again")
            count_request("GET", found.route, 200, seconds)
            log_request("GET", found.route, 200, seconds)
            return [found.body]
        return self._answer_anew(environ, start_response, Asked(key, mark, now))

    def _answer_anew(
        self, environ: dict[str, Any], start_response: Callable[..., Any], asked: Asked
    ) -> Iterable[bytes]:
        said: list[Any] = []

        def start(status: str, headers: Headers, *more: Any) -> Any:
            said[:] = [status, headers.copy()]
            return start_response(status, headers, *more)

        answer: Iterable[bytes] = self._app(environ, start)
        route = environ.get(ANSWER_AGAIN)
        if route is None or said[:1] != ["200 OK"]:
            return answer
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        if len(self._answers) >= MOST_PAGES:
            self._answers.clear()
        self._answers[asked.key] = Answered(said[0], said[1], body, route, asked)
        return [body]
