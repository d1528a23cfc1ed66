"""Comments that come through the API meet the checks and limits of the form."""

import pytest
from limits import parse

from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import transaction
from commentsite.letters.comment_window import set_comments_open
from commentsite.web.http import comment_limits
from tests.support.api import COMMENTS, build_comment, send_comment
from tests.support.factories import comment_states, examine_received, make_app


def test_a_comment_waits_for_a_moderator_and_has_a_receipt(app, client):
    pid = client.get("/api/v1/letters/hello").get_json()["blocks"][1]["id"]
    sent = send_comment(
        client,
        kind="paragraph",
        paragraphs=[{"id": pid, "stance": "oppose"}],
        notify=True,
        quote_as="name",
    )
    assert sent.status_code == 201
    receipt = sent.get_json()["receipt"]
    assert sent.headers["Location"] == receipt
    examine_received(app)
    assert comment_states(app) == ["pending"]
    stored = client.get(f"{receipt.removeprefix('http://127.0.0.1:8000')}/data.json").get_json()
    assert stored["id"] == sent.get_json()["id"]
    assert pid in str(stored)
    assert "oppose" in str(stored)
    assert stored["quote_as"] == "name"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "nowhere"}, "email"),
        ({"stakeholder_group": "XYZ"}, "stakeholder_group"),
        ({"name": "\u200b"}, "name"),
        ({"capacity": "on_behalf_of"}, "capacity"),
        ({"kind": "paragraph"}, "kind"),
        ({"quote_as": "anyone"}, "quote_as"),
        ({"paragraphs": [{"id": "p-none"}]}, "paragraphs"),
        ({"parent": 99}, "parent"),
        ({"body": "x"}, "body"),
        ({"unknown": 1}, "unknown"),
        ({"parent": "1"}, "parent"),
        ({"body": "\ud800\ud800"}, "body"),
        ({"form_token": "forged"}, "form_token"),
        ({"age": -60}, "form_token"),  # too young, however slow the machine is
        ({"age": 8 * 24 * 3600}, "form_token"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_stored(app, client, changes, field):
    answer = send_comment(client, **changes)
    assert answer.status_code == 422
    assert field in {error["field"] for error in answer.get_json()["errors"]}
    assert comment_states(app) == []


def test_a_correction_is_accepted_with_the_token_of_the_answer(client):
    wrong = send_comment(client, email="nowhere")
    right = build_comment(client) | {"form_token": wrong.get_json()["form_token"]}
    assert client.post(COMMENTS, json=right).status_code == 201


def test_the_same_text_twice_is_a_conflict(client):
    assert send_comment(client).status_code == 201
    assert send_comment(client).status_code == 409


def test_a_filled_trap_is_spam(app, client):
    assert send_comment(client, nickname="bot").status_code == 201
    examine_received(app)
    assert comment_states(app) == ["spam"]


def test_a_closed_letter_and_another_site_are_refused(app, client):
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(COMMENTS, json=build_comment(client), headers=headers).status_code == 403
    with app.app_context(), transaction():
        set_comments_open("hello", is_open=False, by=SYSTEM)
    assert client.get("/api/v1/letters/hello/form").get_json()["comments_open"] is False
    assert send_comment(client).status_code == 403
    assert comment_states(app) == []


def test_a_body_that_cannot_be_read_is_refused(client):
    for body, status in (
        ("{", 400),
        ("[" * 100_000, 400),
        ("[]", 422),
        ('{"a": "%s"}' % ("x" * 300_000), 422),
        ("x" * 3_000_000, 413),
    ):
        answer = client.post(COMMENTS, data=body, content_type="application/json")
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_a_token_that_was_used_many_times_is_replaced(tmp_path, letter_database, monkeypatch):
    monkeypatch.setattr(comment_limits, "FORM_LIMIT", parse("2 per 8 days"))
    client = make_app(tmp_path / "limited", letter_database).test_client()
    comment = build_comment(client)
    for body in ("Thought 1", "Thought 2"):
        assert client.post(COMMENTS, json=comment | {"body": body}).status_code == 201
    refused = client.post(COMMENTS, json=comment | {"body": "Thought 3"})
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["field"] == "form_token"
    assert refused.get_json()["form_token"] != comment["form_token"]


def test_form_and_api_share_the_limits_of_a_network(tmp_path, letter_database):
    site = make_app(tmp_path / "limited", letter_database)
    client = site.test_client()
    statuses = [send_comment(client, body=f"Thought {n}").status_code for n in range(5)]
    assert statuses == [201] * 5
    refused = send_comment(client, body="One more.")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    page = client.post("/letters/hello/comments", data={"body": "By the form."})
    assert page.status_code == 429
