"""Limits of comments stop a flood, and no person who corrects a form, shares a network or owns an address."""

import re

import pytest
from limits import parse

from commentsite.web.http import comment_limits
from tests.support.clients import (
    add_and_sign_in,
    fill_comment_form,
    form_fields,
    post_form,
    publish,
    submit,
)
from tests.support.factories import make_app, publish_sample_letter


@pytest.fixture
def limited_app(tmp_path, template_database):
    """A site with limits, behind a proxy that says where its readers are."""
    app = make_app(tmp_path / "limited", template_database, TRUSTED_PROXIES="127.0.0.1")
    with app.app_context():
        publish_sample_letter()
    return app


@pytest.fixture
def send(limited_app):
    """Return a function that sends a filled-in form from a network address."""
    client = limited_app.test_client()
    texts = iter(range(10_000))

    def send(address="198.51.100.7", *, form=None, headers=None, **changes):
        number = next(texts)
        fields = form or fill_comment_form(client, age=30 + number)
        fields = {**fields, "body": f"Text {number}", "email": f"n{number}@example.org"} | changes
        sent_headers = {"X-Forwarded-For": address} | (headers or {})
        return client.post("/letters/hello/comments", data=fields, headers=sent_headers)

    return send


def test_a_form_that_came_back_five_times_is_accepted_when_it_is_right(send):
    assert [send(email="broken").status_code for _ in range(5)] == [422] * 5
    assert send().status_code == 303


def test_a_form_with_a_duplicate_does_not_use_up_the_comments_of_a_network(send):
    same = {"body": "The same.", "email": "one@example.org"}
    assert [send(**same).status_code for _ in range(6)] == [303] + [409] * 5
    assert [send().status_code for _ in range(5)] == [303] * 4 + [429]


def test_the_sentence_at_the_limit_accuses_nobody_and_the_text_stays(send):
    answers = [send() for _ in range(6)]
    assert [a.status_code for a in answers] == [303] * 5 + [429]
    assert "Your network has sent 5 comments in 10 minutes." in answers[-1].text
    assert "Many people can share a network." in answers[-1].text
    assert "Text 5" in answers[-1].text
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 600
    assert not [a for a in answers[:5] if "Retry-After" in a.headers]


def test_very_many_forms_with_mistakes_are_refused_for_a_while(send):
    form = {"form_token": "forged", "name": "A"}
    statuses = [send(form=form).status_code for _ in range(61)]
    assert statuses == [422] * 60 + [429]
    assert send("203.0.113.9").status_code == 303


@pytest.mark.parametrize(
    ("addresses", "accepted"),
    [
        ([f"2001:db8:1:2{n:02x}::1" for n in range(40)], 15),
        ([f"2001:db8:1:{n:02x}00::1" for n in range(70)], 60),
        ([f"198.51.100.{n}" for n in range(70)], 60),
        ([f"198.51.{n}.1" for n in range(70)], 70),
    ],
)
def test_the_wider_networks_of_a_sender_have_limits_too(send, addresses, accepted):
    statuses = [send(address).status_code for address in addresses]
    assert statuses == [303] * accepted + [429] * (len(addresses) - accepted)


def test_an_address_has_a_limit_in_one_network_and_strangers_cannot_use_it_up(send):
    same = {"email": "Owner@example.org"}
    for n in range(12):  # nothing but the address is filled in
        form = {"email": "owner@example.org", "form_token": "x"}
        send(f"198.51.100.{n}", form=form, name="", stakeholder_group="", **same)
    statuses = [send(f"198.51.100.{n}", **same).status_code for n in range(11)]
    assert statuses == [303] * 10 + [429]
    assert send("203.0.113.9", **same).status_code == 303
    assert send("198.51.100.30").status_code == 303


def test_one_form_serves_a_bounded_number_of_comments_and_then_comes_back_anew(
    limited_app, send, monkeypatch
):
    """A network meets other limits first within a day, so the limit of the form is lowered."""
    monkeypatch.setattr(comment_limits, "FORM_LIMIT", parse("3 per 8 days"))
    form = fill_comment_form(limited_app.test_client())
    statuses = [send(form=form).status_code for n in range(4)]
    assert statuses == [303] * 3 + [422]
    # Readers elsewhere have the same form, because a page is rendered once for all.
    assert send("203.0.113.9", form=form).status_code == 303
    answer = send(form=form)
    assert answer.status_code == 422
    assert "This form has been used many times" in answer.text
    assert form_fields(answer.text)["form_token"] != form["form_token"]


def test_only_refused_answers_say_when_to_come_back(limited_app, send):
    client = limited_app.test_client()
    answers = [
        send(),
        send(email="broken"),
        client.get("/search?q=word"),
        client.get("/account/login"),
        client.post("/letters/hello/comments/preview", data={}),
    ]
    assert [a.status_code for a in answers] == [303, 422, 200, 200, 200]
    assert not [a for a in answers if "Retry-After" in a.headers]
    refused = [client.get("/search?q=word") for _ in range(61)][-1]
    assert refused.status_code == 429
    assert "Retry-After" in refused.headers


@pytest.mark.parametrize("value", ["203.0.113.0/28", "203.0.113.4"])
def test_a_steward_gives_the_network_of_a_room_more_room(limited_app, send, value):
    steward = add_and_sign_in(limited_app, "steward", "steward@staff.example", "Sada Steward")
    fields = {"network": value, "comments": "30", "hours": "2", "reason": "A workshop in one room."}
    assert post_form(steward, "/desk/allowances/", **fields).status_code == 303
    assert [send("203.0.113.4").status_code for _ in range(31)] == [303] * 30 + [429]
    assert [send("203.0.113.77").status_code for _ in range(6)] == [303] * 5 + [429]


def test_a_steward_gives_a_letter_more_room_and_ends_it(limited_app, send):
    steward = add_and_sign_in(limited_app, "steward", "steward@staff.example", "Sada Steward")
    fields = {"letter": "hello", "comments": "12", "hours": "2", "reason": "A live reading."}
    assert post_form(steward, "/desk/allowances/", **fields).status_code == 303
    page = steward.get("/desk/allowances/").text
    assert "A live reading." in page
    assert "allowance.given" in steward.get("/transparency/log.jsonl").text
    assert [send().status_code for _ in range(13)] == [303] * 12 + [429]
    answer = post_form(steward, "/desk/allowances/1/end", "/desk/allowances/")
    assert answer.status_code == 303
    assert "A live reading." not in steward.get("/desk/allowances/").text
    assert post_form(steward, "/desk/allowances/1/end", "/desk/allowances/").status_code == 409
    assert [send("203.0.113.4").status_code for _ in range(6)] == [303] * 5 + [429]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"network": ""}, "Choose a network or a letter."),
        ({"network": "192.0.2.0/33"}, "Enter an address such as 192.0.2.7"),
        ({"network": "0.0.0.0/0"}, "This network is too large."),
        ({"letter": "hello"}, "Choose a network or a letter."),
        ({"network": "", "letter": "absent"}, "There is no letter at this address."),
        ({"comments": "1"}, "Choose a number of comments from 6 to 500."),
        ({"hours": "200"}, "Choose a number of hours from 1 to 168."),
        ({"reason": ""}, "Give the reason in a sentence"),
    ],
)
def test_a_wrong_allowance_comes_back_with_what_was_typed(steward, changes, sentence):
    fields = {"network": "192.0.2.7", "comments": "30", "hours": "2", "reason": "Typed before."}
    answer = post_form(steward, "/desk/allowances/", **(fields | changes))
    assert answer.status_code == 422
    assert sentence in answer.text
    if "reason" not in changes:
        assert "Typed before." in answer.text


def test_editors_and_moderators_cannot_give_more_room(editor, moderator):
    for client in (editor, moderator):
        assert client.get("/desk/allowances/").status_code == 403


ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://[broken"},
]
HERE = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://127.0.0.1:8000"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:8000"},
]


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_a_comment_from_a_page_of_another_site_is_refused_with_its_text(client, headers):
    form = fill_comment_form(client)
    answer = client.post("/letters/hello/comments", data=form, headers=headers)
    assert answer.status_code == 403
    assert "page of another site" in answer.text
    assert "I read it twice" in answer.text
    shown = client.post("/letters/hello/comments/preview", data=form, headers=headers)
    assert shown.status_code == 403


@pytest.mark.parametrize("headers", HERE)
def test_a_comment_from_the_page_itself_is_accepted(client, headers):
    form = fill_comment_form(client)
    assert client.post("/letters/hello/comments", data=form, headers=headers).status_code == 303


@pytest.mark.parametrize("headers", [ELSEWHERE[0], ELSEWHERE[3]])
def test_a_report_from_a_page_of_another_site_is_refused(client, moderator, headers):
    submit(client)
    publish(moderator)
    page = "/letters/hello/comments/1/report"
    token = re.search(r'name="report_form" value="([^"]+)"', client.get(page).text)[1]
    form = {"rule": "R2", "words": "It attacks the author.", "report_form": token}
    answer = client.post(page, data=form, headers=headers)
    assert answer.status_code == 403
    assert "page of another site" in answer.text
    assert "It attacks the author." in answer.text
    assert client.post(page, data=form, headers=HERE[1]).status_code == 303


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host", "Via"]
)
def test_metrics_are_not_passed_on_by_a_proxy_that_is_not_trusted(client, header):
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers={header: "203.0.113.9"}).status_code == 404
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404
    assert client.get("/", headers={header: "203.0.113.9"}).status_code == 200
