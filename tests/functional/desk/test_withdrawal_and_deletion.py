"""An editor withdraws a letter or deletes a draft, on pages that ask first, and a steward restores it."""

import pytest

from tests.support.clients import add_and_sign_in, fetch_page, post_form
from tests.support.letter_editing import act_on_letter, import_file, make_publishable

PAGE = "/desk/letters/hello/publish"


@pytest.fixture
def steward(app):
    return add_and_sign_in(app, "steward", "sada@staff.example", "Sada Steward")


def test_the_page_that_asks_shows_what_readers_will_see_before_it_withdraws(client, editor):
    asked = fetch_page(editor, f"{PAGE}/withdraw")
    assert "Withdraw this letter?" in asked
    assert "Withdraw the letter</button>" not in asked
    refused = act_on_letter(editor, "withdraw", "hello", intent="preview", reason=" ")
    assert refused.status_code == 422
    shown = act_on_letter(editor, "withdraw", "hello", intent="preview", reason="By mistake.")
    assert "This is what readers will see:" in shown.text
    assert shown.text.count("By mistake.") == 2
    assert client.get("/letters/hello").status_code == 200
    assert act_on_letter(editor, "withdraw", "hello", reason="By mistake.").status_code == 303
    assert client.get("/letters/hello").status_code == 410
    page = fetch_page(editor, PAGE)
    assert "By mistake." in page
    assert "Make the letter public again" not in page
    assert editor.get(f"{PAGE}/withdraw").headers["Location"] == PAGE


def test_a_steward_makes_a_withdrawn_letter_public_again(client, editor, steward):
    act_on_letter(editor, "withdraw", "hello", reason="By mistake.")
    assert act_on_letter(editor, "restore", "hello").status_code == 403
    assert "/letters/hello" not in fetch_page(client, "/feed.atom")
    answer = post_form(steward, f"{PAGE}/restore", page=PAGE)
    assert answer.status_code == 303
    assert "The letter is public again. It is closed for comments." in fetch_page(steward, PAGE)
    assert "By mistake." not in fetch_page(client, "/letters/hello")
    for address in ("/", "/letters/", "/feed.atom", "/sitemap.xml"):
        assert "/letters/hello" in fetch_page(client, address)


def test_a_draft_is_deleted_after_a_question_and_its_address_is_free_again(editor):
    import_file(editor)
    make_publishable(editor)
    page = "/desk/letters/a-record/delete"
    assert f'href="{page}"' in fetch_page(editor, "/desk/letters/a-record/publish")
    assert "Delete this letter for good?" in fetch_page(editor, page)
    answer = post_form(editor, page, page=page)
    assert answer.headers["Location"] == "/desk/letters/"
    listed = fetch_page(editor, "/desk/letters/")
    assert "“A record” is deleted." in listed
    assert "/desk/letters/a-record" not in listed
    assert editor.get("/desk/letters/a-record/edit").status_code == 404
    assert import_file(editor).headers["Location"] == "/desk/letters/a-record/edit"


def test_a_published_letter_offers_no_deletion(editor):
    assert f"{PAGE.removesuffix('publish')}delete" not in fetch_page(editor, PAGE)
    answer = editor.get("/desk/letters/hello/delete")
    assert answer.status_code == 409
    assert "was never published" in answer.text
