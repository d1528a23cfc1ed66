"""The bar that leads staff from public pages to the desk, and the first steps of a new steward."""

import pytest

from tests.support.clients import add_and_sign_in, fetch_page, post_form
from tests.support.factories import update_site_settings


def test_readers_get_no_bar_and_public_pages_are_the_same_for_staff(client, steward):
    answer = client.get("/desk/bar?letter=hello")
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert client.get("/rules").data == steward.get("/rules").data
    assert 'href="/account/login">Staff sign-in</a>' in fetch_page(client, "/rules")


@pytest.mark.parametrize(
    ("role", "letter", "can_edit"),
    [
        ("moderator", "hello", False),
        ("editor", "hello", True),
        ("editor", "nothing", False),
        ("editor", "", False),
    ],
)
def test_the_bar_offers_what_the_role_allows(app, role, letter, can_edit):
    staff = add_and_sign_in(app, role, "one@staff.example", "Olga One")
    bar = fetch_page(staff, f"/desk/bar?letter={letter}")
    assert "Olga One" in bar
    assert "0 waiting" in bar
    assert ("/desk/letters/hello/edit" in bar) is can_edit


def test_staff_who_must_set_up_a_second_factor_first_get_no_bar(app, moderator):
    update_site_settings(app, staff_need_second_factor=True)
    assert moderator.get("/desk/bar").status_code == 204


def test_steps_are_ticked_by_the_state_of_the_site_and_the_list_can_be_hidden(steward):
    page = fetch_page(steward, "/desk/")
    assert "7 steps remain" in page  # the sample letter is published
    assert post_form(steward, "/desk/settings/checklist/rules-read", "/desk/").status_code == 303
    assert "6 steps remain" in fetch_page(steward, "/desk/")
    assert post_form(steward, "/desk/settings/checklist/dismiss", "/desk/").status_code == 303
    assert "First steps" not in fetch_page(steward, "/desk/")
    post_form(steward, "/desk/settings/checklist/restore", "/desk/settings/")
    assert "First steps" in fetch_page(steward, "/desk/")


def test_others_than_stewards_see_no_checklist(editor):
    assert "First steps" not in fetch_page(editor, "/desk/")


def test_a_steward_sends_a_test_message_and_reads_what_happened(steward):
    page = "/desk/settings/email/"
    assert "This site sends no emails yet." in fetch_page(steward, page)
    answer = post_form(steward, page, to="nobody")
    assert "email address" in fetch_page(steward, answer.headers["Location"])
    answer = post_form(steward, page, to="a@example.org")
    shown = fetch_page(steward, answer.headers["Location"])
    assert "was written to a file" in shown
    assert 'value="a@example.org"' in shown
