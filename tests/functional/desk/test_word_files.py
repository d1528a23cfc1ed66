"""An editor takes in a letter from a word processor's file."""

import io
import re

import docx
import pytest

from commentsite.letters.importing import bounded
from tests.support.clients import fetch_page
from tests.support.factories import make_word_file
from tests.support.letter_editing import (
    PARAGRAPHS,
    act_on_letter,
    confirm_import,
    import_file,
    make_publishable,
)
from tests.support.pictures import make_picture
from tests.support.word_files import make_docx, make_odt, numbered, numbering, p, r

RTF = rb"{\rtf1\ansi\ansicpg1252{\stylesheet{\s1 Title;}}\pard\s1 From a file\par\pard Dear Chair,\par {\listtext 3.\tab}Third caf\'e9.\par {\v secret}\par}"
TITLE_STYLE = '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>'
DOCX = make_docx(
    p("From a file", style="Title"),
    p("Dear Chair,"),
    numbered("Third café."),
    p(r("secret", "<w:vanish/>")),
    styles=TITLE_STYLE,
    parts={"numbering": numbering(("decimal", "%1."), start=3)},
    main="document2.xml",
)
ODT = make_odt(
    '<text:p text:style-name="Title">From a file</text:p><text:p>Dear Chair,</text:p>'
    '<text:list text:style-name="L"><text:list-item><text:p>Third café.</text:p></text:list-item></text:list>'
    '<text:p><text:span text:style-name="H">secret</text:span></text:p>',
    automatic='<style:style style:name="H" style:family="text"><style:text-properties text:display="none"/></style:style>'
    '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="." text:start-value="3"/></text:list-style>',
)


@pytest.mark.parametrize(("name", "content"), [("a.docx", DOCX), ("a.odt", ODT), ("a.rtf", RTF)])
def test_a_file_becomes_a_letter_without_its_hidden_text(client, editor, name, content):
    assert (
        import_file(editor, name, content).headers["Location"] == "/desk/letters/from-a-file/edit"
    )
    assert "secret" in fetch_page(editor, "/desk/letters/from-a-file/edit")  # as a remark
    make_publishable(editor, "from-a-file")
    confirm_import(editor, "from-a-file")
    act_on_letter(editor, "publish-now", "from-a-file")
    page = fetch_page(client, "/letters/from-a-file")
    assert "Third café." in page
    assert "secret" not in page


@pytest.mark.parametrize(
    ("name", "content", "status", "sentence"),
    [
        (
            "a.docm",
            make_docx(p("x"), main_type="application/vnd.ms-word.document.macroEnabled.main+xml"),
            422,
            "with macros",
        ),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), 422, "not a Word file"),
        ("a.odt", b"PK\x05\x06" + bytes(18), 422, "not a Word file"),
        ("a.rtf", rb"{\rtf1 }", 422, "has no text"),
        ("a.docx", bytes(10_500_000), 422, "Choose a file of at most 10000 kB"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(
    editor, name, content, status, sentence
):
    answer = import_file(editor, name, content)
    assert answer.status_code == status
    assert sentence in answer.text


def test_too_many_files_at_a_time_are_asked_to_wait(editor, monkeypatch):
    monkeypatch.setattr(bounded, "MAX_WAIT_SECONDS", 0)
    for _ in range(bounded.MAX_CHILDREN):
        bounded._children.acquire()
    try:
        answer = import_file(editor, "a.docx", make_word_file(["Words."]))
    finally:
        for _ in range(bounded.MAX_CHILDREN):
            bounded._children.release()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "Other files are being read" in answer.text


def test_a_caption_of_word_is_shown_under_its_picture_and_has_no_number(client, editor):
    document = docx.Document()
    document.add_heading("A record", 0)
    document.add_paragraph(PARAGRAPHS[0])
    document.add_picture(io.BytesIO(make_picture((120, 70))))
    document.add_paragraph("Figure 1: The room.", style="Caption")
    document.add_paragraph(PARAGRAPHS[1])
    out = io.BytesIO()
    document.save(out)
    import_file(editor, "record.docx", out.getvalue())
    page = fetch_page(editor, "/desk/letters/a-record/edit")
    preview = page.partition('id="preview"')[2]
    assert re.search(r'<div class="between"[^>]*>\s*<p>Figure 1: The room.</p>', preview)
    field = re.search(r'name="(description-\w+)"', page)[1]
    make_publishable(editor)
    confirm_import(editor, **{field: "An empty room"})
    act_on_letter(editor, "publish-now")
    page = fetch_page(client, "/letters/a-record")
    assert "<figcaption>Figure 1: The room.</figcaption></figure>" in page
    assert page.count('class="para"') == 3
