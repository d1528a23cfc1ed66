"""References to pictures in the Markdown of a letter."""

import pytest

from commentsite.letters.states import BlockKind
from commentsite.letters.text.images import (
    Image,
    add_descriptions,
    format_reference,
    list_references,
    list_undescribed,
)
from commentsite.letters.text.paragraphs import parse_blocks

FIRST, SECOND = "a" * 64, "b" * 64
IMAGES = {FIRST: Image(f"/media/{FIRST}.png", 30, 20)}


@pytest.mark.parametrize(
    "description",
    [
        "A map",
        "A [map] of *two* `rivers` \\ & <b> !",
        "](media:x)",
        "١ ـ خريطة",
        "1. A map",
        "&amp;",
    ],
)
def test_a_description_is_shown_as_it_was_typed(description):
    (block,) = parse_blocks(format_reference(FIRST, description), IMAGES)
    assert block.text == description
    assert block.html.startswith(f'<figure><img src="/media/{FIRST}.png" alt="')


def test_a_picture_alone_is_a_numbered_paragraph_and_no_greeting_or_signature():
    source = f"![A map](media:{FIRST})\n\nA sentence.\n\n![A map](media:{FIRST})"
    blocks = parse_blocks(source, IMAGES)
    assert [block.kind for block in blocks] == [BlockKind.PARAGRAPH] * 3
    assert [block.number for block in blocks] == [1, 2, 3]


def test_a_picture_without_a_description_takes_no_place():
    source = f"A sentence.\n\n![](media:{FIRST})\n\nAnother ![](media:{FIRST})one.\n\n1. ![](media:{FIRST})"
    blocks = parse_blocks(source, IMAGES)
    assert [(block.number, block.text) for block in blocks] == [
        (1, "A sentence."),
        (2, "Another one."),
    ]


def test_a_picture_that_is_not_stored_becomes_its_words():
    (block,) = parse_blocks(f'Before ![The *words*](media:{SECOND} "and more") after.', IMAGES)
    assert block.html == '<p>Before The <em>words</em> "and more" after.</p>'


def test_the_language_of_a_picture_can_be_marked():
    (block,) = parse_blocks(f"![خريطة](media:{FIRST}) {{lang=ar}}", IMAGES)
    assert block.language == "ar"
    assert "<figure>" in block.html


def test_descriptions_go_to_pictures_without_one():
    source = f"![](media:{FIRST})\n\n![Kept](media:{SECOND})\n\n![ ](media:{FIRST})"
    assert list_references(source) == [FIRST, SECOND]
    assert list_undescribed(source) == [FIRST]
    described = add_descriptions(source, {FIRST: "A\nmap", SECOND: "Other", "c" * 64: "None"})
    assert (
        described
        == f"![A map](media:{FIRST})\n\n![Kept](media:{SECOND})\n\n![A map](media:{FIRST})"
    )
    assert add_descriptions(source, {FIRST: "  "}) == source


def test_the_lines_after_a_picture_are_its_caption_and_one_paragraph_with_it():
    text = f"A paragraph of the letter.\n\n![A map](media:{FIRST})\nFigure 1: *the* river\n\nAnother paragraph.\n"
    shown = parse_blocks(text, IMAGES)
    assert [block.number for block in shown] == [1, 2, 3]
    assert "<figcaption>Figure 1: <em>the</em> river</figcaption></figure>" in shown[1].html
    for hidden in (parse_blocks(text), parse_blocks(text.replace("A map", ""), IMAGES)):
        assert [(block.kind, block.number) for block in hidden] == [
            ("paragraph", 1), ("caption", None), ("paragraph", 2),
        ]  # fmt: skip
        assert hidden[1].html == "<p>Figure 1: <em>the</em> river</p>"
