"""What somebody pasted into the search of the queue, where it is an address of this site."""

import re

_COMMENT_URL = re.compile(r"^\S*/(?:comments|desk/moderation)/(\d{1,9})(?:[/?#]\S*)?$")
_LETTER_URL = re.compile(r"^\S*/letters/([a-z0-9-]{1,120})(?:[/?#]\S*)?$")


def parse_comment_url(q: str) -> int | None:
    """Return the number of the comment whose address it is, or None."""
    found = _COMMENT_URL.match(q.strip())
    return int(found[1]) if found else None


def parse_letter_url(q: str) -> str:
    """Return the slug of the letter whose address it is, or ""."""
    found = _LETTER_URL.match(q.strip())
    return found[1] if found else ""
