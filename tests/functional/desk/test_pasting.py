"""An editor pastes formatted text into a letter, and gets Markdown and what was left out."""

import io

import pytest

from commentsite.db.session import transaction
from commentsite.letters.queries import get_any_letter
from commentsite.letters.states import LetterState
from tests.support.clients import fetch_csrf_token, fetch_page
from tests.support.letter_editing import (
    act_on_letter,
    confirm_import,
    import_file,
    make_publishable,
    post_letter_form,
    save_text,
)

MAIL = (
    "<meta charset='utf-8'><h2>Part</h2><p>We <b>ask</b>, <span style='display:none'>secret</span>"
    "[x] and <a href='https://www.google.com/url?q=https://example.org/a'>more</a>.</p>"
    "<img src='data:image/png;base64,iVBORw0KGgo=' alt='Our chart'>"
)


def paste(client, sent, slug="hello"):
    token = fetch_csrf_token(client, f"/desk/letters/{slug}/edit")
    address = f"/desk/letters/{slug}/paste"
    return client.post(address, json=sent, headers={"X-CSRFToken": token})


def test_formatted_text_becomes_markdown_with_remarks(editor):
    answer = paste(editor, {"html": MAIL})
    assert answer.status_code == 200
    assert answer.json["markdown"] == (
        "## Part\n\nWe **ask**, \\[x] and [more](https://example.org/a)."
    )
    remarks = "\n".join(answer.json["remarks"])
    assert "secret" in remarks
    assert "Our chart" in remarks


def test_remarks_on_pasted_text_are_confirmed_before_publication(editor):
    content = b"Subject: A record\nFrom: ana@example.org\n\nDear all,\n\nWords of it.\n"
    import_file(editor, "mail.eml", content)  # with remarks on its headers
    make_publishable(editor)
    confirm_import(editor)
    answer = paste(editor, {"html": MAIL}, "a-record").json
    assert answer["check"]["address"] == "/desk/letters/a-record/publish#import"
    assert paste(editor, {"html": "<p>Words.</p>"}, "a-record").json["check"] is None
    save_text(editor, 0, answer["markdown"])
    page = fetch_page(editor, "/desk/letters/a-record/publish")
    assert "Check the pasted text" in page
    assert "ana@example.org" not in page.partition('id="import"')[2].partition("</section>")[0]
    assert act_on_letter(editor, "publish-now").status_code == 409
    assert confirm_import(editor).status_code == 303
    assert act_on_letter(editor, "publish-now").status_code == 303
    # The version still has the file that it was imported from.
    assert editor.get("/desk/letters/a-record/original/1").data == content


def test_remarks_that_no_editor_confirmed_stay_with_those_on_pasted_text(editor):
    import_file(editor, "mail.eml", b"Subject: A record\nFrom: ana@example.org\n\nWords of it.\n")
    for _ in range(2):  # the same text twice has its remarks once
        paste(editor, {"html": MAIL}, "a-record")
    page = fetch_page(editor, "/desk/letters/a-record/edit")
    assert "From: ana@example.org" in page
    assert page.count("Our chart") == 1
    save_text(editor, 0, "Other words.")
    post_letter_form(editor, "/desk/letters/a-record/discard")
    page = fetch_page(editor, "/desk/letters/a-record/edit")
    assert "From: ana@example.org" in page
    assert "Our chart" not in page


def test_text_of_a_withdrawn_letter_takes_no_paste(app, editor):
    with app.app_context(), transaction():
        get_any_letter("hello").state = LetterState.WITHDRAWN
    answer = paste(editor, {"html": MAIL})
    assert answer.status_code == 409
    assert answer.json["problem"].endswith(".")


@pytest.mark.parametrize("sent", [None, [], {"html": 1}, {"text": "x"}, {"html": "<div>" * 5_000}])
def test_what_cannot_be_pasted_is_refused_with_a_sentence(editor, sent):
    answer = paste(editor, sent)
    assert answer.status_code == 422
    assert answer.json["problem"].endswith(".")


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>11. One corrected paragraph.</p>", "11. One corrected paragraph."),
        ("<p><b>11 bis.</b> One more.</p>", "11 bis. One more."),
        ("<p>(b) The second part.</p>", "(b) The second part."),
        ("<p>iv) The fourth.</p>", "iv) The fourth."),
        ("<p>Above.</p><p>7. One.</p><p>Below.</p>", "Above.\n\n7. One.\n\nBelow."),
        ("<p>1989. It was a year.</p>", "1989\\. It was a year."),
        ("<p>12. Oktober 2018, am Abend.</p>", "12\\. Oktober 2018, am Abend."),
        ("<p>12. 10. 2018, am Abend.</p>", "12\\. 10. 2018, am Abend."),
        ("<p>12 October 2018, in Geneva.</p>", "12 October 2018, in Geneva."),
        ("<p>(we) ask again.</p>", "(we) ask again."),
    ],
)
def test_a_single_numbered_paragraph_keeps_its_number(editor, html, markdown):
    assert paste(editor, {"html": html}).json["markdown"] == markdown


def test_pasting_needs_the_token_of_the_page(editor):
    assert editor.post("/desk/letters/hello/paste", json={"html": MAIL}).status_code == 400


def test_strangers_cannot_paste(client):
    assert client.post("/desk/letters/hello/paste", json={"html": MAIL}).status_code in {
        302,
        400,
        401,
        403,
    }


def test_the_title_of_the_form_serves_a_file_without_one(editor):
    page = b"<p>Dear Chair,</p><p>Words of it.</p>"
    refused = import_file(editor, "a.html", page)
    assert refused.status_code == 422
    assert "has no title" in refused.text
    answer = post_letter_form(
        editor,
        "/desk/letters/new",
        files={"file": (io.BytesIO(page), "a.html")},
        title="On the minutes",
    )
    assert answer.headers["Location"] == "/desk/letters/on-the-minutes/edit"


def test_an_invalid_language_is_refused_in_the_form_of_the_letter(editor):
    import_file(editor)
    page = fetch_page(editor, "/desk/letters/a-record/record")
    version = page.partition('name="record_version" value="')[2].partition('"')[0]
    answer = post_letter_form(
        editor, "/desk/letters/a-record/record", record_version=version, language="english"
    )
    assert answer.status_code == 422
    assert "is not a code of a language" in answer.text
    assert 'value="english"' in answer.text


def test_a_mail_as_a_letter_shows_no_address_to_readers(client, editor):
    mail = (
        b"From: Ana <ana@example.org>\nTo: desk@example.net\nCc: +41 22 000 00 00\n"
        b"Subject: Re: On the minutes\n\nDear Chair,\n\nWords of it, enough of them.\n\n-- \nAna\n"
        b"Tel. +41 22 111 11 11\n"
    )
    answer = import_file(editor, "mail.eml", mail)
    page = fetch_page(editor, answer.headers["Location"])
    form = page.partition("data-editor")[2].partition("</form>")[0]
    for private in ("ana@example.org", "desk@example.net", "+41 22"):
        assert private not in form
