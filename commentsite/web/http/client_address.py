"""Where a request comes from, as the limits count it."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from flask import request

from commentsite.config import Network


def client_address() -> str:
    """Return what one reader is counted as: an IPv4 address whole, an IPv6 address by its /64."""
    address = parse_address(request.remote_addr or "")
    if isinstance(address, IPv6Address):
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return str(address or "unknown")


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address from a header's item, with or without a port; None for anything else."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def resolve_client_address(peer: str, forwarded_for: str, trusted: tuple[Network, ...]) -> str:
    """Return the first address from the right that is no trusted proxy of ours.

    Only what our own proxies appended is believed; anything left of it may be invented.
    """
    address = parse_address(peer)
    for item in reversed(forwarded_for.split(",") if forwarded_for else []):
        if address is None or not is_trusted_proxy(str(address), trusted):
            break
        candidate = parse_address(item)
        if candidate is None:
            break
        address = candidate
    return str(address) if address else peer


def is_trusted_proxy(peer: str, trusted: tuple[Network, ...]) -> bool:
    """Say whether what this machine forwards is believed."""
    address = parse_address(peer)
    return address is not None and any(address in network for network in trusted)
