"""Files of all kinds: the right reader, the title, the language, and what stands before the letter."""

from itertools import product

import pytest

from commentsite.errors import Invalid
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.remarks import RemarkKind
from commentsite.letters.text.paragraphs import parse_blocks
from tests.support.word_files import make_docx, p

PAGE = b"<html><head><title>A title</title></head><body><p>Dear</p><p>Words.</p></body></html>"
RTF = rb"{\rtf1\ansi{\info{\title A title}}Dear\par Words.\par}"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", PAGE),
        ("a.HTM", PAGE),
        ("a.doc", PAGE),
        ("a.txt", PAGE),
        ("a.rtf", RTF),
        ("a.doc", RTF),
        ("a.txt", RTF),
        ("a.txt", b"A title\n\nDear\n\nWords.\n"),
        ("a.md", b"# A title\n\nDear\n\nWords.\n"),
        ("a.eml", b"Subject: A title\nFrom: a@example.org\n\nDear\n\nWords.\n"),
        ("a.docx", make_docx(p("A title", style="Title"), p("Dear"), p("Words."))),
        ("a.txt", make_docx(p("A title", style="Title"), p("Dear"), p("Words."))),
    ],
)
def test_the_content_of_a_file_decides_how_it_is_read(name, content):
    draft = read_letter_file(name, content)
    assert (draft.title, draft.source_text) == ("A title", "Dear\n\nWords.\n")


ARCHIVE = b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\n"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.pdf", b"%PDF-1.7", "is a PDF file"),
        ("a.txt", b"%PDF-1.7", "is a PDF file"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Word format"),
        ("a.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Outlook"),
        ("a.mht", ARCHIVE, "web archive"),
        ("a.doc", ARCHIVE, "web archive"),
        ("a.pages", b"PK\x03\x04", "Pages"),
        ("a.png", b"\x89PNG\r\n", "picture"),
        ("a.exe", b"MZ", "cannot be read here"),
        ("a", b"words", "cannot be read here"),
        ("a.txt", b"\0\1\2", "not text"),
        ("a.html", b" \n", "is empty"),
        ("a.html", b"<p></p>", "no text"),
    ],
)
def test_other_files_are_refused_with_the_way_out(name, content, sentence):
    with pytest.raises(Invalid) as caught:
        read_letter_file(name, content)
    assert sentence in caught.value.message
    assert caught.value.details["name"] == name


def test_a_short_first_line_is_the_title():
    draft = read_letter_file("a.html", b"<p>On the minutes</p><p>Dear Chair,</p><p>Words.</p>")
    assert (draft.title, draft.source_text) == ("On the minutes", "Dear Chair,\n\nWords.\n")


HEAD = "<p>Example Society</p><p>12 Example Street</p><p>Tel. +41 22 000 00 00</p><p>desk@example.org</p>"
LETTER = "<p>Dear Chair,</p><h1>Background</h1><p>Words of it.</p>"


def test_a_letterhead_is_no_title_and_no_note():
    page = (HEAD + LETTER).encode()
    with pytest.raises(Invalid, match="no title"):
        read_letter_file("a.html", page)
    draft = read_letter_file("a.html", page, "On the minutes")
    assert draft.title == "On the minutes"
    assert draft.editors_note == ""
    assert draft.source_text.startswith("Example Society\n\n12 Example Street\n\n")
    assert "## Background" in draft.source_text


def test_a_salutation_is_no_title():
    with pytest.raises(Invalid, match="no title"):
        read_letter_file("a.html", LETTER.encode())


INTRODUCTION = "This is a letter from a delegate, published with permission."


@pytest.mark.parametrize(
    ("before", "is_note"),
    [
        (INTRODUCTION, True),
        (f"{INTRODUCTION} Write to desk@example.org.", False),
        (f"{INTRODUCTION} Call +41 22 000 00 00.", False),
        ("Example Society", False),
        ("Geneva, 3 November 2026", False),
    ],
)
def test_only_sentences_about_the_letter_become_the_note(before, is_note):
    draft = read_letter_file("a.txt", f"Title\n\n{before}\n\nDear All\n\nWords of it.\n".encode())
    assert draft.editors_note == (before if is_note else "")
    assert draft.source_text.startswith("Dear All" if is_note else before[:20])
    moved = [remark.words for remark in draft.remarks if remark.kind == RemarkKind.MOVED_TO_NOTE]
    assert moved == ([before] if is_note else [])


def test_the_note_of_a_first_line_is_named_and_not_part_of_the_title():
    reference = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    notes = f'<w:footnote w:id="2">{p("Read out at the mill.")}</w:footnote>'
    content = make_docx(
        p("Open letter on tides", reference),
        p("Dear all, here we are writing to you with a long sentence."),
        parts={"footnotes": notes},
    )
    draft = read_letter_file("a.docx", content)
    assert draft.title == "Open letter on tides"
    assert "[^" not in draft.source_text
    [remark] = [item for item in draft.remarks if item.kind == RemarkKind.OTHER]
    assert remark.words == "Read out at the mill."


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
