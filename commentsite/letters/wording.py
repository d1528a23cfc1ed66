"""Show word by word what changed between two wordings of a paragraph."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from commentsite.text.scripts import UNSPACED

MOST_EDITS = (
    300  # words that came or went; beyond, the old and the new stand one after the other whole
)

# Scripts without spaces are compared character by character, all others word by word.
_TOKEN = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Stretch:
    """Words that stayed ("same"), came ("new") or went ("old")."""

    kind: str
    text: str


def changed_words(before: str, after: str) -> list[Stretch]:
    """Return both wordings as one list of stretches; those not new make up the old, those not old the new."""
    a, b = _TOKEN.findall(before), _TOKEN.findall(after)
    head = _shared(a, b)
    tail = _shared(a[head:][::-1], b[head:][::-1])
    middle_a, middle_b = a[head : len(a) - tail], b[head : len(b) - tail]
    stretches = [Stretch("same", "".join(a[:head]))]
    stretches += _compared(middle_a, middle_b) or [
        Stretch("old", "".join(middle_a)),
        Stretch("new", "".join(middle_b)),
    ]
    stretches.append(Stretch("same", "".join(a[len(a) - tail :])))
    return _joined(stretches)


def _shared(a: list[str], b: list[str]) -> int:
    length = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        length += 1
    return length


def _compared(a: list[str], b: list[str]) -> list[Stretch]:
    """Return the shortest way from one to the other (Myers 1986), or nothing when it is longer than MOST_EDITS.

    The bound keeps a hostile text from costing more than about (len(a) + len(b)) × MOST_EDITS steps.
    """
    ends = {1: 0}
    trace: list[dict[int, int]] = []
    for edits in range(MOST_EDITS + 1):
        trace.append(dict(ends))
        for k in range(-edits, edits + 1, 2):
            is_down = k == -edits or (k != edits and ends[k - 1] < ends[k + 1])
            x = ends[k + 1] if is_down else ends[k - 1] + 1
            while x < len(a) and x - k < len(b) and a[x] == b[x - k]:
                x += 1
            ends[k] = x
            if x >= len(a) and x - k >= len(b):
                return _way_back(a, b, trace)
    return []


def _way_back(a: list[str], b: list[str], trace: list[dict[int, int]]) -> list[Stretch]:
    x, y = len(a), len(b)
    out: list[Stretch] = []
    for edits in range(len(trace) - 1, -1, -1):
        ends, k = trace[edits], x - y
        is_down = k == -edits or (k != edits and ends[k - 1] < ends[k + 1])
        before_x = (ends[k + 1] if is_down else ends[k - 1]) if edits else 0
        before_y = before_x - (k + 1 if is_down else k - 1) if edits else 0
        while x > before_x and y > before_y:
            x, y = x - 1, y - 1
            out.append(Stretch("same", a[x]))
        if edits and is_down:
            y -= 1
            out.append(Stretch("new", b[y]))
        elif edits:
            x -= 1
            out.append(Stretch("old", a[x]))
    return out[::-1]


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Drop empty stretches and join neighbours of a kind."""
    out: list[Stretch] = []
    for stretch in stretches:
        if not stretch.text:
            continue
        if out and out[-1].kind == stretch.kind:
            out[-1] = Stretch(stretch.kind, out[-1].text + stretch.text)
        else:
            out.append(stretch)
    return out


@dataclass(frozen=True)
class Passage:
    """A piece of a version: `key` is the same in both versions where the piece is the same one."""

    key: str
    kind: str
    number: int | None
    text: str


@dataclass(frozen=True)
class Changed:
    """One piece of the later version, or one that is no longer there, with what happened to its words.

    `what` is "same", "edited", "moved", "new" or "gone"; numbers are those of the two versions.
    """

    key: str
    what: str
    kind: str
    before: int | None
    after: int | None
    stretches: list[Stretch]


def changes(before: list[Passage], after: list[Passage]) -> list[Changed]:
    """Return the later version in order, with what is gone where it once stood."""
    old, new = {p.key: p for p in before}, {p.key: p for p in after}
    matcher = SequenceMatcher(a=[p.key for p in before], b=[p.key for p in after])
    rows: list[Changed] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            rows += [
                _changed(before[i], after[j])
                for i, j in zip(range(i1, i2), range(j1, j2), strict=True)
            ]
            continue
        rows += [_gone(p) for p in before[i1:i2] if p.key not in new]
        rows += [
            _changed(old[p.key], p, moved=True) if p.key in old else _came(p) for p in after[j1:j2]
        ]
    return rows


def _changed(before: Passage, after: Passage, *, moved: bool = False) -> Changed:
    stretches = changed_words(before.text, after.text)
    what = "moved" if moved else "same" if before.text == after.text else "edited"
    return Changed(after.key, what, after.kind, before.number, after.number, stretches)


def _came(passage: Passage) -> Changed:
    return Changed(
        passage.key, "new", passage.kind, None, passage.number, [Stretch("new", passage.text)]
    )


def _gone(passage: Passage) -> Changed:
    return Changed(
        passage.key, "gone", passage.kind, passage.number, None, [Stretch("old", passage.text)]
    )
