"""Cut a text into what was found by the screening and what was not, so that a page can mark it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class HighlightSegment:
    """A stretch of a text."""

    text: str
    is_match: bool


def split_at_matches(
    text: str, reasons: list[dict[str, Any]], field: str
) -> list[HighlightSegment]:
    """Return the whole text of a field in parts, in order; joined they are the text.

    Reasons without a place, of another field, or of words that are no more, mark nothing.
    """
    parts: list[HighlightSegment] = []
    at = 0
    for start, end in sorted(_matched_ranges(reasons, field)):
        if end > len(text) or end <= at:
            continue
        begin = max(start, at)  # places may overlap
        parts += [
            HighlightSegment(text[at:begin], is_match=False),
            HighlightSegment(text[begin:end], is_match=True),
        ]
        at = end
    parts.append(HighlightSegment(text[at:], is_match=False))
    return [part for part in parts if part.text]


def _matched_ranges(held: list[dict[str, Any]], field: str) -> list[tuple[int, int]]:
    return [
        (reason["start"], reason["end"])
        for reason in held
        if reason.get("field") == field and reason.get("start") is not None
    ]
