"""Recognise mail domains whose addresses anybody can make and throw away within minutes."""

from functools import cache
from pathlib import Path

_LIST = Path(__file__).with_name("disposable_domains.txt")


def provider_of(domain: str, more: tuple[str, ...] = ()) -> str:
    """Return the listed domain that this one is, or is under; empty when it is none of them.

    `more` are domains the site added, such as `example.com` or `@example.com`.
    """
    added = {_plain(line) for line in more if line.strip()}
    labels = _plain(domain).split(".")
    for first in range(len(labels) - 1):  # a whole top-level domain is never listed
        name = ".".join(labels[first:])
        if name in known_domains() or name in added:
            return name
    return ""


@cache
def known_domains() -> frozenset[str]:
    """Return the domains of the list kept beside this file."""
    lines = _LIST.read_text(encoding="ascii").splitlines()
    return frozenset(line for line in map(str.strip, lines) if line and not line.startswith("#"))


def _plain(domain: str) -> str:
    """Return a domain in lower case and in the ASCII of the wire, whatever was typed around it."""
    bare = domain.strip().lower().rpartition("@")[2].removeprefix("*.").strip(".")
    try:
        return bare.encode("idna").decode("ascii")
    except UnicodeError:  # no domain at all, so nobody's
        return bare
