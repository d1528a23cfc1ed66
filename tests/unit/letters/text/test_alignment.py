"""The paragraphs of a letter and its translation stand beside each other."""

import pytest

from commentsite.letters.models import Block
from commentsite.letters.text.alignment import align_blocks


def make_blocks(names: str) -> list[Block]:
    """Return blocks from names: a kind, or the label of a paragraph with its id after a colon."""
    blocks = []
    for name in names.split():
        label, _, pid = name.partition(":")
        is_paragraph = label not in {"heading", "signoff", "rule"}
        number = sum(block.number is not None for block in blocks) + 1
        blocks.append(
            Block(
                kind="paragraph" if is_paragraph else label, text=name,
                label=label if is_paragraph else None, number=number if is_paragraph else None,
                pid=(pid or f"own-{id(blocks)}-{name}") if is_paragraph else None,
            )
        )  # fmt: skip
    return blocks


@pytest.mark.parametrize(
    ("first", "second", "pairs"),
    [
        ("1 2 3", "1 2 3", "1=1 2=2 3=3"),
        ("1 2 3", "١ ٣", "1=١ 2=- 3=٣"),  # one is not translated
        ("i ii iii", "1 2 3", "i=1 ii=2 iii=3"),  # by position
        ("1:a 2:b 3:c", "1:a 2:c", "1:a=1:a 2:b=- 3:c=2:c"),  # by id, as one was added later
        (
            "heading 1 heading 2",
            "1 heading 2 signoff",
            "heading=- 1=1 heading=heading 2=2 -=signoff",
        ),
        ("1 2", "1 1bis 2", "1=1 -=1bis 2=2"),
        ("", "1", "-=1"),
    ],
)
def test_paragraphs_with_one_id_or_number_are_paired(first, second, pairs):
    found = align_blocks(make_blocks(first), make_blocks(second))
    assert " ".join(f"{a.text if a else '-'}={b.text if b else '-'}" for a, b in found) == pairs
