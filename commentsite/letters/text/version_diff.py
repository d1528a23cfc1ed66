"""Compare two versions of a letter block by block, and changed blocks word by word."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from commentsite.letters.states import BlockKind
from commentsite.text.diff import DiffKind, DiffSegment, diff_words


class BlockChangeKind(StrEnum):
    """The change to one block. Templates use the values as CSS classes."""

    SAME = "same"
    EDITED = "edited"
    MOVED = "moved"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True)
class VersionBlock:
    """A block to compare. Two blocks with equal keys are versions of the same block."""

    key: str
    kind: BlockKind
    label: str | None  # of paragraphs only
    text: str


@dataclass(frozen=True)
class BlockChange:
    key: str
    change: BlockChangeKind
    kind: BlockKind
    old_label: str | None
    new_label: str | None
    segments: list[DiffSegment]


def diff_versions(before: list[VersionBlock], after: list[VersionBlock]) -> list[BlockChange]:
    """Return the blocks of the later version in order, with removed blocks at their old places."""
    old, new = {block.key: block for block in before}, {block.key: block for block in after}
    matcher = SequenceMatcher(a=[b.key for b in before], b=[b.key for b in after])
    changes: list[BlockChange] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            changes += [
                _compare_blocks(before[i], after[j])
                for i, j in zip(range(i1, i2), range(j1, j2), strict=True)
            ]
            continue
        changes += [_build_removed_block(b) for b in before[i1:i2] if b.key not in new]
        # A key of both versions outside the common sequence stands in another order: it moved.
        changes += [
            _compare_blocks(old[b.key], b, is_moved=True) if b.key in old else _build_added_block(b)
            for b in after[j1:j2]
        ]
    return changes


def _compare_blocks(
    before: VersionBlock, after: VersionBlock, *, is_moved: bool = False
) -> BlockChange:
    if is_moved:
        change = BlockChangeKind.MOVED
    elif before.text == after.text:
        change = BlockChangeKind.SAME
    else:
        change = BlockChangeKind.EDITED
    segments = diff_words(before.text, after.text)
    return BlockChange(after.key, change, after.kind, before.label, after.label, segments)


def _build_added_block(block: VersionBlock) -> BlockChange:
    segments = [DiffSegment(DiffKind.NEW, block.text)]
    return BlockChange(block.key, BlockChangeKind.NEW, block.kind, None, block.label, segments)


def _build_removed_block(block: VersionBlock) -> BlockChange:
    segments = [DiffSegment(DiffKind.OLD, block.text)]
    return BlockChange(block.key, BlockChangeKind.GONE, block.kind, block.label, None, segments)
