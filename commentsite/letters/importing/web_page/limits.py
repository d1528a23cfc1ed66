"""Limits of an HTML file, checked before a parser sees it.

Some parsers of HTML take time that grows with the square of the depth of elements, or of the
number of attributes in one tag.
"""

import re

from commentsite.letters.importing.errors import FileProblem, UnreadableFile

MAX_LENGTH = 4_000_000  # characters
MAX_TAGS = 150_000
MAX_OPEN_TAGS = 400  # within each other
MAX_TAG_PARTS = 200  # names and values outside quotation marks
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*)([^<>]*)")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
# Tags that need no closing tag. Counting them as open would refuse sound pages.
_NEVER_OPEN = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
    "source", "track", "wbr", "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot",
    "colgroup", "option", "optgroup", "rt", "rp",
})  # fmt: skip


def check_limits(html: str) -> None:
    """Raise UnreadableFile on a text that is too large or nested too deeply."""
    if len(html) > MAX_LENGTH:
        raise UnreadableFile(FileProblem.TOO_LARGE)
    depth = 0
    for count, tag in enumerate(_TAG.finditer(html)):
        closes, name, rest = tag.groups()
        if name.lower() not in _NEVER_OPEN and not rest.endswith("/"):
            depth = max(0, depth - 1) if closes else depth + 1
        if (
            depth > MAX_OPEN_TAGS
            or count > MAX_TAGS
            or len(_QUOTED.sub("", rest).replace("/", " ").split()) > MAX_TAG_PARTS
        ):
            raise UnreadableFile(FileProblem.TOO_COMPLEX)
