"""Addresses of pages elsewhere in one form, so that a page has one set of comments whatever link led to it."""

import re
import string
from urllib.parse import parse_qsl, urlencode, urlsplit

from commentsite.text.hosts import encode_host

MAX_PAGE_URL_LENGTH = 1000
MAX_ORIGIN_LENGTH = 300
_DEFAULT_PORTS = {"http": 80, "https": 443}
#: Parameters that say how a reader came to the page.
_TRACKING_PREFIXES = ("utm_", "mc_", "pk_", "mtm_")
_TRACKING_NAMES = frozenset({"fbclid", "gclid", "dclid", "msclkid", "yclid", "igshid", "ref_src"})
_UNRESERVED = frozenset(string.ascii_letters + string.digits + "-._~")
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")
_CONTROLS = re.compile(r"[\x00-\x20\x7f-\x9f\\]")


def parse_origin(text: str) -> str:
    """Return scheme, host and port as browsers write an origin. Raises ValueError on anything else or more."""
    if len(text) > MAX_ORIGIN_LENGTH:
        msg = "too long"
        raise ValueError(msg)
    parts = urlsplit(text.strip())
    if parts.path.strip("/") or parts.query or parts.fragment:
        msg = "more than an origin"
        raise ValueError(msg)
    return _build_origin(text.strip())


def canonicalise_page_url(url: str) -> tuple[str, str]:
    """Return the address of a page in its canonical form, and its origin. Raises ValueError.

    Fragment, default port and parameters of tracking are dropped, and characters that need no escape are written
    without one (RFC 3986, section 6.2.2). The order of the other parameters, and a slash at the end, can matter.
    """
    if len(url) > MAX_PAGE_URL_LENGTH or _CONTROLS.search(url):
        msg = "too long, or with spaces"
        raise ValueError(msg)
    parts, origin = urlsplit(url), _build_origin(url)
    path = _normalise_escapes(_quote_beyond_ascii(parts.path)) or "/"
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not name.lower().startswith(_TRACKING_PREFIXES) and name.lower() not in _TRACKING_NAMES
    ]
    return f"{origin}{path}{'?' + urlencode(kept) if kept else ''}", origin


def _build_origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or parts.username or parts.password:
        msg = "not an address of a page"
        raise ValueError(msg)
    host, port = encode_host(parts.hostname or ""), parts.port
    host = f"[{host}]" if ":" in host else host
    has_port = port is not None and port != _DEFAULT_PORTS[parts.scheme]
    return f"{parts.scheme}://{host}:{port}" if has_port else f"{parts.scheme}://{host}"


def _quote_beyond_ascii(path: str) -> str:
    return "".join(c if c.isascii() else "".join(f"%{b:02X}" for b in c.encode()) for c in path)


def _normalise_escapes(path: str) -> str:
    def replace(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    return _ESCAPE.sub(replace, path)
