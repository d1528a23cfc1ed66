"""Redirect the addresses that letters and pages had in another system."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from commentsite.exchange.queries import find_letter_at_old_address, find_page_at_old_address

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
    target = _find_target(path) or _find_target(request.path)
    return redirect(target, 301) if target else None


def _find_target(path: str) -> str | None:
    if slug := find_letter_at_old_address(path):
        return url_for("letters.show", slug=slug)
    if slug := find_page_at_old_address(path):
        return url_for("pages.show", slug=slug)
    return None
