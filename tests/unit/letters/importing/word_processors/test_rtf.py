"""A letter taken from a Rich Text file has the words that a word processor shows."""

import pytest

from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.errors import UnreadableFile
from commentsite.letters.importing.word import read_word_document
from commentsite.letters.remarks import RemarkKind
from tests.support.word_oracle import list_letter_words

HEAD = (
    r"{\rtf1\ansi\ansicpg1252\deff0\deflang1033"
    r"{\fonttbl{\f0\fnil\fcharset0 Arial;}{\f1\fcharset204 Arial Cyr;}{\f2\fcharset128 MS Mincho;}"
    r"{\f3\fcharset2 Wingdings;}{\f4\fcharset178 Arial;}}"
    r"{\colortbl;\red0\green0\blue0;\red255\green255\blue255;}"
    r"{\stylesheet{\s0 Normal;}{\s1\outlinelevel0 heading 1;}{\s2 Title;}{\*\cs9\v Internal;}}"
)


def read(body: str) -> ParsedDocument:
    return read_word_document(f"{HEAD}{body}}}".encode("latin-1"))


def get_words(document: ParsedDocument, kind: RemarkKind) -> str:
    return " ".join(remark.words for remark in document.remarks if remark.kind == kind)


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (r"caf\'e9 \u8364?", "café €"),
        (r"{\loch a }{-2015295488 \loch\i b}", "a *b*"),  # a changed format in LibreOffice 7
        (r"\uc2\u1078??\u1080??", "жи"),
        (r"\u-10179?\u-8704?", "😀"),
        (r"{\f1 \'cf\'f0\'e8\'e2\'e5\'f2}", "Привет"),
        (r"{\f2 \'93\'fa\'96\'7b}", "日本"),
        (r"{\f4 \'c7\'e1\'ed\'e6\'e3}", "اليوم"),
        (r"{\f3 \'fe}", "☑"),
        (r"a\emdash b\~c\_d\-e", "a—b\u00a0c\u2011de"),
        (r"a\line b", "a\\\nb"),
        (r"\{a\}\\", "{a}\\"),
        (r"{\b bold} m{\super 2}", "**bold** m²"),
        (r'{\field{\*\fldinst HYPERLINK "https://a.example/"}{\fldrslt here}}', "[here](https://a.example/)"),
        (r"{\field{\*\fldinst FORMCHECKBOX {\*\formfield{\fftype1\ffres1}}}{\fldrslt}}", "☒"),
        (r"{\field{\*\fldinst FORMCHECKBOX {\*\formfield{\fftype1\ffres25\ffdefres0}}}{\fldrslt}}", "☐"),
        (r"{\field{\*\fldinst FORMTEXT}{\fldrslt typed words}}", "typed words"),
        (r"{\field{\*\fldinst SYMBOL 254 \\f Wingdings}}", "☑"),
        (r"{\*\unknown gone}{\xe gone}kept{\*\bkmkstart gone}", "kept"),
    ],
)  # fmt: skip
def test_text_is_decoded_as_a_word_processor_does(body, shown):
    assert read(rf"\pard x {body} y\par").blocks == (f"x {shown} y",)


@pytest.mark.parametrize(
    "hidden",
    [
        r"Shown {\v secret}\par",
        r"Shown \v secret\v0\par",
        r"Shown \v {\b secret}\plain\par",
        r"Shown {\cs9 secret}\par",
        r"Shown {\cf2 secret}\par",
        r"Shown\par {\v secret\par}",
    ],
)
def test_hidden_text_is_left_out_and_named(hidden):
    document = read(rf"\pard {hidden}\pard\plain After.\par")
    assert list_letter_words(document) == ["shown", "after"]
    assert get_words(document, RemarkKind.HIDDEN_TEXT) == "secret"


def test_words_inserted_over_two_paragraphs_and_moved_words_are_named():
    document = read(
        r"\pard We {\revised did\par not} agree.\par {\mvf Moved.} Stayed.\par {\mvt Moved.}\par"
    )
    assert document.blocks == ("We did", "not agree.", "Stayed.", "Moved.")
    assert get_words(document, RemarkKind.TRACKED_CHANGES) == "+ did not\n− Moved.\n+ Moved."


def test_changes_comments_and_running_heads_are_named():
    document = read(
        r"{\header Example Society\par}\pard We {\deleted reject}{\revised accept} it."
        r"{\*\atnid AR}{\*\atnauthor A. Reviewer}\chatn{\*\annotation\pard Is this so?}\par"
    )
    assert document.blocks == ("We accept it.",)
    assert get_words(document, RemarkKind.TRACKED_CHANGES) == "− reject\n+ accept"
    assert get_words(document, RemarkKind.REVIEW_COMMENTS) == "Is this so?"
    assert get_words(document, RemarkKind.PAGE_FURNITURE) == "Example Society"


def test_numbers_and_bullets_are_those_of_the_file():
    document = read(
        r"\pard{\listtext\pard\plain 3.\tab}Three.\par"
        r"\pard\s1 Part\par"
        r"\pard{\pntext\f0 4.\tab}{\*\pn\pnlvlbody}Four.\par"
        r"\pard{\listtext\f3\'b7\tab}\ilvl0 a\par{\listtext\u8226?\tab}\ilvl1 b\par\pard Last.\par"
    )
    assert document.blocks == ("3. Three.", "## Part", "4. Four.", "- a\n  - b", "Last.")


def test_a_number_without_text_is_named_except_in_a_cell():
    document = read(
        r"\pard{\listtext 1.\tab}One.\par{\listtext 2.\tab}\par{\listtext\'b7\tab}\par"
        r"\trowd\cellx1000\cellx2000\pard\intbl{\listtext 3.\tab}\cell a\cell\row"
        r"\trowd\cellx1000\cellx2000\pard\intbl{\listtext 4.\tab}\cell b\cell\row\pard After.\par"
    )
    assert document.blocks[0] == "1. One."
    assert document.blocks[1] == "| 3\\. | a |\n| --- | --- |\n| 4\\. | b |"
    assert get_words(document, RemarkKind.EMPTY_ITEMS) == "2."


def test_rows_with_other_columns_are_aligned():
    document = read(
        r"\trowd\cellx1000\cellx3000\pard\intbl Tall\cell Wide\cell\row"
        r"\trowd\cellx1000\cellx2000\cellx3000\pard\intbl x\cell a\par b\cell c\cell\row\pard After.\par"
    )
    assert document.blocks == (
        "| Tall | Wide |  |\n| --- | --- | --- |\n| x | a / b | c |",
        "After.",
    )


def test_a_drop_cap_is_the_first_letter_of_its_word():
    document = read(r"Title\par\pard\dropcapli3\dropcapt1 W\par\pard e write.\par Words.\par")
    assert document.blocks[-2:] == ("We write.", "Words.")


def test_notes_title_and_pictures():
    document = read(
        r"{\info{\title A reply}{\author X}}\pard Society\par Text{\super\chftn}"
        r"{\footnote\pard{\super\chftn} A note.}.\par"
        r"{\*\shppict{\pict{\*\picprop{\sp{\sn wzDescription}{\sv A map}}}\pngblip 89504e47}}{\nonshppict{\pict 00}}\par"
    )
    assert document.title == "A reply"
    (picture,) = document.pictures
    assert (picture.content, picture.description) == (b"\x89PNG", "A map")
    assert document.blocks == ("Society", "Text[^1].", picture.marker, "[^1]: A note.")


@pytest.mark.parametrize("body", ["", "{" * 5000, r"{\*\skipped words}"])
def test_a_file_without_text_or_with_too_many_groups_is_refused(body):
    with pytest.raises(UnreadableFile):
        read(body)


@pytest.mark.parametrize(
    "body", [r"words}}}}", r"words\bin99999999999 x", r"words\u99999999?", r"words\'zz"]
)
def test_a_damaged_file_gives_its_words(body):
    assert read(body).blocks[0].startswith("words")


HIDDEN_SHAPE = r"{\sp{\sn fHidden}{\sv 1}}"


def make_shape(text: str, properties: str = "") -> str:
    return rf"{{\shp{{\*\shpinst{properties}{{\shptxt \pard\plain {text}\par}}}}}}"


@pytest.mark.parametrize(
    "hidden",
    [
        rf"Shown {{\v {make_shape('secret')}}}\par",
        rf"Shown \v {make_shape('secret')}\v0\par",
        rf"Shown {{\cs9 {make_shape('secret')}}}\par",
        rf"Shown {make_shape('secret', HIDDEN_SHAPE)}\par",
        r"Shown {\v{\do\dptxbx{\dptxbxtext\pard\plain secret\par}}}\par",
    ],
)
def test_boxes_of_a_hidden_place_are_left_out_and_named(hidden):
    document = read(rf"\pard {hidden}\pard\plain After.\par")
    assert list_letter_words(document) == ["shown", "after"]
    assert get_words(document, RemarkKind.HIDDEN_TEXT) == "secret"


def test_a_shape_after_a_hidden_one_stays():
    hidden = make_shape("secret", HIDDEN_SHAPE)
    document = read(rf"\pard Shown {hidden}{make_shape('box')}\par")
    assert sorted(list_letter_words(document)) == ["box", "shown"]


def test_notes_in_a_hidden_shape_are_not_published():
    shape = make_shape(r"secret{\footnote \pard\plain private}")
    document = read(rf"\pard Shown.{{\v {shape}}}\par")
    assert document.blocks == ("Shown.",)
    assert get_words(document, RemarkKind.HIDDEN_TEXT) == "secret private"


@pytest.mark.parametrize(
    "text",
    [
        r"{\cf1\cb1 secret}",
        r"{\cf1\chcbpat1 secret}",
        r"{\cf1\highlight1 secret}",
        r"{\fs2 secret}",
        r"{\fs0 secret}",
        r"\pard\cbpat1{\cf1 secret}",
        r"{\highlight2\cf2 secret}",
        r"\trowd\clcbpat1\cellx100\cellx200\intbl{\cf1 secret}\cell\cell\row\pard",
    ],
)
def test_text_that_cannot_be_read_on_its_background_is_left_out_and_named(text):
    document = read(rf"\pard Shown.\par {text}\par\pard\plain After.\par")
    assert document.blocks == ("Shown.", "After.")
    assert get_words(document, RemarkKind.HIDDEN_TEXT) == "secret"


@pytest.mark.parametrize(
    "text",
    [
        r"\pard{\cf2\highlight1 Shown}\par",
        r"\pard\cbpat1{\cf2 Shown}\par",
        r"\trowd\clcbpat1\cellx100\intbl{\cf2 Shown}\cell\row\pard",
        r"\trowd\trcbpat1\cellx100\intbl{\cf2 Shown}\cell\row\pard",
        r"\pard{\cf1\fs16 Shown}\par",
        r"\pard{\cf0\cb1 Shown}\par",
    ],
)
def test_text_that_contrasts_with_its_background_stays(text):
    assert read(text).blocks == ("Shown",)
