"""Split a text at the places that screening found, so that a page can highlight them."""

from dataclasses import dataclass

from commentsite.comments.screening.checks import HoldReason


@dataclass(frozen=True)
class HighlightSegment:
    text: str
    is_match: bool


def split_at_matches(text: str, reasons: list[HoldReason], field: str) -> list[HighlightSegment]:
    """Split the text of a field into segments. Joined, they are the whole text.

    A reason is ignored if it has no place, belongs to another field, or lies outside the text,
    which happens when the author has shortened it since.
    """
    segments: list[HighlightSegment] = []
    position = 0
    for start, end in sorted(_matched_ranges(reasons, field)):
        if end > len(text) or end <= position:
            continue
        start_of_rest = max(start, position)  # ranges may overlap
        segments += [
            HighlightSegment(text[position:start_of_rest], is_match=False),
            HighlightSegment(text[start_of_rest:end], is_match=True),
        ]
        position = end
    segments.append(HighlightSegment(text[position:], is_match=False))
    return [segment for segment in segments if segment.text]


def _matched_ranges(reasons: list[HoldReason], field: str) -> list[tuple[int, int]]:
    return [
        (reason["start"], reason["end"])
        for reason in reasons
        if reason.get("field") == field and reason.get("start") is not None
    ]
