"""TODO docstring of commentsite.letters.text.version_diff."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from commentsite.text.diff import DiffSegment, diff_words


@dataclass(frozen=True)
class VersionBlock:
    """A piece of a version: `key` is the same in both versions where the piece is the same one."""

    key: str
    kind: str
    number: int | None
    text: str


@dataclass(frozen=True)
class BlockChange:
    """One piece of the later version, or one that is no longer there, with what happened to its words.

    `what` is "same", "edited", "moved", "new" or "gone"; numbers are those of the two versions.
    """

    key: str
    change: str
    kind: str
    old_number: int | None
    new_number: int | None
    segments: list[DiffSegment]


def diff_versions(before: list[VersionBlock], after: list[VersionBlock]) -> list[BlockChange]:
    """Return the later version in order, with what is gone where it once stood."""
    old, new = {p.key: p for p in before}, {p.key: p for p in after}
    matcher = SequenceMatcher(a=[p.key for p in before], b=[p.key for p in after])
    rows: list[BlockChange] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            rows += [
                _compare_blocks(before[i], after[j])
                for i, j in zip(range(i1, i2), range(j1, j2), strict=True)
            ]
            continue
        rows += [_removed_block(p) for p in before[i1:i2] if p.key not in new]
        rows += [
            _compare_blocks(old[p.key], p, moved=True) if p.key in old else _added_block(p)
            for p in after[j1:j2]
        ]
    return rows


def _compare_blocks(
    before: VersionBlock, after: VersionBlock, *, moved: bool = False
) -> BlockChange:
    stretches = diff_words(before.text, after.text)
    what = "moved" if moved else "same" if before.text == after.text else "edited"
    return BlockChange(after.key, what, after.kind, before.number, after.number, stretches)


def _added_block(passage: VersionBlock) -> BlockChange:
    return BlockChange(
        passage.key, "new", passage.kind, None, passage.number, [DiffSegment("new", passage.text)]
    )


def _removed_block(passage: VersionBlock) -> BlockChange:
    return BlockChange(
        passage.key, "gone", passage.kind, passage.number, None, [DiffSegment("old", passage.text)]
    )
