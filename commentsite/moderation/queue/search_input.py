"""Recognise addresses of this site that a moderator pasted into the search field of the queue."""

import re

_COMMENT_URL = re.compile(r"^\S*/(?:comments|desk/moderation)/(\d{1,9})(?:[/?#]\S*)?$")
_LETTER_URL = re.compile(r"^\S*/letters/([a-z0-9-]{1,120})(?:[/?#]\S*)?$")


def parse_comment_url(q: str) -> int | None:
    """Return the id in the address of a comment, or None for any other text."""
    match = _COMMENT_URL.match(q.strip())
    return int(match[1]) if match else None


def parse_letter_url(q: str) -> str:
    """Return the slug in the address of a letter, or "" for any other text."""
    match = _LETTER_URL.match(q.strip())
    return match[1] if match else ""
