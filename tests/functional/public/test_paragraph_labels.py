"""Every page that names a paragraph names it by the number that its author gave."""

import io
import re

import pytest
from pypdf import PdfReader

from commentsite.db.session import transaction
from commentsite.letters.draft import AuthorDraft, LetterDraft, PermissionDraft
from tests.support.clients import fetch_case, fetch_page, publish, submit, submit_for_receipt
from tests.support.factories import publish_draft
from tests.support.letter_editing import act_on_letter, import_file, make_publishable, save_text
from tests.support.pages import paragraph_ids
from tests.support.pdf import fetch_pdf

SOURCE = """Dear all

11. The first numbered paragraph cites A/RES/70/125, para 65, at length.

11 bis. The second numbered paragraph was added later on.

This paragraph has no number of its own.

(b) The fourth paragraph has a letter in brackets.

17. A list follows here:

    18. eighteen things
    20. twenty things

Yours faithfully
"""
LABELS = ["11", "11 bis", "[3]", "(b)", "17"]


@pytest.fixture
def numbered(app):
    draft = LetterDraft(
        title="Numbered",
        slug="numbered",
        authors=(AuthorDraft("Ana Author"),),
        source_text=SOURCE,
        permission=PermissionDraft("Ana"),
    )
    with app.app_context(), transaction():
        publish_draft(draft)


def text_of(markup):
    return " ".join(re.sub(r"<[^>]+>", "", markup).split())


@pytest.mark.usefixtures("numbered")
def test_the_page_shows_the_authors_numbers_beside_the_text_and_in_the_form(client):
    page = fetch_page(client, "/letters/numbered")
    beside = re.findall(r'class="para-n".*?<q>(.*?)</q>', page, re.DOTALL)
    assert [text_of(label) for label in beside] == LABELS
    choices = re.findall(r'class="num">.*?<span>(.*?)</span>', page, re.DOTALL)
    assert [text_of(label) for label in choices] == LABELS
    for label in LABELS:
        assert f'aria-label="Paragraph {label}"' in page
    assert '<bdi dir="ltr">11 bis</bdi>' in page  # keeps its own direction
    assert "in paragraph 11" in page


@pytest.mark.usefixtures("numbered")
def test_everything_about_a_comment_names_the_authors_numbers(client, moderator):
    pids = paragraph_ids(fetch_page(client, "/letters/numbered"))
    receipt = submit_for_receipt(
        client, "numbered", kind="paragraph", paragraphs=[pids[1], pids[3]]
    )
    expected = "on paragraphs 11 bis, (b)"
    assert expected in text_of(fetch_page(client, receipt))
    assert expected in text_of(fetch_case(moderator))
    assert "(b) The fourth paragraph" in text_of(fetch_case(moderator))
    publish(moderator)
    assert expected in text_of(fetch_page(client, "/letters/numbered"))
    one = text_of(fetch_page(client, f"/letters/numbered/paragraphs/{pids[1]}"))
    assert "Paragraph 11 bis" in one
    assert "Paragraph [3]" in one
    reader = PdfReader(io.BytesIO(fetch_pdf(client, "/letters/numbered/letter.pdf").data))
    pdf = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert expected in pdf
    for part in ("11 bis", "[3]", "18.", "20."):
        assert part in pdf
    assert "19." not in pdf


@pytest.mark.usefixtures("numbered")
def test_the_page_of_a_document_names_the_citing_paragraph(client):
    page = text_of(fetch_page(client, "/documents/A/RES/70/125"))
    assert ", paragraph 11:" in page


def test_a_letter_without_authors_numbers_is_as_before(client):
    page = fetch_page(client)
    assert '<span class="para-n' not in page
    assert re.findall(r"<q>(\d)</q></a>", page) == ["1", "2", "3"]


def test_a_correction_splits_a_numbered_list_and_keeps_the_comments(editor, moderator, client):
    """The list is stored as one paragraph, as letters before numbered paragraphs were."""
    items = [
        "The first item of the list speaks about the meeting room and its missing windows.",
        "The second item asks why nobody kept the minutes of the long afternoon session.",
        "The third one proposes that every delegation prints its position side by side.",
    ]
    tight = "\n".join(f"{n}. {item}" for n, item in enumerate(items, 5))
    import_file(
        editor, content=f"# A record\n\nA first paragraph stands here.\n\n{tight}\n".encode()
    )
    make_publishable(editor)
    act_on_letter(editor, "publish-now")
    old = paragraph_ids(fetch_page(client, "/letters/a-record"))
    assert len(old) == 2
    submit(client, "a-record", kind="paragraph", paragraphs=[old[1]], body="About the list.")
    publish(moderator)
    loose = "\n\n".join(f"{n}. {item}" for n, item in enumerate(items, 5))
    save_text(editor, 0, f"A first paragraph stands here.\n\n{loose}\n")
    act_on_letter(editor, "correct", change="editorial", note="Numbers of the paragraphs.")
    page = fetch_page(client, "/letters/a-record")
    new = paragraph_ids(page)
    assert len(new) == 4
    assert old[0] == new[0]
    assert old[1] in new[1:]
    assert "About the list." in page
    assert "paragraph 2 of version 1" in text_of(page)
    changes = text_of(fetch_page(client, "/letters/a-record/changes/1/2"))
    assert "Split into several paragraphs" in changes


def list_asking_lines(page):
    """Return the lines that a reader sees. A template, which is for scripts, is not shown."""
    shown = re.sub(r"<template.*?</template>", "", page, flags=re.DOTALL)
    return [text_of(line) for line in re.findall(r'<p class="asking".*?</p>', shown, re.DOTALL)]


@pytest.mark.usefixtures("numbered")
def test_the_form_says_which_paragraph_a_comment_is_about(client):
    second = paragraph_ids(fetch_page(client, "/letters/numbered"))[1]
    assert list_asking_lines(fetch_page(client, f"/letters/numbered?on={second}")) == [
        "On paragraph 11 bis: “The second numbered paragraph was added later on.”"
    ]
    assert list_asking_lines(fetch_page(client, "/letters/numbered")) == []
