"""Every word that a document shows stands in the letter, and no other word does."""

from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.word import read_word_document
from commentsite.letters.text.paragraphs import parse_blocks
from tests.support.word_files import make_docx, p, r
from tests.support.word_generator import (
    SIGNS,
    sources,
    write_odfpy,
    write_pandoc,
    write_python_docx,
    write_xml,
)
from tests.support.word_oracle import (
    convert_with_libreoffice,
    find_lost_words,
    list_letter_words,
    list_words,
    read_with_pandoc,
)

MANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


def check_words(document: ParsedDocument, source) -> None:
    """Compare the words of a letter with those that its source shows and removes."""
    letter = [word for word in list_letter_words(document) if word.startswith(("w", "nw"))]
    shown = list_words(" ".join(source.shown()))
    expected = [word for word in shown if word.startswith("w")]
    assert [word for word in letter if word.startswith("w")] == expected
    assert [word for word in letter if word.startswith("nw")] == source.notes()
    assert find_lost_words(document, shown) == []
    removed = set(list_words(" ".join(source.removed())))
    named = set(list_words(" ".join(remark.words for remark in document.remarks)))
    assert removed <= named
    assert not {word for word in removed if word.startswith("w")} & set(letter)


@pytest.mark.parametrize("writer", [write_xml, write_python_docx, write_odfpy])
@MANY
@given(data=st.data())
def test_words_survive_and_removed_words_are_named(writer, data):
    styles = None if writer is write_xml else ("plain", "bold", "italic", "hidden")
    source = data.draw(sources(styles=styles))
    check_words(read_word_document(writer(source)), source)


@pytest.mark.parametrize("file_format", ["docx", "odt", "rtf"])
@FEW
@given(source=sources(("paragraph", "heading", "numbered", "bullet")))
def test_words_of_files_by_pandoc_survive(file_format, source):
    content = write_pandoc(source, file_format)
    document = read_word_document(content)
    letter = list_letter_words(document)
    expected = [word for word in list_words(" ".join(source.shown())) if word.startswith("w")]
    assert [word for word in letter if word.startswith("w")] == expected
    assert [word for word in letter if word.startswith("nw")] == source.notes()


@FEW
@given(source=sources(styles=("plain", "bold", "italic", "inserted", "deleted")))
def test_pandoc_sees_no_word_that_the_letter_lacks(source):
    content = write_xml(source)
    # Pandoc begins with 1 after a level that was skipped. Word and LibreOffice count it.
    seen = [word for word in list_words(read_with_pandoc(content, "docx")) if not word.isdecimal()]
    assert find_lost_words(read_word_document(content), seen, in_order=False) == []


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from([*"ab 1.-+*_~`#>|[]()<>&;:\\!{}=é中", *SIGNS]), min_size=1).map("".join),
            st.sampled_from(["", "<w:b/>", "<w:i/>", "<w:strike/>"]),
        ),
        min_size=1,
        max_size=4,
    )
)  # fmt: skip
@example([("~", "<w:strike/>")])
def test_signs_of_markdown_stay_as_typed(pieces):
    escaped = [(escape(text), style) for text, style in pieces]
    typed = " ".join("".join(text for text, _ in pieces).split())
    if not any(letter.isalnum() for letter in typed):
        typed, escaped = f"x {typed}", [("x ", ""), *escaped]
    content = make_docx(p("Dear Chair,"), p(*(r(text, style) for text, style in escaped)))
    blocks = read_word_document(content).blocks
    _, *rendered = parse_blocks("\n\n".join(blocks))
    text = " ".join(f"{block.text}" for block in rendered)
    assert " ".join(text.split()) == " ".join(typed.split())


def test_libreoffice_sees_the_same_words_and_its_odt_gives_the_same_letter(tmp_path):
    examples = []

    @settings(max_examples=12, deadline=None, database=None, derandomize=True)
    @given(sources(styles=("plain", "bold", "italic", "hidden", "style", "deleted", "inserted")))
    def collect(source):
        examples.append(source)

    collect()
    files = []
    for number, source in enumerate(examples):
        files.append(tmp_path / f"letter{number}.docx")
        files[-1].write_bytes(write_xml(source))
    folder = tmp_path / "out"
    folder.mkdir()
    convert_with_libreoffice(files, "odt", folder)
    convert_with_libreoffice(files, "txt:Text (encoded):UTF8", folder)
    for file in files:
        document = read_word_document(file.read_bytes())
        odt = read_word_document((folder / f"{file.stem}.odt").read_bytes())
        assert odt.blocks == document.blocks
        seen = list_words((folder / f"{file.stem}.txt").read_text("utf-8-sig"))
        assert find_lost_words(document, seen) == []
