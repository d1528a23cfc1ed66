"""Host names as the network knows them."""

import re
from ipaddress import ip_address

import idna

HOST_PATTERN = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
MAX_HOST_LENGTH = 253


def encode_host(host: str) -> str:
    """Return a host name in ASCII: letters beyond ASCII become A-labels (xn--…, RFC 5891).

    A network address stays as it is. Raises ValueError if the name can be no host name.
    """
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError as error:
            msg = f"no host name: {host}"
            raise ValueError(msg) from error
    host = host.lower()
    if len(host) > MAX_HOST_LENGTH or not HOST_PATTERN.fullmatch(host):
        msg = f"no host name: {host}"
        raise ValueError(msg)
    return host
