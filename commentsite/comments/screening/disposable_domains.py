"""Recognise the domains of disposable email addresses."""

from functools import cache


def find_disposable_domain(domain: str, extra_domains: tuple[str, ...] = ()) -> str:
    """Return the listed domain that this domain is or belongs to, or "" if there is none.

    `extra_domains` are domains that the site added, such as `example.com` or `@example.com`.
    """
    added = {_normalise_domain(line) for line in extra_domains if line.strip()}
    labels = _normalise_domain(domain).split(".")
    for first in range(len(labels) - 1):  # a top-level domain is never listed
        candidate = ".".join(labels[first:])
        if candidate in load_bundled_domains() or candidate in added:
            return candidate
    return ""


@cache
def load_bundled_domains() -> frozenset[str]:
    """Return the blocklist of the package, in lower case and in ASCII (IDNA).

    The package is imported here, at the first comment: its list of 10,000 names takes several
    milliseconds, which would otherwise be added to every start of the site.
    """
    from disposable_email_domains import blocklist  # noqa: PLC0415  # see above

    return frozenset(blocklist)


def _normalise_domain(domain: str) -> str:
    """Return a domain in lower case and in ASCII (IDNA), without `@`, `*.` and outer dots."""
    bare = domain.strip().lower().rpartition("@")[2].removeprefix("*.").strip(".")
    try:
        return bare.encode("idna").decode("ascii")
    except UnicodeError:  # Not a valid domain, so it can only equal itself.
        return bare
