"""Make links in texts from readers unclickable."""

import re

_HTTP_SCHEME = re.compile(r"http(?=s?:)", re.IGNORECASE)
_SCHEME_COLON = re.compile(
    r"(?<=[a-z0-9+.-]):(?=//|\\\\)|(?<=mailto|magnet):|(?<=skype):|(?<=xmpp|sips):|(?<=tel|sms|sip|geo|urn):",
    re.IGNORECASE,
)
_DOMAIN_DOT = re.compile(
    r"(?<=[^\s.])[.．](?=[^\W\d_]{2,}|xn--|\d+\.\d+\.\d)|(?<=\bwww)[.．]", re.IGNORECASE
)
# After "[:]" the slashes of a scheme are harmless, except before a host without a dot that mail
# programs know.
_LEADING_SLASHES = re.compile(r"(?<![\w\]])(?://|\\\\)(?=\w)|//(?=localhost\b)", re.IGNORECASE)


def defang_links(text: str) -> str:
    """Rewrite links so that no mail program makes them clickable and a person can still read them.

    `https://example.org` becomes `hxxps[:]//example[.]org`. Domains without a scheme and other
    schemes such as `mailto:` are rewritten in the same way.
    """
    unlinked = _DOMAIN_DOT.sub("[.]", _SCHEME_COLON.sub("[:]", _HTTP_SCHEME.sub("hxxp", text)))
    return _LEADING_SLASHES.sub("[//]", unlinked)
