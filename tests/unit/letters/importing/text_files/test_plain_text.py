"""Reading plain text: it renders as typed, and lines that a program broke are whole again."""

import pytest

from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.importing.text_files.plain_text import read_plain_text
from commentsite.letters.remarks import RemarkKind
from commentsite.letters.text.paragraphs import parse_blocks


def read(text):
    return read_plain_text(f"Title\n\n{text}".encode())


def find_words(document, kind):
    return "\n".join(remark.words for remark in document.remarks if remark.kind == kind)


ENCODED = [
    ("utf-8", "Café – “x” Дорогие"),
    ("utf-8-sig", "Café – “x” Дорогие"),
    ("utf-16", "Café – “x” Дорогие"),
    ("utf-16-le", "Cafe with enough letters to be told from others"),
    ("utf-16-be", "Cafe with enough letters to be told from others"),
    ("cp1252", "Café – “x” ﬁ".replace("ﬁ", "fi")),
]


@pytest.mark.parametrize(("encoding", "words"), ENCODED)
def test_a_text_is_read_in_its_encoding(encoding, words):
    document = read_plain_text(f"Title\r\n\r\n{words}\r\n".encode(encoding))
    assert document.title == "Title"
    assert document.blocks == (words,)
    is_unsure = encoding in {"cp1252", "utf-16-le", "utf-16-be"}
    assert bool(find_words(document, RemarkKind.ENCODING)) == is_unsure


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_both_byte_orders_are_read(mark):
    codec = "utf-16-le" if mark == b"\xff\xfe" else "utf-16-be"
    assert read_plain_text(mark + "Title\n\nПривет".encode(codec)).blocks == ("Привет",)


TYPED = """# 3 of the agenda
[x](y) ~~this~~ &copy; <b>bold</b> a_b_c 2 * 3 `code` \\\\server\\share

> quoted
+ added

===

| a | b |
|---|---|

[^1]: note

1989. Das war ein Jahr.

12. Oktober 2026 war es.

12 October 2026

    indented

A. Delegate

::: signoff"""


def test_a_text_renders_as_it_was_typed():
    document = read(TYPED)
    text = "\n".join(block.text for block in parse_blocks("\n\n".join(document.blocks)))
    assert [line.strip() for line in text.splitlines() if line.strip()] == [
        line.strip() for line in TYPED.splitlines() if line.strip()
    ]
    assert {block.label for block in parse_blocks("\n\n".join(document.blocks))} <= {
        "", *map(str, range(1, 20))
    }  # fmt: skip


def test_typed_numbers_are_those_of_the_paragraphs():
    numbers = ["1.", "2.", "11.", "11 bis.", "(a)", "(b)", "iv.", "v.", "١٣.", "١٤.", "5)", "7)"]
    paragraphs = [f"{number} Words of it." for number in numbers]
    document = read("\n\n".join([*paragraphs[:2], "A heading", *paragraphs[2:]]))
    assert document.blocks == (*paragraphs[:2], "A heading", *paragraphs[2:])
    labels = [block.label for block in parse_blocks("\n\n".join(document.blocks))]
    for number in numbers:
        assert number.removesuffix(".") in labels


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("12、|13、", ["12、", "13、"]),
        ("（一）|（二）", ["（一）", "（二）"]),
        ("(十一)|(十二)", ["(十一)", "(十二)"]),
        ("一、|二、", ["一、", "二、"]),
        ("１．|２．", ["１", "２"]),
        ("3、|5、", ["3、", "5、"]),
    ],
)
def test_chinese_and_full_width_numbers_are_those_of_the_paragraphs(typed, labels):
    document = read("\n\n".join(f"{label}我们感谢工作组。" for label in typed.split("|")))
    blocks = parse_blocks("\n\n".join(document.blocks))
    assert [(block.label, block.text) for block in blocks] == [
        (label, "我们感谢工作组。") for label in labels
    ]


def test_a_chinese_list_of_numbers_is_no_number_of_a_paragraph():
    assert read("3、5、7都是数。\n\n4、6、8也是。").blocks == ("3、5、7都是数。", "4、6、8也是。")
    assert read("一、我们。\n\n他们。").blocks == ("一、我们。", "他们。")


def test_numbered_lines_are_paragraphs_of_their_own():
    document = read("We ask:\n1. that it be kept,\n2. that it be public.\n\n- one\n- two\n  more\n")
    assert document.blocks == (
        "We ask:",
        "1. that it be kept,",
        "2. that it be public.",
        "- one\n- two\\\n  more",
    )


WRAPPED = """We thank the group for its third draft, which rests on Resolution
70/125 and was sent in October, and which we have read with care and
attention.

Example Society
12 Example Street
Exampletown

Each point is a whole sentence on a line of its own.
Short."""


def test_wrapped_lines_are_joined_and_others_stay():
    assert read(WRAPPED).blocks == (
        (
            "We thank the group for its third draft, which rests on Resolution 70/125 and was sent in "
            "October, and which we have read with care and attention."
        ),
        "Example Society\\\n12 Example Street\\\nExampletown",
        "Each point is a whole sentence on a line of its own.\\\nShort.",
    )


PDF = """On the minutes of the meetings

Dear Chair,

We thank the group for its third draft, which rests on a multi-
stakeholder model and its e\ufb03cient \ufb01nancing. Every mem-
ber of the group

Example Society                                          Page 1 of 3
\fExample Society, On the minutes of the meetings

has read it, and nobody minds co-
operation. We welcome co-operation in every form that the members
choose.

Example Society                                          Page 2 of 3
\fExample Society, On the minutes of the meetings

We remain at your disposal.

                              - 3 -
\f"""


def test_the_text_of_a_pdf_file_loses_its_page_furniture_and_broken_words():
    document = read_plain_text(PDF.encode())
    assert document.title == "On the minutes of the meetings"
    assert document.blocks == (
        "Dear Chair,",
        (
            "We thank the group for its third draft, which rests on a multistakeholder model and its "
            "efficient financing. Every member of the group has read it, and nobody minds co-operation. "
            "We welcome co-operation in every form that the members choose."
        ),
        "We remain at your disposal.",
    )
    assert find_words(document, RemarkKind.JOINED_LINES) == "multistakeholder\nmember"
    furniture = find_words(document, RemarkKind.PAGE_FURNITURE)
    assert furniture.count("Example Society") == 4
    assert "- 3 -" in furniture


def test_a_comment_form_at_the_end_is_left_out_and_named():
    draft = read_letter_file(
        "a.txt", b"Title\n\nDear All\n\nWords of it.\n\nLeave a Comment\n\nYour name\n"
    )
    assert draft.source_text == "Dear All\n\nWords of it.\n"
    assert find_words(draft, RemarkKind.PAGE_FURNITURE) == "Leave a Comment\nYour name"


def test_a_web_page_with_the_wrong_name_is_read_as_a_page():
    page = b"<!DOCTYPE html><title>Title</title><p>Dear</p><p hidden>secret</p><p>Words.</p>"
    assert read_plain_text(page).blocks == ("Dear", "Words.")
