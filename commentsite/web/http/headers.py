"""What every answer says about itself, and what no request may decide: host, scheme, client, cookies."""

import logging
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.exceptions import BadRequest
from werkzeug.routing import IntegerConverter, Map

from commentsite.config import Settings
from commentsite.web.http.client_address import is_trusted_proxy, resolve_client_address
from commentsite.web.http.logging import REQUEST_ID
from commentsite.web.http.parameters import MAX_ID

POLICY = (
    "default-src 'none'; "
    "style-src 'self'; "
    "script-src 'self'; "
    "img-src 'self'; "
    "font-src 'self'; "
    "connect-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; "
    "frame-ancestors 'none'"
)
MOST_FILE_BYTES = 12 * 1024 * 1024
UNTRUSTED = (
    "A proxy forwards requests and none is trusted, so all readers share one rate limit. "
    "Set COMMENTSITE_TRUSTED_PROXIES to its address."
)
WELL_FORMED = re.compile(r"[0-9A-Za-z-]{8,64}")  # a number of a request, as proxies make them
logger = logging.getLogger("commentsite")
STAFF = ("/desk/", "/account/")


class DeskSessionInterface(SecureCookieSessionInterface):
    """Sessions for staff only: a public page has none, so it can neither set a cookie nor vary on one."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return no session, which Flask makes read-only and empty, outside the desk."""
        return super().open_session(app, request) if f"{request.path}/".startswith(STAFF) else None


class SmallInteger(IntegerConverter):
    """A number in an address, no larger than an id can be."""

    def __init__(self, map: Map, *, max: int = MAX_ID, **more: Any) -> None:  # noqa: A002  # Werkzeug's names
        """Bound it."""
        super().__init__(map, max=max, **more)


class OneHost:
    """Make every request speak of the configured address, and of the client our own proxies saw."""

    def __init__(self, app: Any, settings: Settings) -> None:
        """Wrap a WSGI application."""
        self.app = app
        parts = urlsplit(settings.base_url)
        self.host, self.scheme = parts.netloc, parts.scheme
        self.trusted = settings.trusted_proxies
        self.warned = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer as the application does, for the host and client that are true."""
        environ["HTTP_HOST"], environ["wsgi.url_scheme"] = self.host, self.scheme
        forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
        if forwarded and not self.trusted and not self.warned:
            self.warned = True
            logger.warning(UNTRUSTED)
        peer = environ.get("REMOTE_ADDR", "")
        number = environ.pop("HTTP_X_REQUEST_ID", "")
        if WELL_FORMED.fullmatch(number) and is_trusted_proxy(peer, self.trusted):
            environ[REQUEST_ID] = number
        environ["REMOTE_ADDR"] = resolve_client_address(peer, forwarded, self.trusted)
        answer: Iterable[bytes] = self.app(environ, start_response)
        return answer


def init_app(app: Flask) -> None:
    """Add the headers to every answer."""
    settings: Settings = app.extensions["commentsite"].settings
    app.url_map.converters["int"] = SmallInteger

    @app.before_request
    def _refuse_nul() -> None:
        # No text of ours holds one, and no database takes one.
        if "\0" in request.path or b"%00" in request.query_string:
            raise BadRequest

    @app.before_request
    def _allow_files() -> None:
        # Only the desk for letters takes files, and only from who is signed in; every other form stays small.
        if request.path.startswith("/desk/letters/") and "_user_id" in session:
            request.max_content_length = MOST_FILE_BYTES

    @app.after_request
    def _add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", POLICY)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = (
            "camera=(), geolocation=(), microphone=(), interest-cohort=()"
        )
        headers.setdefault("Referrer-Policy", "same-origin")
        if settings.is_https:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.path.startswith("/receipts/"):
            headers["Referrer-Policy"] = "no-referrer"
            headers["X-Robots-Tag"] = "noindex, nofollow"
        if f"{request.path}/".startswith((*STAFF, "/receipts/")):
            headers["Cache-Control"] = "private, no-store"
        return response
