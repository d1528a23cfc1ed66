"""One letter, saved in every format, has the same paragraphs, numbers and title."""

from email.message import EmailMessage

import pypandoc
import pytest

from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.text.paragraphs import parse_blocks
from tests.support.word_files import make_docx, numbered, numbering, p
from tests.support.word_oracle import convert_with_libreoffice

TITLE = "On the minutes of the meetings"
PARAGRAPHS = [
    "Dear Chair,",
    "We thank the group for its draft – as sent – which rests on Resolution 70/125 of 2015.",
    "1. A keeper of the record is named before each meeting.",
    "2. The record is public [within ten days] & kept for ten years.",
    "1989. Das war ein Jahr, in dem 2 * 3 = 6 galt.",
    "- a point that is marked\n- another point that is marked",
    "We remain at your disposal for questions.",
]
SIGNATURE = "Ana Example"


def write_text():
    return "\n\n".join([TITLE, *PARAGRAPHS, SIGNATURE]).encode()


def write_page():
    def write(text):
        text = text.replace("&", "&amp;")
        if text.startswith("- "):
            return f"<ul>{''.join(f'<li>{line[2:]}</li>' for line in text.splitlines())}</ul>"
        if text.startswith(("1. ", "2. ")):
            return f"<ol start={text[0]}><li>{text[3:]}</li></ol>"
        return f"<p>{text}</p>"

    body = "".join(map(write, [*PARAGRAPHS, SIGNATURE]))
    return f"<meta charset=utf-8><h1>{TITLE}</h1>{body}".encode()


def write_mail():
    message = EmailMessage()
    message["From"], message["Subject"] = "Ana <ana@example.org>", f"Re: {TITLE}"
    message.set_content("\n\n".join([*PARAGRAPHS, SIGNATURE]))
    return message.as_bytes()


def write_word():
    bullets = [line[2:] for line in PARAGRAPHS[5].splitlines()]
    escaped = [text.replace("&", "&amp;") for text in PARAGRAPHS]
    return make_docx(
        p(TITLE, style="Title"),
        *map(p, escaped[:2]),
        *(numbered(text[3:], 1) for text in escaped[2:4]),
        p(escaped[4]),
        *(numbered(text, 2) for text in bullets),
        p(escaped[6]),
        p(SIGNATURE),
        numbering=numbering(("decimal", "%1.")) + numbering(("bullet", "•")),
    )


def list_blocks(name, content):
    draft = read_letter_file(name, content)
    assert draft.title == TITLE
    assert draft.editors_note == ""
    return [(b.kind, b.label, b.text) for b in parse_blocks(draft.source_text)]


def test_text_page_and_mail_are_the_same_letter():
    expected = list_blocks("a.txt", write_text())
    assert [label for _, label, _ in expected if label] == ["[1]", "1", "2", "[4]", "[5]", "[6]"]
    assert list_blocks("a.html", write_page()) == expected
    assert list_blocks("a.eml", write_mail()) == expected
    assert list_blocks("mail.txt", write_mail()) == expected


@pytest.mark.parametrize("file_format", ["docx", "odt", "rtf"])
def test_documents_by_pandoc_are_the_same_letter(tmp_path, file_format):
    file = tmp_path / f"a.{file_format}"
    pypandoc.convert_text(
        write_page().decode(), file_format, format="html", outputfile=str(file), extra_args=["-s"]
    )
    assert list_blocks(file.name, file.read_bytes()) == list_blocks("a.txt", write_text())


@pytest.mark.parametrize("file_format", ["odt", "rtf", "docx", "html"])
def test_files_that_libreoffice_saves_are_the_same_letter(tmp_path, file_format):
    source = tmp_path / "a.docx"
    pypandoc.convert_text(
        write_page().decode(), "docx", format="html", outputfile=str(source), extra_args=["-s"]
    )
    folder = tmp_path / "saved"
    folder.mkdir()
    convert_with_libreoffice([source], file_format, folder)
    [saved] = folder.glob("a.*")
    assert list_blocks(saved.name, saved.read_bytes()) == list_blocks("a.txt", write_text())
