"""Cache parts of a page that is rendered again: comments, the letter, the form, menus, and rows that never change."""

import re
import sys
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeVar

from flask import current_app
from markupsafe import Markup

from commentsite.web.caching.store import BoundedCache, app_singleton
from commentsite.web.context import current_site
from commentsite.web.http.languages import current_language, get_requested_language

MAX_BYTES = 4 * 1024 * 1024
# The lines on which statements of a template stood, between two tags.
_EMPTY_LINES = re.compile(r"(?<=>)\n{2,}(?=<)")
ENTRY_OVERHEAD = 1_000  # bytes that an entry takes besides its text
Value = TypeVar("Value")


class Fragment(NamedTuple):
    """The HTML of a fragment, its accessible name, and its JSON-LD."""

    html: Markup
    label: str = ""
    jsonld: str = ""


class FragmentCache:
    """The fragments of this process in the language of the page, as of the present version of the site."""

    def __init__(self) -> None:
        self._store = app_singleton("fragments", _make_store)
        # Links repeat the language that the address names, which can be none where the page has one.
        self._common_key = current_site().version, current_language(), get_requested_language()

    def get_or_render(self, key: Hashable, render: Callable[[], Value]) -> Value:
        """Return the value cached under `key`, or render and cache it.

        The value is a Fragment, or small data that costs a query or a computation. `key` must contain every
        value that `render` uses, except the settings of the site and the language of the page.
        """
        full_key = (key, self._common_key)
        cached: Value | None = self._store.find(full_key)
        if cached is None:
            cached = render()
            self._store.put(full_key, cached)
        return cached


def cached_fragment(key: Hashable, render: Callable[[], Value]) -> Value:
    """Return one value from the cache. See `FragmentCache.get_or_render`."""
    return FragmentCache().get_or_render(key, render)


def load_macro(template: str, name: str) -> Callable[..., Markup]:
    """Return a macro of a template. Besides its arguments it sees only Jinja globals, not a page's context.

    Its HTML has no empty lines between tags, which would be cached and sent many times.
    """
    macro: Callable[..., Markup] = getattr(
        current_app.jinja_env.get_template(template).module, name
    )

    def render(*arguments: Any) -> Markup:
        return Markup(_EMPTY_LINES.sub("\n", macro(*arguments)))  # noqa: S704  # it was Markup before

    return render


def _make_store() -> BoundedCache[Any]:
    return BoundedCache(MAX_BYTES, _size)


def _size(value: Any) -> int:
    if isinstance(value, Fragment):
        # The text is in the key, in the HTML and in the JSON-LD.
        return 3 * sys.getsizeof(value.html) + ENTRY_OVERHEAD
    return sys.getsizeof(repr(value)) + ENTRY_OVERHEAD
