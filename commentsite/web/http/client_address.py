"""The network address of a client, behind proxies and as rate limits count it."""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import request

from commentsite.config import Network

CLIENT_NETWORKS = "commentsite.client_networks"  # in the WSGI environ: they are asked for ten times
UNKNOWN_CLIENT = "unknown"  # all such clients share one rate limit, and no network contains them


def client_address() -> str:
    """Return the unit that rate limits count: an IPv4 address, or the /64 network of an IPv6 address.

    A single household usually gets a whole /64.
    """
    return client_networks().narrow


@dataclass(frozen=True)
class ClientNetworks:
    """The networks of a client, from the narrow one of a household to the wide one of a firm or a provider.

    A provider gives a household a /64, a /56 or a /48 of IPv6, and a hosting customer often a /48. `medium` is
    empty for IPv4, where `wide` is a /24: its 256 addresses can belong to as many households, or to one customer.
    """

    narrow: str  # an IPv4 address, or a /64
    medium: str  # a /56, or ""
    wide: str  # a /24 of IPv4, or a /48

    @property
    def of_one_holder(self) -> str:
        """The network that counts as one person: a /48 of IPv6, which is cheap to rent, or an IPv4 address."""
        return self.wide if self.medium else self.narrow


def client_networks() -> ClientNetworks:
    """Return the networks of the client of this request."""
    networks: ClientNetworks | None = request.environ.get(CLIENT_NETWORKS)
    if networks is None:
        networks = request.environ[CLIENT_NETWORKS] = _find_networks(request.remote_addr or "")
    return networks


@lru_cache(maxsize=1024)
def _find_networks(remote_address: str) -> ClientNetworks:
    address = parse_address(remote_address)
    if isinstance(address, IPv6Address):
        return ClientNetworks(*(_mask_address(address, length) for length in (64, 56, 48)))
    if isinstance(address, IPv4Address):
        return ClientNetworks(str(address), "", _mask_address(address, 24))
    return ClientNetworks(UNKNOWN_CLIENT, "", UNKNOWN_CLIENT)


def _mask_address(address: IPv4Address | IPv6Address, length: int) -> str:
    return str(ip_network((address, length), strict=False))


@lru_cache(maxsize=1024)  # the address of a client is read several times for each request
def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address in an item of a header, with or without a port, or None if there is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])  # without the zone of a link-local address
    except ValueError:
        return None
    # A socket for both protocols reports an IPv4 client as ::ffff:192.0.2.7.
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def resolve_client_address(
    peer: str, forwarded_for: str | None, trusted: tuple[Network, ...]
) -> str:
    """Return the address of the client from the connection and its X-Forwarded-For header.

    Each proxy appends the address that it saw. Reading from the right, the first address that is no trusted
    proxy is the client. A client can invent everything left of it. Without the header (None) the proxy asks for
    itself. If a trusted proxy sends a header that holds no address in the place of the client, the client is
    UNKNOWN_CLIENT: it must not pass for the proxy. A server can drop a header that is not plain ASCII and give
    an empty one, so a client could cause that.
    """
    address = parse_address(peer)
    for item in reversed(forwarded_for.split(",") if forwarded_for is not None else []):
        if address is None or not is_trusted_proxy(str(address), trusted):
            break
        candidate = parse_address(item)
        if candidate is None:
            return UNKNOWN_CLIENT
        address = candidate
    return str(address) if address else peer


def is_trusted_proxy(peer: str, trusted: tuple[Network, ...]) -> bool:
    address = parse_address(peer)
    return address is not None and any(address in network for network in trusted)
