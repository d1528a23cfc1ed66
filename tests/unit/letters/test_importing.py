"""Reading letters from files: metadata, text, numbering and errors."""

from itertools import product

import pytest

from commentsite.errors import Invalid
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.text.paragraphs import parse_blocks

PLAIN = b"Closing words\n\nThis is a letter from a delegate, published with permission.\n\nDear All\n\nWe [tried] and 2 * 3 = 6.\n\nIt did not work.\n\nBest regards\n\nLeave a Comment\n\nYour email address will not be published.\n"


def test_plain_text_keeps_its_characters_and_loses_the_web_page_around_it():
    draft = read_letter_file("letter.txt", PLAIN)
    assert draft.title == "Closing words"
    assert "published with permission" in draft.editors_note
    blocks = parse_blocks(draft.source_text)
    assert [(b.kind, b.number) for b in blocks] == [
        ("salutation", None),
        ("paragraph", 1),
        ("paragraph", 2),
        ("signoff", None),
    ]
    assert blocks[1].text == "We [tried] and 2 * 3 = 6."
    assert len(draft.remarks) == 2


def test_front_matter_is_read():
    draft = read_letter_file(
        "a.md",
        b"---\ntitle: T\nlanguage: fr\nauthors:\n  - name: N\n    group: GOV\n---\nBonjour.\n",
    )
    assert (draft.title, draft.language, draft.authors[0].group) == ("T", "fr", "GOV")


UNREADABLE = [b"", b"\x00\x01\xff", b"x" * 2_000_001]
BROKEN_FRONT_MATTER = [b"---\n: [\n---\nx", b"---\nnonsense: 1\n---\nx"]  # valid in a .txt file


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *product(["a.md", "a.txt", "a.exe"], UNREADABLE),
        *product(["a.md", "a.exe"], BROKEN_FRONT_MATTER),
    ],
)
def test_an_unreadable_file_is_rejected(name, content):
    with pytest.raises(Invalid):
        read_letter_file(name, content)
