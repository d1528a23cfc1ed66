"""Letters from files: what is read, what is numbered, what is refused in words."""

import pytest

from commentsite.errors import Invalid
from commentsite.letters.intake import read_letter
from commentsite.letters.paragraphs import split

PLAIN = b"Closing words\n\nThis is a letter from a delegate, published with permission.\n\nDear All\n\nWe [tried] and 2 * 3 = 6.\n\nIt did not work.\n\nBest regards\n\nLeave a Comment\n\nYour email address will not be published.\n"


def test_plain_text_keeps_its_characters_and_leaves_the_page_around_it_out():
    draft = read_letter("letter.txt", PLAIN)
    assert draft.title == "Closing words"
    assert "published with permission" in draft.editors_note
    pieces = split(draft.source_text)
    assert [(p.kind, p.number) for p in pieces] == [
        ("salutation", None),
        ("paragraph", 1),
        ("paragraph", 2),
        ("signoff", None),
    ]
    assert pieces[1].text == "We [tried] and 2 * 3 = 6."
    assert len(draft.remarks) == 2


def test_front_matter_is_read():
    draft = read_letter(
        "a.md",
        b"---\ntitle: T\nlanguage: fr\nauthors:\n  - name: N\n    group: GOV\n---\nBonjour.\n",
    )
    assert (draft.title, draft.language, draft.authors[0].group) == ("T", "fr", "GOV")


@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.exe"])
@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01\xff", b"---\n: [\n---\nx", b"---\nnonsense: 1\n---\nx", b"x" * 2_000_001],
)
def test_what_cannot_be_read_is_refused_in_words(name, content):
    if name == "a.txt" and content.startswith(b"---"):
        return
    with pytest.raises(Invalid):
        read_letter(name, content)
