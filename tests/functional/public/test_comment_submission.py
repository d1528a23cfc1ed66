"""A reader submits a comment, a moderator decides, and readers see the result."""

import re

import pytest

from tests.support.clients import csrf_token, decide, form_fields, submit, submit_for_receipt

CANARY = "canary.person@secret-mailbox.example"


def test_a_comment_waits_for_a_moderator_and_is_then_published(client, moderator):
    answer = submit(client, email=CANARY, body="A thought *worth* reading.")
    assert answer.status_code == 303
    receipt = answer.headers["Location"]
    assert "is waiting for a moderator" in client.get(receipt).text
    assert "worth" not in client.get("/letters/hello").text

    queue = moderator.get("/desk/moderation/").text
    assert "Ada Reader" in queue
    assert decide(moderator, 1, "publish").status_code == 303

    page = client.get("/letters/hello").text
    assert "<em>worth</em>" in page
    assert 'id="comment-1"' in page
    assert "published" in client.get(receipt).text.lower()
    assert "worth" in client.get("/letters/hello/feed.atom").text


def test_no_address_appears_anywhere_public(app, client, moderator):
    receipt = submit_for_receipt(client, email=CANARY)
    decide(moderator, 1, "publish")
    for address in (
        "/",
        "/letters/",
        "/letters/hello",
        "/feed.atom",
        "/letters/hello/feed.atom",
        "/rules",
        "/privacy",
        "/transparency",
        "/sitemap.xml",
        "/robots.txt",
        receipt,
        "/search?q=canary",
    ):
        text = client.get(address).text
        assert CANARY not in text, address
        assert "secret-mailbox" not in text, address


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"name": ""}, "name"),
        ({"email": "nobody"}, "email"),
        ({"stakeholder_group": "XXX"}, "group"),
        ({"body": ""}, "comment"),
        ({"body": "x" * 10_001}, "10,000"),
        ({"capacity": "on_behalf_of", "organisation": ""}, "organisation"),
    ],
)
def test_a_mistake_is_named_and_the_form_keeps_the_input(client, changes, word):
    typed = {"organisation": "Typed Organisation", **changes}
    answer = submit(client, **typed)
    page = answer.text
    assert answer.status_code == 422
    assert word in page.lower()
    for field, words in (("name", "Ada Reader"), ("body", "I read it twice")):
        if field not in changes:
            assert words in page


def test_a_form_sent_too_fast_or_forged_is_refused_and_keeps_the_text(client):
    page = client.get("/letters/hello").text
    at_once = client.post("/letters/hello/comments", data=form_fields(page))
    forged = client.post("/letters/hello/comments", data=form_fields(page, form_token="forged"))
    for answer in (at_once, forged):
        assert answer.status_code == 422
        assert "I read it twice" in answer.text


def test_the_same_text_sent_twice_is_refused_as_a_duplicate(client):
    assert submit(client).status_code == 303
    answer = submit(client)
    assert answer.status_code == 409
    assert "I read it twice" in answer.text


def test_a_filled_honeypot_makes_it_spam_and_the_sender_does_not_learn_it(client, moderator):
    assert submit(client, nickname="Bot").status_code == 303
    assert "Ada Reader" not in moderator.get("/desk/moderation/").text
    assert "Ada Reader" in moderator.get("/desk/moderation/?state=spam").text


def test_a_comment_caught_by_the_honeypot_waits_for_a_moderator_as_its_receipt_says(
    client, moderator
):
    trapped = submit_for_receipt(client, nickname="Bot")
    ordinary = submit_for_receipt(client, body="Another.", email="b@example.org")
    assert "Your comment is waiting for a moderator." in client.get(trapped).text
    looks = [
        re.findall(r'class="(?:badge|state)[^"]*"', client.get(page).text)
        for page in (trapped, ordinary)
    ]
    assert looks[0] == looks[1]
    dashboard = moderator.get("/desk/").text
    assert "Filed as spam automatically, not yet reviewed" in dashboard
    queue = moderator.get("/desk/moderation/?state=spam&waiting=trap").text
    assert "Ada Reader" in queue
    assert decide(moderator, 1, "spam").status_code == 303
    assert "Filed as spam" not in moderator.get("/desk/").text
    assert "Your comment was not published." in client.get(trapped).text
    assert decide(moderator, 1, "spam").status_code == 409
    assert decide(moderator, 1, "publish").status_code == 303
    assert "Your comment is published." in client.get(trapped).text


def test_a_refusal_needs_a_rule_and_the_author_reads_it(client, moderator):
    receipt = submit_for_receipt(client)
    assert decide(moderator, 1, "refuse").status_code == 422
    assert (
        decide(
            moderator, 1, "refuse", reason="R5", note="It speaks of another meeting."
        ).status_code
        == 303
    )
    page = client.get(receipt).text
    assert "It speaks of another meeting." in page
    assert "I read it twice" not in client.get("/letters/hello").text


def test_the_second_of_two_moderators_sees_the_decision_of_the_first(client, moderator):
    submit(client)
    page = moderator.get("/desk/moderation/1").text
    form = {"comment": "1@1", "csrf_token": csrf_token(page)}
    assert (
        moderator.post(
            "/desk/moderation/decisions", data={**form, "verdict": "publish"}
        ).status_code
        == 303
    )
    second = moderator.post("/desk/moderation/decisions", data={**form, "verdict": "spam"})
    assert second.status_code == 409
    assert "Mona Moderator" in second.text


def test_public_pages_set_no_cookie_and_are_the_same_for_everyone(client, moderator):
    for address in ("/", "/letters/", "/letters/hello", "/rules", "/privacy", "/feed.atom"):
        answer = moderator.get(address)
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert answer.data == client.get(address).data


def test_an_unchanged_page_is_a_304_and_a_changed_one_is_sent_again(client, moderator):
    first = client.get("/letters/hello")
    again = client.get("/letters/hello", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    submit(client)
    decide(moderator, 1, "publish")
    changed = client.get("/letters/hello", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_an_author_withdraws_and_deletes_a_comment(client):
    receipt = submit_for_receipt(client)
    page = client.get(receipt).text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', page))
    assert client.post(f"{receipt}/withdraw", data={}).status_code in (400, 403, 422)
    assert client.post(f"{receipt}/withdraw", data=hidden).status_code == 303
    assert client.post(f"{receipt}/erase", data=hidden).status_code == 303
    assert "I read it twice" not in client.get(receipt).text


def test_unknown_addresses_get_a_plain_404_page(client):
    for address in ("/letters/none", "/receipts/none", "/nowhere", "/letters/hello/comments/99"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert "<h1" in answer.text


def test_an_undeliverable_email_address_is_refused_and_the_form_keeps_the_text(client):
    answer = submit(client, email="jürgen@example.org")
    assert answer.status_code == 422
    assert "I read it twice" in answer.text
    assert submit(client, email="juergen@bücher.example").status_code == 303
