"""Align the paragraphs of a letter with those of its translation.

A translation shares the ids of its original, and paragraphs with the same id belong together. Where more numbers
than ids agree, paragraphs with the same number do, whatever digits it is written in. Where few numbers agree, as
between “IV” and “4”, the positions decide. Blocks without a number, such as headings, are aligned in their
order between two pairs of paragraphs. The order of both texts is kept, so a paragraph that a translation moved
has no counterpart.
"""

import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from commentsite.letters.text.queries import BlockRow

MIN_EQUAL_SHARE = 0.5  # of the paragraphs of the shorter text; with fewer, the positions decide


class BlockPair(NamedTuple):
    """A block of each text. One of them is None if the other has no counterpart."""

    first: BlockRow | None
    second: BlockRow | None


def align_blocks(first: Sequence[BlockRow], second: Sequence[BlockRow]) -> list[BlockPair]:
    """Pair the blocks of two texts in the order of both."""
    pairs: list[BlockPair] = []
    start = other_start = 0
    for place, other_place in _match_paragraphs(first, second):
        pairs += _align_between(first[start:place], second[other_start:other_place])
        pairs.append(BlockPair(first[place], second[other_place]))
        start, other_start = place + 1, other_place + 1
    return [*pairs, *_align_between(first[start:], second[other_start:])]


def _match_paragraphs(
    first: Sequence[BlockRow], second: Sequence[BlockRow]
) -> list[tuple[int, int]]:
    """Return the places of the paragraphs that belong together, in the order of both texts."""
    places, other_places = _list_paragraphs(first), _list_paragraphs(second)
    by_id, by_label = (
        _match(
            [read(first[place]) for place in places],
            [read(second[place]) for place in other_places],
        )
        for read in (_read_id, _read_label)
    )
    found = by_label if len(by_label) > len(by_id) else by_id
    if len(found) < MIN_EQUAL_SHARE * min(len(places), len(other_places)):
        found = [(n, n) for n in range(min(len(places), len(other_places)))]
    return [(places[n], other_places[m]) for n, m in found]


def _align_between(first: Sequence[BlockRow], second: Sequence[BlockRow]) -> list[BlockPair]:
    """Pair the blocks without a number by their kinds. Other blocks have no counterpart here."""
    keys = [("first", n) if block.number else block.kind for n, block in enumerate(first)]
    other_keys = [("second", n) if block.number else block.kind for n, block in enumerate(second)]
    pairs: list[BlockPair] = []
    start = other_start = 0
    for n, m in [*_match(keys, other_keys), (len(first), len(second))]:
        pairs += [BlockPair(block, None) for block in first[start:n]]
        pairs += [BlockPair(None, block) for block in second[other_start:m]]
        if n < len(first):
            pairs.append(BlockPair(first[n], second[m]))
        start, other_start = n + 1, m + 1
    return pairs


def _match(first: Sequence[object], second: Sequence[object]) -> list[tuple[int, int]]:
    """Return the places of equal keys, in the order of both sequences."""
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    return [
        (run.a + n, run.b + n) for run in matcher.get_matching_blocks() for n in range(run.size)
    ]


def _list_paragraphs(blocks: Sequence[BlockRow]) -> list[int]:
    return [place for place, block in enumerate(blocks) if block.number]


def _read_id(block: BlockRow) -> str:
    return block.pid or ""


def _read_label(block: BlockRow) -> str:
    """Return the number of a paragraph as readers see it, with European digits."""
    label = unicodedata.normalize("NFKC", block.label or str(block.number)).casefold()
    return "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() else char
        for char in label
        if char.isalnum()
    )
