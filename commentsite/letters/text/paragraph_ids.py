"""Carry the permanent ids of paragraphs over an edit of the text.

Comments and links refer to paragraphs by id, so an id must follow its text and never come to
stand on another text. The match runs in four steps. First, paragraphs with the same text keep
their ids. Second, the remaining paragraphs are compared in pairs by their character trigrams:
each old paragraph takes the most similar new one (Dice coefficient of at least MIN_SIMILARITY,
best pair first, the nearer of equals) and its id goes there. Third, a new paragraph that mostly
consists of one old paragraph's text (MIN_CONTAINMENT) is a part of it: the old one was split.
Fourth, an old paragraph whose text mostly lies in one new paragraph was merged into it. It
passes on its id only if that paragraph has none yet. Any other old paragraph was deleted, and
any other new paragraph gets a new id. Unchanged paragraphs outside the longest common order are
marked as moved. Trigrams of characters need no word boundaries, so the thresholds hold for
Chinese and Arabic as for English.
"""

import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

MIN_SIMILARITY = 0.5  # Dice coefficient of the trigrams of an edited paragraph
MIN_CONTAINMENT = 0.75  # share of a text's trigrams in the text that contains it
# Beyond so many pairs, a paragraph is compared only with NEIGHBOUR_WINDOW others on either side
# of its relative position. This bounds the time that a long letter takes.
MAX_PAIRS = 20_000
NEIGHBOUR_WINDOW = 30


class ParagraphRelation(StrEnum):
    """The fate of an earlier paragraph in the next version."""

    SAME = "same"
    EDITED = "edited"
    MOVED = "moved"
    SPLIT = "split"
    MERGED = "merged"
    DELETED = "deleted"


@dataclass(frozen=True)
class ParagraphMatch:
    """The place of one earlier paragraph in the new text."""

    pid: str
    new_index: int | None  # of the paragraph that holds the text; None when deleted
    relation: ParagraphRelation
    score: float  # similarity from 0 to 1; for split and merged ones, the contained share
    keeps_id: bool  # the paragraph at new_index takes over this id


def match_paragraphs(old: Sequence[tuple[str, str]], new: Sequence[str]) -> list[ParagraphMatch]:
    """Match each old paragraph (id, text) to the new texts, in the order of the old ones.

    No two matches with `keeps_id` have the same new_index. In this module, i is the index of an
    old paragraph and j that of a new one.
    """
    before, after = [_normalize(text) for _, text in old], [_normalize(text) for text in new]
    unchanged = _match_unchanged(before, after)
    matched_new = set(unchanged.values())
    rest_old = [i for i in range(len(old)) if i not in unchanged]
    rest_new = [j for j in range(len(new)) if j not in matched_new]
    trigrams = {("old", i): _count_trigrams(before[i]) for i in rest_old}
    trigrams |= {("new", j): _count_trigrams(after[j]) for j in rest_new}
    pairs = _score_pairs(rest_old, rest_new, trigrams, len(old), len(new))
    edited, scores = _match_edited(pairs)
    split_parts = _find_split_parts(pairs, edited)
    matches: dict[int, ParagraphMatch] = {}
    for i, j in unchanged.items():
        matches[i] = ParagraphMatch(old[i][0], j, ParagraphRelation.SAME, 1.0, keeps_id=True)
    for i, j in edited.items():
        relation = ParagraphRelation.SPLIT if i in split_parts else ParagraphRelation.EDITED
        matches[i] = ParagraphMatch(old[i][0], j, relation, scores[i], keeps_id=True)
    taken = {match.new_index for match in matches.values()}
    for i, j, share in _match_remaining(pairs, split_parts, matches):
        keeps_id = j not in taken
        taken.add(j)
        is_split = keeps_id and i in split_parts
        relation = ParagraphRelation.SPLIT if is_split else ParagraphRelation.MERGED
        matches[i] = ParagraphMatch(old[i][0], j, relation, share, keeps_id=keeps_id)
    for i in range(len(old)):
        matches.setdefault(
            i, ParagraphMatch(old[i][0], None, ParagraphRelation.DELETED, 0.0, keeps_id=False)
        )
    return _mark_moved([matches[i] for i in range(len(old))])


def _normalize(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _count_trigrams(text: str) -> Counter[str]:
    padded = f"  {text.casefold()}  "
    return Counter(padded[i : i + 3] for i in range(len(padded) - 2))


def _match_unchanged(before: list[str], after: list[str]) -> dict[int, int]:
    """Return new indices by old ones. Of several equal texts, the first matches the first."""
    indices_by_text: dict[str, list[int]] = defaultdict(list)
    for j, text in enumerate(after):
        indices_by_text[text].append(j)
    unchanged: dict[int, int] = {}
    for i, text in enumerate(before):
        if indices_by_text[text]:
            unchanged[i] = indices_by_text[text].pop(0)
    return unchanged


@dataclass(frozen=True)
class _CandidatePair:
    old_index: int
    new_index: int
    similarity: float  # Dice coefficient
    old_in_new: float  # share of the old text's trigrams in the new text
    new_in_old: float
    distance: float  # between the relative positions, 0 to 1


def _score_pairs(
    rest_old: list[int],
    rest_new: list[int],
    trigrams: dict[tuple[str, int], Counter[str]],
    old_count: int,
    new_count: int,
) -> list[_CandidatePair]:
    """Compare the unmatched paragraphs. Pairs without a common trigram are left out."""
    is_windowed = len(rest_old) * len(rest_new) > MAX_PAIRS
    pairs = []
    for i in rest_old:
        neighbours = rest_new
        if is_windowed:
            middle = bisect_left(rest_new, i * new_count // old_count)
            neighbours = rest_new[max(0, middle - NEIGHBOUR_WINDOW) : middle + NEIGHBOUR_WINDOW]
        for j in neighbours:
            distance = abs(i / old_count - j / new_count)
            old, new = trigrams["old", i], trigrams["new", j]
            common, old_total, new_total = (old & new).total(), old.total(), new.total()
            if common:
                similarity = 2 * common / (old_total + new_total)
                pairs.append(
                    _CandidatePair(
                        i, j, similarity, common / old_total, common / new_total, distance
                    )
                )
    return pairs


def _match_edited(pairs: list[_CandidatePair]) -> tuple[dict[int, int], dict[int, float]]:
    """Return new indices and similarities by old index, assigned greedily from the best pair."""
    edited: dict[int, int] = {}
    scores: dict[int, float] = {}
    taken: set[int] = set()
    similar_pairs = (pair for pair in pairs if pair.similarity >= MIN_SIMILARITY)
    for pair in sorted(similar_pairs, key=lambda p: (-p.similarity, p.distance)):
        if pair.old_index not in edited and pair.new_index not in taken:
            edited[pair.old_index] = pair.new_index
            scores[pair.old_index] = round(pair.similarity, 4)
            taken.add(pair.new_index)
    return edited, scores


def _find_split_parts(pairs: list[_CandidatePair], edited: dict[int, int]) -> dict[int, set[int]]:
    """Return, by old index, the new paragraphs without a match that are contained in the old one."""
    taken, split_parts = set(edited.values()), defaultdict(set)
    best_pairs: dict[int, _CandidatePair] = {}
    for pair in pairs:
        if pair.new_index not in taken and pair.new_in_old >= MIN_CONTAINMENT:
            best = best_pairs.get(pair.new_index)
            if best is None or pair.new_in_old > best.new_in_old:
                best_pairs[pair.new_index] = pair
    for pair in best_pairs.values():
        split_parts[pair.old_index].add(pair.new_index)
    return dict(split_parts)


def _match_remaining(
    pairs: list[_CandidatePair],
    split_parts: dict[int, set[int]],
    matches: dict[int, ParagraphMatch],
) -> list[tuple[int, int, float]]:
    """Return (old index, new index, contained share) for split and merged paragraphs.

    They are sorted by the share of the other text, largest first: of several paragraphs merged
    into one, the one that makes up most of it keeps its id.
    """
    candidates: list[tuple[float, int, int, float]] = []
    for pair in pairs:
        if pair.old_index in matches:
            continue
        if pair.old_index in split_parts and pair.new_index in split_parts[pair.old_index]:
            candidates.append((pair.old_in_new, pair.old_index, pair.new_index, pair.new_in_old))
        elif pair.old_index not in split_parts and pair.old_in_new >= MIN_CONTAINMENT:
            candidates.append((pair.new_in_old, pair.old_index, pair.new_index, pair.old_in_new))
    best: dict[int, tuple[int, int, float]] = {}
    for _, i, j, share in sorted(candidates, key=lambda c: (-c[0], c[1], c[2])):
        best.setdefault(i, (i, j, round(share, 4)))
    return list(best.values())


def _mark_moved(matches: list[ParagraphMatch]) -> list[ParagraphMatch]:
    """Mark unchanged paragraphs that are out of order with the others as moved."""
    carried = [(i, match.new_index) for i, match in enumerate(matches) if match.keeps_id]
    in_order = _longest_increasing_subsequence([j for _, j in carried if j is not None])
    moved = {i for position, (i, _) in enumerate(carried) if position not in in_order}
    return [
        replace(match, relation=ParagraphRelation.MOVED)
        if i in moved and match.relation == ParagraphRelation.SAME
        else match
        for i, match in enumerate(matches)
    ]


def _longest_increasing_subsequence(numbers: list[int]) -> set[int]:
    """Return the positions of a longest increasing subsequence (patience sorting)."""
    tails: list[int] = []  # tails[n]: the smallest end of a subsequence of length n + 1
    tail_positions: list[int] = []
    previous = [-1] * len(numbers)
    for position, number in enumerate(numbers):
        length = bisect_left(tails, number)
        previous[position] = tail_positions[length - 1] if length else -1
        if length == len(tails):
            tails.append(number)
            tail_positions.append(position)
        else:
            tails[length], tail_positions[length] = number, position
    positions: set[int] = set()
    position = tail_positions[-1] if tail_positions else -1
    while position >= 0:
        positions.add(position)
        position = previous[position]
    return positions
