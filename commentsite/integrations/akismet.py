"""Speak to a service that knows unsolicited advertising, by the protocol of Akismet.

It learns the words, where they were to stand and in what language. Never who wrote them: no
name, no email address, no network address, no browser.
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
REQUEST_TIMEOUT = 10.0  # seconds for the whole exchange, however slowly it drips
MAX_RESPONSE_BYTES = 200
PLACEHOLDER_IP = "0.0.0.0"  # noqa: S104  # the protocol wants a network address; this one is nobody's

_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
# Addresses that stand in the words are somebody's too. Bounded, so that no text makes it slow.
_EMAIL_PATTERN = re.compile(r"[^\s@<>()\[\]]{1,64}@[^\s@<>()\[\]]{1,255}")


@dataclass(frozen=True)
class AkismetService:
    """Where to ask, and the key the site has there."""

    url: str
    key: str

    @property
    def host(self) -> str:
        """Return who is asked, as readers are told."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True)
class CheckRequest:
    """All that leaves the site about a comment."""

    site_url: str
    permalink: str
    language: str
    text: str


def parse_service(url: str, key: str) -> AkismetService | None:
    """Return the service an installation named, None for none. Raises Unsafe when it is set in part or unsafely."""
    if not url and not key:
        return None
    if not url or not key:
        there, missing = ("URL", "KEY") if url else ("KEY", "URL")
        msg = f"COMMENTSITE_AKISMET_{there} is set without COMMENTSITE_AKISMET_{missing}. Set both, or neither."
        raise ConfigurationError(msg)
    if not _is_base_url(url):
        msg = "COMMENTSITE_AKISMET_URL is no address of a service. Write its base, like https://rest.akismet.com."
        raise ConfigurationError(msg)
    if urlsplit(url).scheme == "http" and urlsplit(url).hostname not in _LOOPBACK_HOSTS:
        msg = "COMMENTSITE_AKISMET_URL would send the key and the words of comments unencrypted. Use https."
        raise ConfigurationError(msg)
    if not re.fullmatch(r"[!-~]{6,200}", key):
        msg = "COMMENTSITE_AKISMET_KEY is no key. Copy it from the service, without spaces."
        raise ConfigurationError(msg)
    return AkismetService(url=url.rstrip("/"), key=key)


class AkismetUnavailable(Exception):
    """The service did not say yes or no; it is asked again later."""


def is_spam(
    service: AkismetService, request: CheckRequest, *, timeout: float = REQUEST_TIMEOUT
) -> bool:
    """Return what the service says of the words. Raises NoAnswer when it says nothing of use in time."""
    parts = urlsplit(service.url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    answers: SimpleQueue[tuple[int, bytes] | Exception] = SimpleQueue()

    def exchange() -> None:
        try:
            with closing(kind(parts.hostname or "", parts.port, timeout=timeout)) as connection:
                body = urlencode(build_form_fields(service, request))
                connection.request("POST", parts.path + CHECK_PATH, body, _HEADERS)
                response = connection.getresponse()
                answers.put((response.status, response.read(MAX_RESPONSE_BYTES)))
        except (OSError, HTTPException) as problem:
            answers.put(problem)

    # The timeout of a socket begins anew with each byte, and the lookup of a name has none. So the
    # worker waits for a thread. One that is left behind ends with its connection, or with the process.
    threading.Thread(target=exchange, daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except Empty:
        raise AkismetUnavailable(TimeoutError.__name__) from None
    if isinstance(answer, Exception):
        raise AkismetUnavailable(type(answer).__name__) from answer
    status, said = answer
    if status != 200 or said.strip() not in {b"true", b"false"}:
        raise AkismetUnavailable(str(status))
    return said.strip() == b"true"


def build_form_fields(service: AkismetService, request: CheckRequest) -> dict[str, str]:
    """Return the fields that are sent, every one of them."""
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
        named = parts.hostname and (parts.port or True)  # a port that is no number raises
    except ValueError:
        return False
    rest = parts.query or parts.fragment or parts.username
    return bool(parts.scheme in {"http", "https"} and named and not rest)
