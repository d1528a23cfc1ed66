"""Parts of pages that come again and again: drawn once for the values they are made of.

A part is kept under all it is made of, so nothing has to be thrown away when something changes:
other values are another part.
"""

import threading
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from cachetools import LRUCache
from cachetools.keys import hashkey
from flask import current_app, request
from flask_babel import get_locale
from markupsafe import Markup

from commentsite.web.identity import current_site

MOST_BYTES = 4 * 1024 * 1024
_ASIDE = 1_000  # what an entry takes besides its text, about


class Part(NamedTuple):
    """What was drawn, what it is called, and what machines read instead."""

    html: Markup
    label: str = ""
    data: dict[str, Any] | None = None


class Parts:
    """What one process has drawn lately, the least used thrown out first."""

    def __init__(self) -> None:
        """Start empty."""
        # The words stand in the key, in the HTML and in the data.
        self._kept: LRUCache[Hashable, Part] = LRUCache(
            MOST_BYTES, getsizeof=lambda part: 3 * len(part.html) + _ASIDE
        )
        self._lock = threading.Lock()

    def find(self, made_of: Hashable, draw: Callable[[], Part]) -> Part:
        """Return what is kept under these values, or draw and keep it."""
        key = hashkey(made_of)  # which hashes them once, and the cache asks three times
        with self._lock:
            kept = self._kept.get(key)
        if kept is None:
            kept = draw()
            with self._lock:
                if 3 * len(kept.html) + _ASIDE < MOST_BYTES // 4:
                    self._kept[key] = kept
        return kept


def surroundings() -> Hashable:
    """Return what every part depends on besides its own values: the site's words, the language, where the site is mounted."""
    return current_site().version, str(get_locale()), request.script_root


def parts() -> Parts:
    """Return the parts this application has drawn."""
    found: Parts = current_app.extensions.setdefault("commentsite.parts", Parts())
    return found


def macro(template: str, name: str) -> Callable[..., Markup]:
    """Return a macro, which sees its arguments and what is global, and nothing of the request."""
    found: Callable[..., Markup] = getattr(
        current_app.jinja_env.get_template(template).module, name
    )
    return found
