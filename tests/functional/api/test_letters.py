"""Editors write letters through the API with a token."""

import pytest

from tests.support.api import (
    LETTERS,
    add_program,
    change_letter,
    create_letter,
    fetch_etag,
)
from tests.support.clients import fetch_page, post_form
from tests.support.factories import update_site_settings


@pytest.fixture
def program(app):
    return add_program(app, "editor")


def test_a_letter_is_a_draft_until_it_is_published(client, program):
    made = create_letter(client, program)
    assert made.status_code == 201
    assert made.headers["Location"].endswith(f"{LETTERS}/on-columns")
    assert client.get(f"{LETTERS}/on-columns").status_code == 404
    draft = client.get(f"{LETTERS}/on-columns", headers=program).get_json()
    assert (draft["state"], draft["text"]) == ("draft", "Dear all\n\nThe column is too narrow.\n")
    changed = change_letter(
        client, program, "on-columns", text="Dear all\n\nIt is far too narrow.\n", topics=["Type"],
        standfirst="On width.", date_written="2018-01-31", state="published",
    )  # fmt: skip
    assert changed.status_code == 200
    letter = client.get(f"{LETTERS}/on-columns").get_json()
    assert letter["blocks"][1]["text"] == "It is far too narrow."
    assert (letter["topics"], letter["date_written"]) == (["type"], "2018-01-31")
    assert "It is far too narrow." in fetch_page(client, "/letters/on-columns")


def test_members_that_are_left_out_stay(client, program):
    create_letter(client, program, source="An archive", language="fr")
    change_letter(client, program, "on-columns", licence="CC BY 4.0", date_received=None)
    letter = client.get(f"{LETTERS}/on-columns", headers=program).get_json()
    assert (letter["source"], letter["licence"], letter["language"]) == (
        "An archive",
        "CC BY 4.0",
        "fr",
    )
    assert letter["authors"][0]["name"] == "Zed"
    assert letter["has_unpublished_changes"] is False


def test_a_change_needs_the_newest_etag(client, program, editor):
    create_letter(client, program)
    etag = fetch_etag(client, program, "on-columns")
    address = f"{LETTERS}/on-columns"
    assert client.patch(address, json={"title": "X"}, headers=program).status_code == 428
    page = "/desk/letters/on-columns/edit"
    post_form(editor, page, title="By hand", source_text="Dear all\n\nBy hand.\n", revision="0")
    stale = client.patch(address, json={"title": "X"}, headers=program | {"If-Match": etag})
    assert stale.status_code == 412
    held = change_letter(client, program, "on-columns", title="X")
    assert held.status_code == 409
    assert "Edda Editor" in held.get_json()["detail"]


def test_text_of_a_published_letter_waits_for_a_correction(client, program):
    assert change_letter(client, program, "hello", title="Hello again").status_code == 200
    assert client.get(f"{LETTERS}/hello").get_json()["title"] == "Hello"
    assert client.get(f"{LETTERS}/hello", headers=program).get_json()["title"] == "Hello again"


def test_a_program_opens_and_closes_a_letter(client, program):
    closed = change_letter(client, program, "hello", comments_open=False)
    assert closed.get_json()["comments_open"] is False
    assert client.get(f"{LETTERS}/hello").get_json()["comments_open"] is False


def test_publishing_needs_what_the_desk_needs(client, program):
    create_letter(client, program, permission={"given_by": "Zed"}, authors=[])
    nameless = change_letter(client, program, "on-columns", state="published")
    assert nameless.status_code == 422
    assert nameless.get_json()["errors"][0]["field"] == "authors"


def test_publishing_keeps_the_rules_of_the_site(app, client, program):
    create_letter(client, program, permission={"given_by": "Zed"})
    update_site_settings(app, letters_need_two=True)
    assert change_letter(client, program, "on-columns", state="published").status_code == 403
    assert change_letter(client, program, "on-columns", state="review").status_code == 200
    assert change_letter(client, program, "on-columns", state="published").status_code == 403
    assert change_letter(client, program, "on-columns", state="draft").status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"slug": "hello"}, 409, "slug"),
        ({"slug": "!!!"}, 422, "slug"),
        ({"text": "# Only a heading"}, 422, "text"),
        ({"title": " "}, 422, "title"),
        ({"language": "klingonese"}, 422, "language"),
        ({"date_written": "31.1.2018"}, 422, "date_written"),
        ({"authors": [{"name": ""}]}, 422, "authors.0.name"),
    ],
)
def test_a_mistake_is_named(client, program, changes, status, field):
    answer = create_letter(client, program, **changes)
    assert answer.status_code == status
    assert [error["field"] for error in answer.get_json()["errors"]] == [field]
