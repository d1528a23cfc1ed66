"""An editor begins a letter from the fields of a form, from pasted text or from a file, over HTTP."""

import base64
import io
import re

import pytest

from commentsite.letters.queries import get_any_letter
from tests.support.clients import fetch_csrf_token, fetch_page
from tests.support.letter_editing import (
    SOURCE,
    act_on_letter,
    post_letter_form,
    record_permission,
)
from tests.support.pictures import make_picture

NEW = "/desk/letters/new"
TYPED = {
    "title": "On the minutes",
    "author_name": ["Ada Delegate", "Ben Co-Author"],
    "author_group": ["CIV", "ACA"],
    "author_capacity": ["delegate", "on_behalf_of"],
    "author_organisation": ["Open Networks", "A University"],
    "language": "fr",
    "date_written": "2026-10-09",
    "text": "Madame, Monsieur,\n\nNous demandons que les deux positions soient imprimées.\n",
}


def create(editor, **changes):
    return post_letter_form(editor, NEW, **(TYPED | changes))


def load(editor, slug="on-the-minutes"):
    with editor.application.app_context():
        return get_any_letter(slug)


def test_the_fields_of_the_form_become_the_letter(editor):
    answer = create(editor)
    assert answer.headers["Location"] == "/desk/letters/on-the-minutes/edit"
    letter = load(editor)
    assert [(a.name, a.stakeholder_group, a.capacity, a.organisation) for a in letter.authors] == [
        ("Ada Delegate", "CIV", "delegate", "Open Networks"),
        ("Ben Co-Author", "ACA", "on_behalf_of", "A University"),
    ]
    assert (letter.language, letter.date_written.isoformat()) == ("fr", "2026-10-09")
    page = fetch_page(editor, "/desk/letters/on-the-minutes/edit")
    assert "Ada Delegate, Ben Co-Author" in page
    assert "written on 9 October 2026" in page


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        (
            {"title": "", "text": " "},
            ["Enter the title of the letter.", "Enter the text of the letter, or choose a file."],
        ),
        ({"date_written": "soon"}, ["Enter the date as year, month and day"]),
        ({"language": "xx-bad-code"}, ["is not a code of a language"]),
        ({"author_name": ["A" * 121, "Ben Co-Author"]}, ["Enter a name of at most 120 characters"]),
        ({"text": "---\n: [\n---\nA text."}, ["The front matter of The letter is not YAML"]),
    ],
)
def test_a_refused_form_names_each_field_and_keeps_what_was_typed(editor, changes, sentences):
    answer = create(editor, **changes)
    assert answer.status_code == 422
    summary = answer.text.partition('class="summary"')[2].partition("</div>")[0]
    for sentence in sentences:
        assert sentence in summary
        assert answer.text.count(sentence) == 2  # in the summary and at the field
    for target in re.findall(r'href="#([\w-]+)"', summary):
        assert f'id="{target}"' in answer.text
    for kept in ("Ben Co-Author", "A University", "letter.md", "pasted.md"):
        assert (kept in answer.text) == (not kept.endswith(".md"))


def test_buttons_add_and_remove_authors_without_a_script(editor):
    added = create(editor, row="add")
    assert added.status_code == 200
    assert added.text.count('name="author_name"') == 3
    removed = create(editor, row="remove-1")
    assert removed.text.count('name="author_name"') == 1
    assert "Ben Co-Author" in removed.text
    assert "Ada Delegate" not in removed.text
    assert "Nous demandons" in removed.text
    assert 'id="author-3"' not in fetch_page(editor, NEW)


def test_front_matter_fills_only_the_fields_that_are_empty(editor):
    text = (
        "---\ntitle: Another title\nauthors: [Cleo]\nlanguage: en\noccasion: After the session\n"
        "date_written: 2020-01-01\n---\n" + SOURCE
    )
    create(editor, text=text, language="", date_written="", author_name=["", ""])
    letter = load(editor)
    assert ([a.name for a in letter.authors], letter.language) == (["Cleo"], "en")
    assert (letter.occasion, letter.date_written.isoformat()) == (
        "After the session", "2020-01-01",
    )  # fmt: skip
    assert "## Another title" in fetch_page(editor, "/desk/letters/on-the-minutes/edit")


def test_a_language_that_no_one_knows_is_asked_for_before_publication(client, editor):
    create(editor, text="Brief.\n", language="")
    assert load(editor).language == "und"
    record_permission(editor, "on-the-minutes")
    page = fetch_page(editor, "/desk/letters/on-the-minutes/publish")
    assert "One thing is missing before the letter can be published." in page
    assert "Publish now" not in page
    assert 'href="/desk/letters/on-the-minutes/record#language"' in page
    refused = act_on_letter(editor, "publish-now", "on-the-minutes")
    assert refused.status_code == 422
    assert "Choose the language of this letter." in refused.text
    assert client.get("/letters/on-the-minutes").status_code == 404


def paste(editor, html):
    token = fetch_csrf_token(editor, NEW)
    return editor.post(
        "/desk/letters/paste", json={"html": html}, headers={"X-CSRFToken": token}
    ).json


def test_remarks_and_pictures_of_pasted_text_come_along_with_the_letter(client, editor):
    source = base64.b64encode(make_picture()).decode()
    pasted = paste(
        editor,
        "<p>We <b>ask</b> you.</p><p style='display:none'>secret words</p>"
        f"<p><img alt='Our chart' src='data:image/png;base64,{source}'></p>",
    )
    assert "We **ask** you." in pasted["markdown"]
    assert "![Our chart](media:" in pasted["markdown"]
    create(editor, language="en", text=pasted["markdown"], pasted=[pasted["paste"], "{]", "[1]"])
    record_permission(editor, "on-the-minutes")
    page = fetch_page(editor, "/desk/letters/on-the-minutes/publish")
    assert "secret words" in page
    assert act_on_letter(editor, "publish-now", "on-the-minutes").status_code == 409
    number = re.search(r"/imports/(\d+)/confirm", page)[1]
    address = f"/desk/letters/on-the-minutes/imports/{number}/confirm"
    token = fetch_csrf_token(editor, "/desk/letters/on-the-minutes/publish")
    editor.post(address, data={"csrf_token": token, "language": "en"})
    assert act_on_letter(editor, "publish-now", "on-the-minutes").status_code == 303
    assert 'alt="Our chart"' in fetch_page(client, "/letters/on-the-minutes")


def test_a_typed_title_keeps_that_of_the_file_as_a_heading(editor):
    file = (io.BytesIO(b"# Of the file\n\nWe met twice in October.\n"), "a.md")
    create(editor, files={"file": file}, text="")
    page = fetch_page(editor, "/desk/letters/on-the-minutes/edit")
    assert "## Of the file" in page
    assert "We met twice in October." in page
