"""Compute the difference between two texts, word by word."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from commentsite.text.scripts import UNSPACED

MAX_EDITS = 300  # beyond this number, the whole old text is followed by the whole new text
# Scripts without spaces are compared character by character, all others word by word.
_TOKEN = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+|\s+|[^\w\s]")


class DiffKind(StrEnum):
    SAME = "same"
    NEW = "new"
    OLD = "old"


@dataclass(frozen=True)
class DiffSegment:
    kind: DiffKind
    text: str


def diff_words(before: str, after: str) -> list[DiffSegment]:
    """Return both texts as one list of segments.

    The segments that are not new, joined, are the old text. Those that are not old are the new text.
    """
    a, b = _TOKEN.findall(before), _TOKEN.findall(after)
    prefix = _common_prefix_length(a, b)
    suffix = _common_prefix_length(a[prefix:][::-1], b[prefix:][::-1])
    middle_a, middle_b = a[prefix : len(a) - suffix], b[prefix : len(b) - suffix]
    segments = [DiffSegment(DiffKind.SAME, "".join(a[:prefix]))]
    segments += _shortest_edit_script(middle_a, middle_b) or [
        DiffSegment(DiffKind.OLD, "".join(middle_a)),
        DiffSegment(DiffKind.NEW, "".join(middle_b)),
    ]
    segments.append(DiffSegment(DiffKind.SAME, "".join(a[len(a) - suffix :])))
    return _merge_segments(segments)


def _common_prefix_length(a: list[str], b: list[str]) -> int:
    length = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        length += 1
    return length


def _shortest_edit_script(a: list[str], b: list[str]) -> list[DiffSegment]:
    """Return the shortest edit script, or an empty list when it needs more than MAX_EDITS edits.

    Myers, "An O(ND) Difference Algorithm and Its Variations" (1986): `ends[k]` is the furthest x
    that is reached on the diagonal k = x − y with a number of edits. The bound keeps a hostile text
    from costing more than about (len(a) + len(b)) × MAX_EDITS steps.
    """
    ends = {1: 0}
    trace: list[dict[int, int]] = []
    for edits in range(MAX_EDITS + 1):
        trace.append(dict(ends))
        for k in range(-edits, edits + 1, 2):
            is_down = k == -edits or (k != edits and ends[k - 1] < ends[k + 1])
            x = ends[k + 1] if is_down else ends[k - 1] + 1
            while x < len(a) and x - k < len(b) and a[x] == b[x - k]:
                x += 1
            ends[k] = x
            if x >= len(a) and x - k >= len(b):
                return _backtrack(a, b, trace)
    return []


def _backtrack(a: list[str], b: list[str], trace: list[dict[int, int]]) -> list[DiffSegment]:
    x, y = len(a), len(b)
    segments: list[DiffSegment] = []
    for edits in range(len(trace) - 1, -1, -1):
        ends, k = trace[edits], x - y
        is_down = k == -edits or (k != edits and ends[k - 1] < ends[k + 1])
        before_x = (ends[k + 1] if is_down else ends[k - 1]) if edits else 0
        before_y = before_x - (k + 1 if is_down else k - 1) if edits else 0
        while x > before_x and y > before_y:
            x, y = x - 1, y - 1
            segments.append(DiffSegment(DiffKind.SAME, a[x]))
        if edits and is_down:
            y -= 1
            segments.append(DiffSegment(DiffKind.NEW, b[y]))
        elif edits:
            x -= 1
            segments.append(DiffSegment(DiffKind.OLD, a[x]))
    return segments[::-1]


def _merge_segments(segments: Iterable[DiffSegment]) -> list[DiffSegment]:
    """Drop empty segments and join neighbours of the same kind."""
    merged: list[DiffSegment] = []
    for segment in segments:
        if not segment.text:
            continue
        if merged and merged[-1].kind == segment.kind:
            merged[-1] = DiffSegment(segment.kind, merged[-1].text + segment.text)
        else:
            merged.append(segment)
    return merged
