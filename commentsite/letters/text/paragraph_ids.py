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

MIN_SIMILARITY = (
    0.5  # share of pieces in common (Dice) from which two texts are one paragraph, edited
)
MIN_CONTAINMENT = (
    0.75  # share of a text's pieces found in another, from which it came out of it or went into it
)
MAX_PAIRS = 20_000  # beyond, only paragraphs that stand near each other are compared
NEIGHBOUR_WINDOW = 30


class ParagraphRelation(StrEnum):
    """What became of an earlier paragraph."""

    SAME = "same"
    EDITED = "edited"
    MOVED = "moved"
    SPLIT = "split"
    MERGED = "merged"
    DELETED = "deleted"


@dataclass(frozen=True)
class ParagraphMatch:
    """One earlier paragraph, where its id stands now, and how alike the two texts are (0 to 1)."""

    pid: str
    new_index: (
        int | None
    )  # of the new paragraph that carries the id, or holds the words; None when deleted
    relation: ParagraphRelation
    score: float
    keeps_id: bool  # whether the new paragraph has this id; of merged ones only one can


def match_paragraphs(old: Sequence[tuple[str, str]], new: Sequence[str]) -> list[ParagraphMatch]:
    """Link every earlier paragraph (id, text) to the new texts; each new text carries one id at most."""
    before, after = [_normalize(text) for _, text in old], [_normalize(text) for text in new]
    whole = _match_unchanged(before, after)
    rest_old = [i for i in range(len(old)) if i not in whole]
    kept = set(whole.values())
    rest_new = [j for j in range(len(new)) if j not in kept]
    pieces = {("old", i): _count_trigrams(before[i]) for i in rest_old}
    pieces |= {("new", j): _count_trigrams(after[j]) for j in rest_new}
    pairs = _score_pairs(rest_old, rest_new, pieces, len(old), len(new))
    edited, scores = _match_edited(pairs)
    parts = _find_split_parts(pairs, edited)
    links: dict[int, ParagraphMatch] = {}
    for i, j in whole.items():
        links[i] = ParagraphMatch(old[i][0], j, ParagraphRelation.SAME, 1.0, keeps_id=True)
    for i, j in edited.items():
        relation = ParagraphRelation.SPLIT if i in parts else ParagraphRelation.EDITED
        links[i] = ParagraphMatch(old[i][0], j, relation, scores[i], keeps_id=True)
    taken = {link.new_index for link in links.values()}
    for i, j, share in _match_remaining(pairs, parts, links):
        carries = j not in taken
        taken.add(j)
        relation = ParagraphRelation.SPLIT if carries and i in parts else ParagraphRelation.MERGED
        links[i] = ParagraphMatch(old[i][0], j, relation, share, keeps_id=carries)
    for i in range(len(old)):
        links.setdefault(
            i, ParagraphMatch(old[i][0], None, ParagraphRelation.DELETED, 0.0, keeps_id=False)
        )
    return _mark_moved([links[i] for i in range(len(old))])


def _normalize(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _count_trigrams(text: str) -> Counter[str]:
    padded = f"  {text.casefold()}  "
    return Counter(padded[i : i + 3] for i in range(len(padded) - 2))


def _match_unchanged(before: list[str], after: list[str]) -> dict[int, int]:
    where: dict[str, list[int]] = defaultdict(list)
    for j, text in enumerate(after):
        where[text].append(j)
    found: dict[int, int] = {}
    for i, text in enumerate(before):
        if where[text]:
            found[i] = where[text].pop(0)
    return found


@dataclass(frozen=True)
class _CandidatePair:
    old_index: int
    new_index: int
    similarity: float  # Dice
    old_in_new: float
    new_in_old: float
    distance: float


def _score_pairs(
    rest_old: list[int],
    rest_new: list[int],
    pieces: dict[tuple[str, int], Counter[str]],
    olds: int,
    news: int,
) -> list[_CandidatePair]:
    only_near = len(rest_old) * len(rest_new) > MAX_PAIRS
    pairs = []
    for i in rest_old:
        near = rest_new
        if only_near:
            middle = bisect_left(rest_new, i * news // olds)
            near = rest_new[max(0, middle - NEIGHBOUR_WINDOW) : middle + NEIGHBOUR_WINDOW]
        for j in near:
            distance = abs(i / olds - j / news)
            a, b = pieces["old", i], pieces["new", j]
            common, of_old, of_new = (a & b).total(), a.total(), b.total()
            if common:
                alike = 2 * common / (of_old + of_new)
                pairs.append(
                    _CandidatePair(i, j, alike, common / of_old, common / of_new, distance)
                )
    return pairs


def _match_edited(pairs: list[_CandidatePair]) -> tuple[dict[int, int], dict[int, float]]:
    """Give each earlier paragraph the most similar new one, the best match first; of equals the nearer."""
    edited: dict[int, int] = {}
    scores: dict[int, float] = {}
    taken: set[int] = set()
    alike = (pair for pair in pairs if pair.similarity >= MIN_SIMILARITY)
    for pair in sorted(alike, key=lambda p: (-p.similarity, p.distance)):
        if pair.old_index not in edited and pair.new_index not in taken:
            edited[pair.old_index], scores[pair.old_index] = (
                pair.new_index,
                round(pair.similarity, 4),
            )
            taken.add(pair.new_index)
    return edited, scores


def _find_split_parts(pairs: list[_CandidatePair], edited: dict[int, int]) -> dict[int, set[int]]:
    """Return the earlier paragraphs whose words now stand in several new ones that no other explains."""
    taken, parts = set(edited.values()), defaultdict(set)
    best: dict[int, _CandidatePair] = {}
    for pair in pairs:
        if pair.new_index not in taken and pair.new_in_old >= MIN_CONTAINMENT:
            known = best.get(pair.new_index)
            if known is None or pair.new_in_old > known.new_in_old:
                best[pair.new_index] = pair
    for pair in best.values():
        parts[pair.old_index].add(pair.new_index)
    return dict(parts)


def _match_remaining(
    pairs: list[_CandidatePair], parts: dict[int, set[int]], links: dict[int, ParagraphMatch]
) -> list[tuple[int, int, float]]:
    """Return where the words of the other earlier paragraphs went, the largest share of the new text first."""
    went: list[tuple[float, int, int, float]] = []
    for pair in pairs:
        if pair.old_index in links:
            continue
        if pair.old_index in parts and pair.new_index in parts[pair.old_index]:
            went.append((pair.old_in_new, pair.old_index, pair.new_index, pair.new_in_old))
        elif pair.old_index not in parts and pair.old_in_new >= MIN_CONTAINMENT:
            went.append((pair.new_in_old, pair.old_index, pair.new_index, pair.old_in_new))
    chosen: dict[int, tuple[int, int, float]] = {}
    for _, i, j, share in sorted(went, key=lambda w: (-w[0], w[1], w[2])):
        chosen.setdefault(i, (i, j, round(share, 4)))
    return list(chosen.values())


def _mark_moved(links: list[ParagraphMatch]) -> list[ParagraphMatch]:
    """Mark unchanged paragraphs that no longer stand in order with the others."""
    carried = [(n, link.new_index) for n, link in enumerate(links) if link.keeps_id]
    in_order = _longest_increasing_subsequence([index for _, index in carried if index is not None])
    moved = {n for position, (n, _) in enumerate(carried) if position not in in_order}
    return [
        ParagraphMatch(link.pid, link.new_index, ParagraphRelation.MOVED, link.score, link.keeps_id)
        if n in moved and link.relation == ParagraphRelation.SAME
        else link
        for n, link in enumerate(links)
    ]


def _longest_increasing_subsequence(numbers: list[int]) -> set[int]:
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
