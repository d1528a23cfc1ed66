"""Show word by word what changed between two wordings of a paragraph."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from commentsite.text.scripts import UNSPACED

MAX_EDITS = (
    300  # words that came or went; beyond, the old and the new stand one after the other whole
)
# Scripts without spaces are compared character by character, all others word by word.
_TOKEN = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+|\s+|[^\w\s]")


@dataclass(frozen=True)
class DiffSegment:
    """Words that stayed ("same"), came ("new") or went ("old")."""

    kind: str
    text: str


def diff_words(before: str, after: str) -> list[DiffSegment]:
    """Return both wordings as one list of stretches; those not new make up the old, those not old the new."""
    a, b = _TOKEN.findall(before), _TOKEN.findall(after)
    head = _common_prefix_length(a, b)
    tail = _common_prefix_length(a[head:][::-1], b[head:][::-1])
    middle_a, middle_b = a[head : len(a) - tail], b[head : len(b) - tail]
    stretches = [DiffSegment("same", "".join(a[:head]))]
    stretches += _shortest_edit_script(middle_a, middle_b) or [
        DiffSegment("old", "".join(middle_a)),
        DiffSegment("new", "".join(middle_b)),
    ]
    stretches.append(DiffSegment("same", "".join(a[len(a) - tail :])))
    return _merge_segments(stretches)


def _common_prefix_length(a: list[str], b: list[str]) -> int:
    length = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        length += 1
    return length


def _shortest_edit_script(a: list[str], b: list[str]) -> list[DiffSegment]:
    """Return the shortest way from one to the other (Myers 1986), or nothing when it is longer than MOST_EDITS.

    The bound keeps a hostile text from costing more than about (len(a) + len(b)) × MOST_EDITS steps.
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
    out: list[DiffSegment] = []
    for edits in range(len(trace) - 1, -1, -1):
        ends, k = trace[edits], x - y
        is_down = k == -edits or (k != edits and ends[k - 1] < ends[k + 1])
        before_x = (ends[k + 1] if is_down else ends[k - 1]) if edits else 0
        before_y = before_x - (k + 1 if is_down else k - 1) if edits else 0
        while x > before_x and y > before_y:
            x, y = x - 1, y - 1
            out.append(DiffSegment("same", a[x]))
        if edits and is_down:
            y -= 1
            out.append(DiffSegment("new", b[y]))
        elif edits:
            x -= 1
            out.append(DiffSegment("old", a[x]))
    return out[::-1]


def _merge_segments(stretches: Iterable[DiffSegment]) -> list[DiffSegment]:
    """Drop empty stretches and join neighbours of a kind."""
    out: list[DiffSegment] = []
    for stretch in stretches:
        if not stretch.text:
            continue
        if out and out[-1].kind == stretch.kind:
            out[-1] = DiffSegment(stretch.kind, out[-1].text + stretch.text)
        else:
            out.append(stretch)
    return out
