"""Check a text for spam with Akismet, or another service that uses its protocol.

The service receives the text, the address of the letter and the language. It does not receive
anything about the author: no name, no email address, no network address, no browser.
"""

import re
import threading
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from queue import Empty, SimpleQueue
from urllib.parse import urlencode, urlsplit

from commentsite.errors import ConfigurationError

CHECK_PATH = "/1.1/comment-check"
REQUEST_TIMEOUT = 10.0  # seconds for the whole exchange
MAX_RESPONSE_BYTES = 200
PLACEHOLDER_IP = "0.0.0.0"  # noqa: S104  # the protocol requires the author's network address

_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
# Email addresses in the text are personal data too. The lengths are bounded, so that the search takes
# linear time.
_EMAIL_PATTERN = re.compile(r"[^\s@<>()\[\]]{1,64}@[^\s@<>()\[\]]{1,255}")


@dataclass(frozen=True)
class AkismetService:
    """The base URL of the service, and the site's key."""

    url: str
    key: str

    @property
    def host(self) -> str:
        """The host name that the privacy page names."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True)
class CheckRequest:
    """Everything that is sent to the service about a comment."""

    site_url: str
    permalink: str
    language: str
    text: str


def parse_service(url: str, key: str) -> AkismetService | None:
    """Parse the settings of the service, or return None if there are none.

    Raises ConfigurationError when only one of the two is set, when one is invalid, or when the URL
    is not encrypted.
    """
    if not url and not key:
        return None
    if not url or not key:
        present, missing = ("URL", "KEY") if url else ("KEY", "URL")
        msg = (
            f"COMMENTSITE_AKISMET_{present} is set without COMMENTSITE_AKISMET_{missing}. "
            "Set both or neither."
        )
        raise ConfigurationError(msg)
    if not _is_base_url(url):
        msg = (
            "COMMENTSITE_AKISMET_URL is not the base URL of a service. "
            "Use a URL like https://rest.akismet.com."
        )
        raise ConfigurationError(msg)
    if urlsplit(url).scheme == "http" and urlsplit(url).hostname not in _LOOPBACK_HOSTS:
        msg = (
            "COMMENTSITE_AKISMET_URL would send the key and the text of comments unencrypted. "
            "Use https."
        )
        raise ConfigurationError(msg)
    if not re.fullmatch(r"[!-~]{6,200}", key):
        msg = "COMMENTSITE_AKISMET_KEY is not a valid key. Copy the key from the service, without spaces."
        raise ConfigurationError(msg)
    return AkismetService(url=url.rstrip("/"), key=key)


class AkismetUnavailable(Exception):
    """The service gave no valid answer in time. The check can be repeated later."""


def is_spam(
    service: AkismetService, request: CheckRequest, *, timeout: float = REQUEST_TIMEOUT
) -> bool:
    """Return whether the service considers a text spam. Raises AkismetUnavailable without a valid answer in time."""
    parts = urlsplit(service.url)
    connection_class = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    results: SimpleQueue[tuple[int, bytes] | Exception] = SimpleQueue()

    def send_request() -> None:
        try:
            with closing(
                connection_class(parts.hostname or "", parts.port, timeout=timeout)
            ) as connection:
                body = urlencode(build_form_fields(service, request))
                connection.request("POST", parts.path + CHECK_PATH, body, _HEADERS)
                response = connection.getresponse()
                results.put((response.status, response.read(MAX_RESPONSE_BYTES)))
        except (OSError, HTTPException) as error:
            results.put(error)

    # The timeout of a socket starts again with each byte, and the lookup of a host name has none. The
    # request therefore runs in a thread, and the worker waits for it no longer than the timeout. A
    # thread that is left behind ends with its connection or with the process.
    threading.Thread(target=send_request, daemon=True).start()
    try:
        result = results.get(timeout=timeout)
    except Empty:
        raise AkismetUnavailable(TimeoutError.__name__) from None
    if isinstance(result, Exception):
        raise AkismetUnavailable(type(result).__name__) from result
    status, content = result
    if status != 200 or content.strip() not in {b"true", b"false"}:
        raise AkismetUnavailable(str(status))
    return content.strip() == b"true"


def build_form_fields(service: AkismetService, request: CheckRequest) -> dict[str, str]:
    """Return all fields of the request."""
    return {
        "api_key": service.key,
        "blog": request.site_url,
        "user_ip": PLACEHOLDER_IP,
        "permalink": request.permalink,
        "comment_type": "comment",
        "comment_content": _EMAIL_PATTERN.sub("(address)", request.text),
        "blog_lang": request.language,
        "blog_charset": "UTF-8",
    }


_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
    "User-Agent": "commentsite",
}


def _is_base_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_host = parts.hostname and (parts.port or True)  # an invalid port raises ValueError
    except ValueError:
        return False
    has_extra_parts = parts.query or parts.fragment or parts.username
    return bool(parts.scheme in {"http", "https"} and has_host and not has_extra_parts)
