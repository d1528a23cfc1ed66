"""Recognise forms that a page of another site sends in the name of its visitors."""

from urllib.parse import urlsplit

from flask import request

SENT_HOST = "commentsite.sent_host"  # the Host header as sent, in the WSGI environ


def is_sent_from_elsewhere() -> bool:
    """Return whether the browser says that a page of another site sent this request.

    Browsers say so in Sec-Fetch-Site, and older ones name the other site in Origin. Programs send neither.
    """
    fetch_site = request.headers.get("Sec-Fetch-Site", "")
    if fetch_site:
        return fetch_site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return True
    # A site without a base address in its settings is also reached under other names.
    return host not in {request.host, request.environ.get(SENT_HOST, "")} - {""}
