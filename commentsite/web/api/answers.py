"""Answer GET requests of readers from the page cache, and cut lists into pages."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Response

from commentsite.web.api.blueprint import respond
from commentsite.web.caching.page_cache import PageArguments, cached_page

Item = TypeVar("Item")
DEFAULT_LIMIT = 50


def answer_readers(
    stamp: str | None, build: Callable[[], dict[str, Any]], query: Mapping[str, Any] | None = None
) -> Response:
    """Return what `build` gives, with an ETag, or 304 if the reader has it already.

    `stamp` changes whenever the answer may change, None if there is nothing to keep. `query` are the
    parameters on which the answer depends. Only first pages are kept, so that cursors push nothing else out.
    """
    values = {name: str(value) for name, value in (query or {}).items()}
    is_first_page = not values.get("cursor") and values.get("limit", "50") == str(DEFAULT_LIMIT)
    arguments = PageArguments(values, is_kept=is_first_page)
    answer = cached_page(lambda: stamp, lambda _stamp: arguments)(lambda: respond(build()))
    return answer()


def cut_page(
    rows: list[Item], limit: int, build_cursor: Callable[[Item], str]
) -> tuple[list[Item], str | None]:
    """Return at most `limit` rows and the cursor of the next page. The caller asked for one row more."""
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], build_cursor(rows[limit - 1])
