"""Send a request to an address that a steward typed, without reaching the networks behind this machine.

The host name is resolved once. Every address that it has must be public, or in a network that the settings name,
and the connection goes to one of the addresses that were checked. A name that changes its address in between gains
nothing. Redirects are not followed, and proxies of the environment are not used.
"""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from queue import Empty, SimpleQueue
from urllib.parse import SplitResult, urlsplit

from commentsite.text.hosts import encode_host

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_RESPONSE_BYTES = 4096
MAX_URL_LENGTH = 500
#: Prefixes that translate to IPv4 (RFC 6052, RFC 8215). The second one is for local use only.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
#: All addresses of the public internet so far. Python takes fec0::/10, once of sites, for public.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_IPV4_COMPATIBLE = ipaddress.IPv6Network("::/96")


class RequestFailed(Exception):
    """There was no answer. The subclass says why."""


class TimedOut(RequestFailed):
    """The answer did not come in time."""


class HostNotFound(RequestFailed):
    """The host name has no address."""


class ForbiddenAddress(RequestFailed):
    """The host has an address that is not public, and the settings do not name its network."""


class NeedsHttps(RequestFailed):
    """The request would leave the named networks unencrypted."""


class BadCertificate(RequestFailed):
    """The certificate of the host is not valid."""


class ConnectionFailed(RequestFailed):
    """The host refused or closed the connection."""


class NotHttp(RequestFailed):
    """The answer is not HTTP, or the request cannot be written in it."""


@dataclass(frozen=True)
class Request:
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """The status of the answer, how long it took, and for how many seconds it asks to wait, if it does."""

    status: int
    milliseconds: int
    retry_after: int | None = None


def split_url(url: str) -> SplitResult:
    """Split the address of a receiver. Raises ValueError if it is none."""
    if len(url) > MAX_URL_LENGTH or any(c.isspace() or not c.isprintable() for c in url):
        msg = "too long, or with spaces"
        raise ValueError(msg)
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or parts.username or parts.password or parts.fragment:
        msg = "not an address of a receiver"
        raise ValueError(msg)
    encode_host(parts.hostname or "")
    if parts.port == 0:
        msg = "no port"
        raise ValueError(msg)
    return parts


def is_public(address: Address) -> bool:
    """Return whether an address belongs to the public internet, also where IPv6 contains it."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _LOCAL_NAT64:
            return False
        embedded = _find_embedded(address)
        if embedded:
            return all(is_public(inner) for inner in embedded)
        if address not in _GLOBAL_UNICAST:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def is_in(address: Address, networks: Sequence[Network]) -> bool:
    """Return whether one of the networks holds the address. An IPv4 address in IPv6 notation counts as IPv4."""
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain.version == network.version and plain in network for network in networks)


def _find_embedded(address: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """Return the IPv4 addresses to which an IPv6 address leads."""
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address.sixtofour:
        return [address.sixtofour]
    if address.teredo:
        return list(address.teredo)
    if address in _NAT64 or (address in _IPV4_COMPATIBLE and int(address) > 1):
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    return []


def resolve(host: str, port: int, allowed: Sequence[Network]) -> tuple[list[Address], bool]:
    """Return the addresses of a host, and whether all of them lie in the named networks.

    Raises HostNotFound, and ForbiddenAddress if one of them is neither public nor in a named network.
    """
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise HostNotFound from None
    # The scope of a link-local address follows after “%”.
    found = [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows]
    addresses = list(dict.fromkeys(found))
    is_named = all(is_in(address, allowed) for address in addresses)
    if not all(is_public(address) or is_in(address, allowed) for address in addresses):
        raise ForbiddenAddress
    return addresses, is_named


def send_all(
    requests: Sequence[Request], *, timeout: float, allowed: Sequence[Network] = ()
) -> list[Answer | RequestFailed]:
    """Send requests at once, and return the answer to each, or why there is none, in the same order.

    `timeout` is the time in seconds for everything: the names, the connections and the answers.
    """
    results: SimpleQueue[tuple[int, Answer | RequestFailed]] = SimpleQueue()
    until = time.monotonic() + timeout

    def run(index: int, request: Request) -> None:
        try:
            results.put((index, send(request, timeout=timeout, allowed=allowed)))
        except RequestFailed as failure:
            results.put((index, failure))
        except Exception:  # noqa: BLE001  # one bad request must not stop the others
            results.put((index, NotHttp()))

    # The timeout of a socket starts again with each byte, and the search for a name has none. Each request runs in
    # a thread, and nothing waits for it longer than the timeout. A thread that is left behind ends by itself.
    for index, request in enumerate(requests):
        threading.Thread(target=run, args=(index, request), daemon=True).start()
    answers: dict[int, Answer | RequestFailed] = {}
    try:
        while len(answers) < len(requests):
            index, answer = results.get(timeout=max(0.0, until - time.monotonic()))
            answers[index] = answer
    except Empty:
        pass
    return [answers.get(index) or TimedOut() for index in range(len(requests))]


def send(request: Request, *, timeout: float, allowed: Sequence[Network] = ()) -> Answer:
    """Post a request and return the answer. Raises RequestFailed without one."""
    try:
        parts = split_url(request.url)
        host, is_https = encode_host(parts.hostname or ""), parts.scheme == "https"
    except ValueError:
        raise NotHttp from None
    port = parts.port or (443 if is_https else 80)
    started = time.monotonic()
    addresses, is_named = resolve(host, port, allowed)
    if not is_https and not is_named:
        raise NeedsHttps
    connection = _PinnedConnection(host, port, addresses, timeout, is_https=is_https)
    with closing(connection):
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, request.body, dict(request.headers))
            response = connection.getresponse()
            response.read(MAX_RESPONSE_BYTES)
        except TimeoutError:
            raise TimedOut from None
        except ssl.SSLCertVerificationError:
            raise BadCertificate from None
        except OSError:
            raise ConnectionFailed from None
        except (HTTPException, ValueError):
            raise NotHttp from None
        milliseconds = int((time.monotonic() - started) * 1000)
        retry_after = _parse_seconds(response.getheader("Retry-After", ""))
        return Answer(response.status, milliseconds, retry_after)


class _PinnedConnection(HTTPConnection):
    """A connection to one of the addresses that were checked, under the name of the host."""

    def __init__(
        self,
        host: str,
        port: int,
        addresses: Sequence[Address],
        timeout: float,
        *,
        is_https: bool,
    ) -> None:
        super().__init__(host, port, timeout=timeout)
        self._addresses, self._is_https = addresses, is_https
        self.default_port = 443 if is_https else 80

    def connect(self) -> None:
        """Try the addresses in the order of the resolver."""
        for number, address in enumerate(self._addresses, 1):
            try:
                self.sock = socket.create_connection((str(address), self.port), self.timeout)
                break
            except OSError:
                if number == len(self._addresses):
                    raise
        if self._is_https:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)


def _parse_seconds(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 7 else None
