"""Public pages are made once for everyone: kept by version, answered 304 where nothing changed."""

from collections.abc import Callable
from functools import cache, wraps
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Response, make_response, request

from commentsite import clock
from commentsite.config import resources
from commentsite.db import reading
from commentsite.plain import small_number
from commentsite.web.answer_again import ANSWER_AGAIN
from commentsite.web.counters import count_page
from commentsite.web.identity import runtime
from commentsite.web.kept import Kept, kept_here
from commentsite.web.shared_pages import Page, SharedPages

# A reader's browser asks each time, which costs little thanks to the ETag. A front may answer for a
# second without asking, so that a crowd is one reader, and for a day while the site cannot answer.
CACHE_CONTROL = "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=86400"
KEPT = ("Content-Type", "Content-Disposition")
MOST_BYTES = 32 * 1024 * 1024


class PageCache:
    """The pages one process has drawn lately, and what others have drawn."""

    def __init__(self, shared: SharedPages | None) -> None:
        """Start empty; what others have drawn is asked for second."""
        self._shared = shared
        self._here: Kept[Page] = Kept(MOST_BYTES, _size)

    def find(self, key: str) -> Page | None:
        """Return a page, or None."""
        page = self._here.find(key)
        if page is None and self._shared and (page := self._shared.find(key)):
            self._here.keep(key, page)
        return page

    def keep(self, key: str, page: Page) -> None:
        """Keep a page that is not too large, here and for the others."""
        self._here.keep(key, page)
        if self._shared:
            self._shared.keep(key, page)


def _size(page: Page) -> int:
    return len(page.body) + len(page.body) // 4 + 200  # what it takes packed is not known yet


def cached_page(
    version: Callable[..., str | None],
    arguments: tuple[str, ...] = (),
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Answer a GET from what was drawn for the same address and version.

    `version` gets the view's arguments and returns everything the page depends on in one
    small query; None draws it afresh and keeps nothing. `arguments` are the names in the
    query string that the page reads; others make no other page. A page is kept for a day at most,
    since it carries a form token.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(view)
        def answer(**parts: Any) -> Response:
            return reading(lambda: _answer(**parts))

        def _answer(**parts: Any) -> Response:
            stamp = version(**parts)
            if stamp is None:
                return make_response(view(**parts))
            asked = {name: text for name in arguments if (text := _taken(name))}
            key = f"{request.path}?{urlencode(asked)}|{stamp}|{clock.now():%Y%m%d}|{_code_stamp()}"
            etag = sha256(key.encode()).hexdigest()[:24]
            if request.if_none_match.contains_weak(etag):
                count_page("same")
                return _finish(Response(status=304), etag)
            pages = kept_here("commentsite.pages", _made)
            page = pages.find(key)
            count_page("drawn" if page is None else "kept")
            if page is None:
                drawn = make_response(view(**parts))
                if drawn.status_code != 200:
                    return drawn
                page = Page(
                    drawn.get_data(), {k: drawn.headers[k] for k in KEPT if k in drawn.headers}
                )
                pages.keep(key, page)
            request.environ[ANSWER_AGAIN] = request.url_rule.rule if request.url_rule else ""
            return _finish(_packed(page), etag)

        return answer

    return decorate


def _made() -> PageCache:
    here = runtime()
    url = here.settings.redis_url
    return PageCache(SharedPages(url, here.vault) if url else None)


def _taken(name: str) -> str:
    """Return an argument as the page reads it, so that what it cannot read makes no other page."""
    text = request.args.get(name, "")
    if name in {"page", "year", "reply_to"}:
        number = small_number(text)
        return "" if number is None or (name == "page" and number <= 1) else str(number)
    if name == "sort":
        return text if text == "newest" else ""
    return text[:200]


def _packed(page: Page) -> Response:
    takes_gzip = request.accept_encodings.quality("gzip") > 0 and "gzip" in request.headers.get(
        "Accept-Encoding", ""
    )
    if takes_gzip and page.headers["Content-Type"] != "application/pdf":  # which is packed already
        response = Response(page.packed, headers=page.headers)
        response.headers["Content-Encoding"] = "gzip"
        return response
    return Response(page.body, headers=page.headers)


def _finish(response: Response, etag: str) -> Response:
    response.set_etag(etag, weak=True)
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.vary.add("Accept-Encoding")
    return response


@cache
def _code_stamp() -> str:
    """Return what changes when the templates, texts or code that draw pages do, the same on every machine."""
    digest = sha256()
    for folder in (resources("templates"), resources("static"), Path(__file__).parent.parent):
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".html", ".xml", ".css", ".js", ".py"}:
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]
