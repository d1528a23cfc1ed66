"""TODO docstring of commentsite.text.links."""

import re

_HTTP_SCHEME = re.compile(r"http(?=s?:)", re.IGNORECASE)
_SCHEME_COLON = re.compile(
    r"(?<=[a-z0-9+.-]):(?=//|\\\\)|(?<=mailto|magnet):|(?<=skype):|(?<=xmpp|sips):|(?<=tel|sms|sip|geo|urn):",
    re.IGNORECASE,
)
_DOMAIN_DOT = re.compile(
    r"(?<=[^\s.])[.．](?=[^\W\d_]{2,}|xn--|\d+\.\d+\.\d)|(?<=\bwww)[.．]", re.IGNORECASE
)
_LEADING_SLASHES = re.compile(r"(?<![\w\]])(?://|\\\\)(?=\w)")


def defang_links(text: str) -> str:
    """Return what people typed in a form that no mail program makes a link of, and that can still be read.

    `https://example.org` becomes `hxxps[:]//example[.]org`; so do bare names, `mailto:` and the like.
    """
    unlinked = _DOMAIN_DOT.sub("[.]", _SCHEME_COLON.sub("[:]", _HTTP_SCHEME.sub("hxxp", text)))
    return _LEADING_SLASHES.sub("[//]", unlinked)
