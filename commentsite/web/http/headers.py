"""Response headers of every page, and the parts of a request that its sender must not decide.

These are the host name, the scheme, the address of the client, and the cookies of public pages.
"""

import logging
import re
import string
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask, Request, Response, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.exceptions import BadRequest
from werkzeug.routing import IntegerConverter, Map

from commentsite.config import Settings
from commentsite.web.http.client_address import is_trusted_proxy, resolve_client_address
from commentsite.web.http.cross_site import SENT_HOST
from commentsite.web.http.logging import REQUEST_ID_VARIABLE
from commentsite.web.http.parameters import MAX_ID
from commentsite.web.http.paths import is_private_page, is_secret_page, is_staff_page

# Everything comes from our own files: no inline scripts or styles, no other sites, no frames.
CONTENT_SECURITY_POLICY = (
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
UPLOAD_PATHS = ("/desk/letters/", "/desk/settings/appearance/", "/desk/imports/")
EMBEDDABLE = "commentsite.embeddable"  # in the WSGI environ: other sites may show this page
MAX_FILE_BYTES = 12 * 1024 * 1024  # of an uploaded letter, or of an export of another system
UNTRUSTED_PROXY_WARNING = (
    "A proxy forwards requests but is not trusted, so all readers share one rate limit. "
    "Set COMMENTSITE_TRUSTED_PROXIES to the address of the proxy."
)
REQUEST_ID_PATTERN = re.compile(r"[0-9A-Za-z-]{8,64}")  # request ids as proxies make them
UNTRUSTED_PROXY = "commentsite.untrusted_proxy"  # in the WSGI environ
FORWARDING_HEADERS = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
    "HTTP_VIA",
)
logger = logging.getLogger("commentsite")


class DeskSessionInterface(SecureCookieSessionInterface):
    """Open sessions on pages for staff only. A public page can then neither set a cookie nor vary on one."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return None outside the desk. Flask then uses a session that is empty and read-only."""
        return super().open_session(app, request) if is_staff_page(request.path) else None


class IdConverter(IntegerConverter):
    """A URL converter for ids. A number that the database could not store does not match."""

    def __init__(self, map: Map, *, max: int = MAX_ID, **options: Any) -> None:  # noqa: A002  # Werkzeug's names
        super().__init__(map, max=max, **options)


class TrustedHostMiddleware:
    """Set the host and scheme of each request from the settings, and the client from trusted proxies.

    Bytes beyond ASCII in the query string, which old programs send as they are, are written as browsers write them.
    """

    def __init__(self, app: Any, settings: Settings) -> None:
        self.app = app
        base_url = urlsplit(settings.base_url)
        self.host, self.scheme = base_url.netloc, base_url.scheme
        self.trusted = settings.trusted_proxies
        self.has_warned = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ[SENT_HOST] = environ.get("HTTP_HOST", "")
        environ["HTTP_HOST"], environ["wsgi.url_scheme"] = self.host, self.scheme
        query = environ.get("QUERY_STRING", "")
        if not query.isascii():
            environ["QUERY_STRING"] = quote(query.encode("latin-1"), safe=string.punctuation)
        forwarded_for = environ.get("HTTP_X_FORWARDED_FOR")
        if forwarded_for and not self.trusted and not self.has_warned:
            self.has_warned = True
            logger.warning(UNTRUSTED_PROXY_WARNING)
        peer = environ.get("REMOTE_ADDR", "")
        request_id = environ.pop("HTTP_X_REQUEST_ID", "")
        if REQUEST_ID_PATTERN.fullmatch(request_id) and is_trusted_proxy(peer, self.trusted):
            environ[REQUEST_ID_VARIABLE] = request_id
        environ[UNTRUSTED_PROXY] = not is_trusted_proxy(peer, self.trusted) and any(
            name in environ for name in FORWARDING_HEADERS
        )
        environ["REMOTE_ADDR"] = resolve_client_address(peer, forwarded_for, self.trusted)
        response: Iterable[bytes] = self.app(environ, start_response)
        return response


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["commentsite"].settings
    app.url_map.converters["int"] = IdConverter

    @app.before_request
    def _refuse_nul() -> None:
        # No text here contains a NUL character, and PostgreSQL cannot store one.
        if "\0" in request.path or b"%00" in request.query_string:
            raise BadRequest

    @app.before_request
    def _allow_files() -> None:
        # Only signed-in staff upload files. All other forms have the small limit of the config.
        if request.path.startswith(UPLOAD_PATHS) and "_user_id" in session:
            request.max_content_length = MAX_FILE_BYTES

    app.after_request(_drop_needless_retry_after)

    @app.after_request
    def _add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers["X-Content-Type-Options"] = "nosniff"
        if not request.environ.get(EMBEDDABLE):
            headers.setdefault("X-Frame-Options", "DENY")
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers["Permissions-Policy"] = (
            "camera=(), geolocation=(), microphone=(), interest-cohort=()"
        )
        headers.setdefault("Referrer-Policy", "same-origin")
        if settings.is_https:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if is_secret_page(request.path):
            headers["Referrer-Policy"] = "no-referrer"
            headers["X-Robots-Tag"] = "noindex, nofollow"
        if is_private_page(request.path):
            headers["Cache-Control"] = "private, no-store"
        return response


def _drop_needless_retry_after(response: Response) -> Response:
    # Flask-Limiter adds the header to every answer of a view that has a limit.
    # 202 is the answer of a PDF that is being drawn.
    if response.status_code not in {202, 429, 503}:
        response.headers.pop("Retry-After", None)
    return response
