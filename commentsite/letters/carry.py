"""Carry the permanent ids of paragraphs over an edit, without ever moving one silently.

Works on characters, not words, so that Arabic, Chinese and Russian fare like English:
paragraphs are compared by the three-character pieces they share.
"""

import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

SAME_ENOUGH = 0.5  # share of pieces in common (Dice) from which two texts are one paragraph, edited
CONTAINED = (
    0.75  # share of a text's pieces found in another, from which it came out of it or went into it
)
MOST_PAIRS = 20_000  # beyond, only paragraphs that stand near each other are compared
NEAR = 30


class Relation(StrEnum):
    """What became of an earlier paragraph."""

    SAME = "same"
    EDITED = "edited"
    MOVED = "moved"
    SPLIT = "split"
    MERGED = "merged"
    DELETED = "deleted"


@dataclass(frozen=True)
class Link:
    """One earlier paragraph, where its id stands now, and how alike the two texts are (0 to 1)."""

    pid: str
    index: (
        int | None
    )  # of the new paragraph that carries the id, or holds the words; None when deleted
    relation: Relation
    score: float
    carries: bool  # whether the new paragraph has this id; of merged ones only one can


def carry(old: Sequence[tuple[str, str]], new: Sequence[str]) -> list[Link]:
    """Link every earlier paragraph (id, text) to the new texts; each new text carries one id at most."""
    before, after = [_normal(text) for _, text in old], [_normal(text) for text in new]
    whole = _unchanged(before, after)
    rest_old = [i for i in range(len(old)) if i not in whole]
    kept = set(whole.values())
    rest_new = [j for j in range(len(new)) if j not in kept]
    pieces = {("old", i): _pieces(before[i]) for i in rest_old}
    pieces |= {("new", j): _pieces(after[j]) for j in rest_new}
    pairs = _compared(rest_old, rest_new, pieces, len(old), len(new))
    edited, scores = _paired(pairs)
    parts = _parts(pairs, edited)
    links: dict[int, Link] = {}
    for i, j in whole.items():
        links[i] = Link(old[i][0], j, Relation.SAME, 1.0, carries=True)
    for i, j in edited.items():
        relation = Relation.SPLIT if i in parts else Relation.EDITED
        links[i] = Link(old[i][0], j, relation, scores[i], carries=True)
    taken = {link.index for link in links.values()}
    for i, j, share in _left_over(pairs, parts, links):
        carries = j not in taken
        taken.add(j)
        relation = Relation.SPLIT if carries and i in parts else Relation.MERGED
        links[i] = Link(old[i][0], j, relation, share, carries=carries)
    for i in range(len(old)):
        links.setdefault(i, Link(old[i][0], None, Relation.DELETED, 0.0, carries=False))
    return _with_moves([links[i] for i in range(len(old))])


def _normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _pieces(text: str) -> Counter[str]:
    padded = f"  {text.casefold()}  "
    return Counter(padded[i : i + 3] for i in range(len(padded) - 2))


def _unchanged(before: list[str], after: list[str]) -> dict[int, int]:
    where: dict[str, list[int]] = defaultdict(list)
    for j, text in enumerate(after):
        where[text].append(j)
    found: dict[int, int] = {}
    for i, text in enumerate(before):
        if where[text]:
            found[i] = where[text].pop(0)
    return found


@dataclass(frozen=True)
class _Pair:
    i: int
    j: int
    alike: float  # Dice
    old_in_new: float
    new_in_old: float
    distance: float


def _compared(
    rest_old: list[int],
    rest_new: list[int],
    pieces: dict[tuple[str, int], Counter[str]],
    olds: int,
    news: int,
) -> list[_Pair]:
    only_near = len(rest_old) * len(rest_new) > MOST_PAIRS
    pairs = []
    for i in rest_old:
        near = rest_new
        if only_near:
            middle = bisect_left(rest_new, i * news // olds)
            near = rest_new[max(0, middle - NEAR) : middle + NEAR]
        for j in near:
            distance = abs(i / olds - j / news)
            a, b = pieces["old", i], pieces["new", j]
            common, of_old, of_new = (a & b).total(), a.total(), b.total()
            if common:
                alike = 2 * common / (of_old + of_new)
                pairs.append(_Pair(i, j, alike, common / of_old, common / of_new, distance))
    return pairs


def _paired(pairs: list[_Pair]) -> tuple[dict[int, int], dict[int, float]]:
    """Give each earlier paragraph the most similar new one, the best match first; of equals the nearer."""
    edited: dict[int, int] = {}
    scores: dict[int, float] = {}
    taken: set[int] = set()
    alike = (pair for pair in pairs if pair.alike >= SAME_ENOUGH)
    for pair in sorted(alike, key=lambda p: (-p.alike, p.distance)):
        if pair.i not in edited and pair.j not in taken:
            edited[pair.i], scores[pair.i] = pair.j, round(pair.alike, 4)
            taken.add(pair.j)
    return edited, scores


def _parts(pairs: list[_Pair], edited: dict[int, int]) -> dict[int, set[int]]:
    """Return the earlier paragraphs whose words now stand in several new ones that no other explains."""
    taken, parts = set(edited.values()), defaultdict(set)
    best: dict[int, _Pair] = {}
    for pair in pairs:
        if pair.j not in taken and pair.new_in_old >= CONTAINED:
            known = best.get(pair.j)
            if known is None or pair.new_in_old > known.new_in_old:
                best[pair.j] = pair
    for pair in best.values():
        parts[pair.i].add(pair.j)
    return dict(parts)


def _left_over(
    pairs: list[_Pair], parts: dict[int, set[int]], links: dict[int, Link]
) -> list[tuple[int, int, float]]:
    """Return where the words of the other earlier paragraphs went, the largest share of the new text first."""
    went: list[tuple[float, int, int, float]] = []
    for pair in pairs:
        if pair.i in links:
            continue
        if pair.i in parts and pair.j in parts[pair.i]:
            went.append((pair.old_in_new, pair.i, pair.j, pair.new_in_old))
        elif pair.i not in parts and pair.old_in_new >= CONTAINED:
            went.append((pair.new_in_old, pair.i, pair.j, pair.old_in_new))
    chosen: dict[int, tuple[int, int, float]] = {}
    for _, i, j, share in sorted(went, key=lambda w: (-w[0], w[1], w[2])):
        chosen.setdefault(i, (i, j, round(share, 4)))
    return list(chosen.values())


def _with_moves(links: list[Link]) -> list[Link]:
    """Mark unchanged paragraphs that no longer stand in order with the others."""
    carried = [(n, link.index) for n, link in enumerate(links) if link.carries]
    in_order = _longest_rising([index for _, index in carried if index is not None])
    moved = {n for position, (n, _) in enumerate(carried) if position not in in_order}
    return [
        Link(link.pid, link.index, Relation.MOVED, link.score, link.carries)
        if n in moved and link.relation == Relation.SAME
        else link
        for n, link in enumerate(links)
    ]


def _longest_rising(numbers: list[int]) -> set[int]:
    """Return the positions of a longest rising run (patience sorting)."""
    tails: list[int] = []
    ends: list[int] = []
    previous = [-1] * len(numbers)
    for position, number in enumerate(numbers):
        place = bisect_left(tails, number)
        previous[position] = ends[place - 1] if place else -1
        if place == len(tails):
            tails.append(number)
            ends.append(position)
        else:
            tails[place], ends[place] = number, position
    found: set[int] = set()
    position = ends[-1] if ends else -1
    while position >= 0:
        found.add(position)
        position = previous[position]
    return found
