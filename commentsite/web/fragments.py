"""Fragments of pages that come again and again, kept as they were drawn under every value they are made of.

So nothing has to be thrown away when something changes: other values make another fragment.
"""

import sys
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from cachetools.keys import hashkey
from flask import current_app
from markupsafe import Markup

from commentsite.web.identity import current_site
from commentsite.web.kept import Kept, kept_here

MOST_BYTES = 4 * 1024 * 1024
_ASIDE = 1_000  # bytes that one takes besides its words


class Fragment(NamedTuple):
    """The HTML of a fragment, the words that name it, and what machines read instead."""

    html: Markup
    label: str = ""
    data: dict[str, Any] | None = None


def fragment(made_of: Hashable, draw: Callable[[], Fragment]) -> Fragment:
    """Return what is kept under these values and the words of the site, or draw and keep it."""
    kept, key = kept_here("commentsite.fragments", _made), hashkey(made_of, current_site().version)
    found = kept.find(key)
    if found is None:
        found = draw()
        kept.keep(key, found)
    return found


def macro(template: str, name: str) -> Callable[..., Markup]:
    """Return a macro by itself; besides its arguments it sees what is global, such as the words of the site."""
    found: Callable[..., Markup] = getattr(
        current_app.jinja_env.get_template(template).module, name
    )
    return found


def _made() -> Kept[Fragment]:
    return Kept(MOST_BYTES, _size)


def _size(drawn: Fragment) -> int:
    # Its words stand in the key, in the HTML and in what machines read.
    return 3 * sys.getsizeof(drawn.html) + _ASIDE
