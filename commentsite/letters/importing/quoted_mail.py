"""The line that a mail program writes above the mail that it quotes."""

import re
from collections.abc import Callable

from commentsite.letters.importing.mail_headers import ADDRESS

MAX_ATTRIBUTION_LINES = 3
MAX_ATTRIBUTION_LENGTH = 400  # characters
_DIRECTION_MARKS = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_COLON = re.compile(r"[:：]\s*$")
_TIME = re.compile(r"\b\d{1,2}(?:[:h]|\.)\d{2}\b(?!\.\d)")
_DAY = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\d[年月日]")
_VERB = re.compile(
    r"\b(?:wrote|schrieb|écrit|escribió|escreveu|scritto|schreef|skrev|написал\w*)\b", re.IGNORECASE
)


def is_attribution(text: str) -> bool:
    """Return whether a text that ends with a colon names the sender or the time of a mail.

    A mail program writes an address, or a day with the time of day. An author writes neither.
    """
    text = _DIRECTION_MARKS.sub("", text)
    if not _COLON.search(text) or len(text) > MAX_ATTRIBUTION_LENGTH:
        return False
    body = _COLON.sub("", text)
    return bool(ADDRESS.search(body) or (_TIME.search(body) and _DAY.search(body)))


def is_informal_attribution(text: str) -> bool:
    """Return whether a text can introduce a quoted mail: it has a number or a verb, and a colon."""
    text = _DIRECTION_MARKS.sub("", text)
    return bool(_COLON.search(text) and (re.search(r"\d", text) or _VERB.search(text)))


def find_attribution(
    lines: list[str], end: int, is_found: Callable[[str], bool] = is_attribution
) -> int:
    """Return the index of the first line of the attribution that ends before `end`, or `end`."""
    first = end
    while first and lines[first - 1].strip() and end - first <= MAX_ATTRIBUTION_LINES:
        first -= 1
    if end - first <= MAX_ATTRIBUTION_LINES and is_found("\n".join(lines[first:end])):
        return first
    for start in range(end - 1, max(first, end - MAX_ATTRIBUTION_LINES) - 1, -1):
        if is_found("\n".join(lines[start:end])):
            return start
    return end


def take_quoted_mails(lines: list[str]) -> tuple[list[str], list[str]]:
    """Return the lines without the mails that are quoted with an attribution, and those mails.

    Answers between the lines of a quoted mail stay. A quotation before any attribution stays too.
    """
    kept: list[str] = []
    taken: list[str] = []
    in_mail = False
    for line in lines:
        if not line.startswith(">") or line.startswith(">From "):
            kept.append(line)
            continue
        end = len(kept)
        while end and not kept[end - 1].strip():
            end -= 1
        start = find_attribution(kept, end)
        if start < end:
            in_mail = True
            taken += kept[start:end]
            del kept[start:]
        if in_mail:
            taken.append(line)
            if kept and kept[-1].strip():
                kept.append("")
        else:
            kept.append(line)
    return kept, taken
