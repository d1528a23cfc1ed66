"""Recognise mail domains whose addresses are made to be thrown away within minutes."""

from functools import cache


def find_disposable_domain(domain: str, extra_domains: tuple[str, ...] = ()) -> str:
    """Return the listed domain that this one is, or is under; empty when it is none of them.

    `more` are domains the site added, such as `example.com` or `@example.com`.
    """
    added = {_normalise_domain(line) for line in extra_domains if line.strip()}
    labels = _normalise_domain(domain).split(".")
    for first in range(len(labels) - 1):  # a whole top-level domain is never listed
        name = ".".join(labels[first:])
        if name in load_bundled_domains() or name in added:
            return name
    return ""


@cache
def load_bundled_domains() -> frozenset[str]:
    """Return the blocklist of the package, in lower case and in ASCII (IDNA).

    The package is imported here, at the first comment: its list of 10,000 names takes several
    milliseconds, which a start of the site does not have to wait for.
    """
    from disposable_email_domains import blocklist  # noqa: PLC0415  # see above

    return frozenset(blocklist)


def _normalise_domain(domain: str) -> str:
    """Return a domain in lower case and in the ASCII of the wire, whatever was typed around it."""
    bare = domain.strip().lower().rpartition("@")[2].removeprefix("*.").strip(".")
    try:
        return bare.encode("idna").decode("ascii")
    except UnicodeError:  # no domain at all, so nobody's
        return bare
