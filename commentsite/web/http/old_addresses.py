"""Redirect the addresses that letters had in another system."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from commentsite.exchange.queries import find_letter_at_old_address

#: WordPress without readable addresses serves every page at / with one of these.
FRONT_PAGE_PARAMETERS = ("p", "page_id")
MAX_LENGTH = 700  # characters


def find_redirect() -> Response | None:
    """Return the redirect of a request that no page answers."""
    if request.method not in {"GET", "HEAD"}:
        return None
    query = request.query_string.decode("utf-8", "replace")
    path = request.path + (f"?{query}" if query else "")
    if len(path) > MAX_LENGTH or "\0" in path:
        return None
    slug = find_letter_at_old_address(path) or find_letter_at_old_address(request.path)
    return redirect(url_for("letters.show", slug=slug), 301) if slug else None
