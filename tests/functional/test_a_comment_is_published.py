"""The main job over HTTP: a reader comments, a moderator decides, the world reads."""

import re

import pytest

from tests.conftest import fields

CANARY = "canary.person@secret-mailbox.example"


def submit(client, later, **changes):
    return client.post("/letters/hello/comments", data=later.form(client, **changes))


def csrf(page: str) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


def decide(moderator, comment_id, verdict, version=1, **more):
    page = moderator.get(f"/desk/moderation/{comment_id}").get_data(as_text=True)
    return moderator.post(
        "/desk/moderation/decisions",
        data={
            "comment": f"{comment_id}@{version}",
            "verdict": verdict,
            "csrf_token": csrf(page),
            **more,
        },
    )


def test_a_comment_waits_is_published_and_is_read(client, later, moderator):
    answer = submit(client, later, email=CANARY, body="A thought *worth* reading.")
    assert answer.status_code == 303
    receipt = answer.headers["Location"]
    assert "waits" in client.get(receipt).get_data(as_text=True)
    assert "worth" not in client.get("/letters/hello").get_data(as_text=True)

    queue = moderator.get("/desk/moderation/").get_data(as_text=True)
    assert "Ada Reader" in queue
    assert decide(moderator, 1, "publish").status_code == 303

    page = client.get("/letters/hello").get_data(as_text=True)
    assert "<em>worth</em>" in page
    assert 'id="comment-1"' in page
    assert "published" in client.get(receipt).get_data(as_text=True).lower()
    assert "worth" in client.get("/letters/hello/feed.atom").get_data(as_text=True)


def test_no_address_appears_anywhere_public(app, client, later, moderator):
    receipt = submit(client, later, email=CANARY).headers["Location"]
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
        "/letters/?q=canary",
    ):
        text = client.get(address).get_data(as_text=True)
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
def test_a_mistake_is_named_and_nothing_typed_is_lost(client, later, changes, word):
    typed = {"organisation": "Typed Organisation", **changes}
    answer = submit(client, later, **typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert word in page.lower()
    assert "Ada Reader" in page or "name" in changes
    assert "I read it twice" in page or "body" in changes


def test_a_form_sent_at_once_or_forged_is_refused_with_the_text_kept(client):
    page = client.get("/letters/hello").get_data(as_text=True)
    at_once = client.post("/letters/hello/comments", data=fields(page))
    forged = client.post("/letters/hello/comments", data=fields(page, form_token="forged"))
    for answer in (at_once, forged):
        assert answer.status_code == 422
        assert "I read it twice" in answer.get_data(as_text=True)


def test_the_same_words_twice_are_a_duplicate(client, later):
    assert submit(client, later).status_code == 303
    answer = submit(client, later)
    assert answer.status_code == 409
    assert "I read it twice" in answer.get_data(as_text=True)


def test_the_trap_makes_it_spam_and_tells_nobody(client, later, moderator):
    assert submit(client, later, nickname="Bot").status_code == 303
    assert "Ada Reader" not in moderator.get("/desk/moderation/").get_data(as_text=True)
    assert "Ada Reader" in moderator.get("/desk/moderation/?state=spam").get_data(as_text=True)


def test_a_refusal_needs_a_reason_and_the_author_reads_it(client, later, moderator):
    receipt = submit(client, later).headers["Location"]
    assert decide(moderator, 1, "refuse").status_code == 422
    assert (
        decide(
            moderator, 1, "refuse", reason="R5", note="It speaks of another meeting."
        ).status_code
        == 303
    )
    page = client.get(receipt).get_data(as_text=True)
    assert "It speaks of another meeting." in page
    assert "I read it twice" not in client.get("/letters/hello").get_data(as_text=True)


def test_the_second_of_two_moderators_is_told_what_the_first_did(client, later, moderator):
    submit(client, later)
    page = moderator.get("/desk/moderation/1").get_data(as_text=True)
    form = {"comment": "1@1", "csrf_token": csrf(page)}
    assert (
        moderator.post(
            "/desk/moderation/decisions", data={**form, "verdict": "publish"}
        ).status_code
        == 303
    )
    second = moderator.post("/desk/moderation/decisions", data={**form, "verdict": "spam"})
    assert second.status_code == 409
    assert "Mona Moderator" in second.get_data(as_text=True)


def test_public_pages_set_no_cookie_and_are_the_same_for_everyone(client, moderator):
    for address in ("/", "/letters/", "/letters/hello", "/rules", "/privacy", "/feed.atom"):
        answer = moderator.get(address)
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert answer.data == client.get(address).data


def test_an_unchanged_page_costs_304_and_a_changed_one_is_new(client, later, moderator):
    first = client.get("/letters/hello")
    again = client.get("/letters/hello", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    submit(client, later)
    decide(moderator, 1, "publish")
    changed = client.get("/letters/hello", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_a_reader_takes_a_comment_back_and_erases_it(client, later):
    receipt = submit(client, later).headers["Location"]
    page = client.get(receipt).get_data(as_text=True)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', page))
    assert client.post(f"{receipt}/withdraw", data={}).status_code in (400, 403, 422)
    assert client.post(f"{receipt}/withdraw", data=hidden).status_code == 303
    assert client.post(f"{receipt}/erase", data=hidden).status_code == 303
    assert "I read it twice" not in client.get(receipt).get_data(as_text=True)


def test_unknown_addresses_answer_calmly(client):
    for address in ("/letters/none", "/receipts/none", "/nowhere", "/letters/hello/comments/99"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert "<h1" in answer.get_data(as_text=True)
