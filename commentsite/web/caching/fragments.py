"""Cache parts of a page that is rendered again: comments, the text of a letter, its form, its counts."""

import sys
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeVar

from cachetools.keys import hashkey
from flask import current_app
from markupsafe import Markup

from commentsite.web.caching.store import BoundedCache, app_singleton
from commentsite.web.context import current_site

MAX_BYTES = 4 * 1024 * 1024
ENTRY_OVERHEAD = 1_000  # bytes that an entry takes besides its text
Value = TypeVar("Value")


class Fragment(NamedTuple):
    """The HTML of a fragment, its accessible name, and its JSON-LD."""

    html: Markup
    label: str = ""
    data: dict[str, Any] | None = None


def cached_fragment(key: Hashable, render: Callable[[], Value]) -> Value:
    """Return the value cached under `key` and the version of the site, or render and cache it.

    The value is a Fragment, or small data that costs a query. `key` must contain every value that `render`
    uses, except the settings of the site.
    """
    cache = app_singleton("fragments", _make_cache)
    full_key = hashkey(key, current_site().version)
    cached: Value | None = cache.find(full_key)
    if cached is None:
        cached = render()
        cache.put(full_key, cached)
    return cached


def load_macro(template: str, name: str) -> Callable[..., Markup]:
    """Return a macro of a template. Besides its arguments it sees only Jinja globals, not a page's context."""
    macro: Callable[..., Markup] = getattr(
        current_app.jinja_env.get_template(template).module, name
    )
    return macro


def _make_cache() -> BoundedCache[Any]:
    return BoundedCache(MAX_BYTES, _size)


def _size(value: Any) -> int:
    if isinstance(value, Fragment):
        # The text is in the key, in the HTML and in the JSON-LD.
        return 3 * sys.getsizeof(value.html) + ENTRY_OVERHEAD
    return sys.getsizeof(repr(value)) + ENTRY_OVERHEAD
