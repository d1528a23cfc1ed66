"""A steward connects another program by a webhook, and sees at the desk what it received."""

import html
import json
import re
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from commentsite import clock
from commentsite.webhooks.delivery import MAX_FAILING_TIME, RETRY_DELAYS
from commentsite.webhooks.states import EventType
from tests.support.audit import list_entries
from tests.support.clients import (
    add_and_sign_in,
    decide,
    fetch_page,
    post_form,
    publish,
    sign_in,
    submit_for_receipt,
)
from tests.support.factories import make_app, outbox_kinds
from tests.support.letter_editing import (
    SOURCE,
    act_on_letter,
    import_file,
    make_publishable,
    save_text,
)
from tests.support.pages import visible_text
from tests.support.receivers import deliver, run_receiver

ALL_EVENTS = [event.value for event in EventType]


@pytest.fixture
def site(tmp_path, letter_database):
    return make_app(
        tmp_path / "instance",
        letter_database,
        RATELIMIT_ENABLED="false",
        WEBHOOK_NETWORKS="127.0.0.0/8",
    )


@pytest.fixture
def steward(site):
    return add_and_sign_in(site, "steward", "steward@staff.example", "Sada Steward")


@pytest.fixture
def receiver():
    with run_receiver() as receiver:
        yield receiver


def read_secret(page):
    return html.unescape(re.search(r">(whsec_[^<]+)<", page)[1])


def add_webhook(steward, url, events=ALL_EVENTS):
    answer = post_form(steward, "/desk/webhooks/", name="Our newsroom", url=url, event_types=events)
    assert answer.status_code == 200, visible_text(answer.text)
    return read_secret(answer.text)


def act(steward, action):
    return post_form(steward, f"/desk/webhooks/1/{action}", page="/desk/webhooks/1")


def read_log(steward):
    return visible_text(fetch_page(steward, "/desk/webhooks/1"))


def test_a_receiver_learns_of_comments_without_personal_data(site, steward, receiver):
    secret = add_webhook(steward, receiver.url)
    reader = site.test_client()
    submit_for_receipt(reader, organisation="Reading Room", notify="1")
    assert deliver(site) == 0  # nothing is public yet
    publish(steward)
    with clock.freeze_at(clock.now() + timedelta(minutes=1)):
        submit_for_receipt(reader, body="I answer.", parent="1", email="bo@example.org")
        publish(steward, 2)
        decide(steward, 1, "restrict", 2, reason="R2", note="", facts="It attacks the author.")
        assert deliver(site) == 4
        verified = []
        for message in receiver.received:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("standardwebhooks.webhooks.datetime", FrozenDatetime)
                verified.append(Webhook(secret).verify(message.body, message.headers))
    verified.sort(key=lambda event: (event["type"], event["data"]["comment"]["id"]))
    assert [event["type"] for event in verified] == [
        "comment.published",
        "comment.published",
        "comment.replied",
        "comment.restricted",
    ]
    assert verified[2]["data"] == {
        "letter": {
            "slug": "hello",
            "url": "http://127.0.0.1:8000/letters/hello",
            "state": "published",
            "version": 1,
        },
        "comment": {
            "id": 2,
            "url": "http://127.0.0.1:8000/letters/hello/comments/2",
            "state": "published",
            "stakeholder_group": "CIV",
            "in_reply_to": 1,
        },
    }
    everything = b" ".join(message.body for message in receiver.received).decode()
    for private in ("Ada", "Reading Room", "example.org", "I answer", "paragraph", "attacks"):
        assert private not in everything
    assert len({message.headers["webhook-id"] for message in receiver.received}) == 4
    assert "Answered with status 204" in read_log(steward)


class FrozenDatetime(__import__("datetime").datetime):
    """The time of the site, for the library that checks the age of a message."""

    @classmethod
    def now(cls, tz=None):
        return clock.now().astimezone(tz)


def test_letters_are_announced_with_their_versions(site, steward, receiver):
    add_webhook(steward, receiver.url)
    import_file(steward)
    make_publishable(steward)
    act_on_letter(steward, "publish-now")
    save_text(steward, 0, SOURCE.replace("rain", "snow"))
    act_on_letter(steward, "correct", change="editorial", note="The weather.")
    act_on_letter(steward, "supersede", superseded_by="hello")
    act_on_letter(steward, "withdraw", reason="Asked for.")
    deliver(site)
    events = sorted(describe_letter_event(message) for message in receiver.received)
    assert events == [
        ("letter.corrected", "a-record", "published", 2),
        ("letter.published", "a-record", "published", 1),
        ("letter.superseded", "a-record", "superseded", 2),
        ("letter.withdrawn", "a-record", "withdrawn", 2),
    ]


def describe_letter_event(message):
    event = json.loads(message.body)
    letter = event["data"]["letter"]
    return event["type"], letter["slug"], letter["state"], letter["version"]


def test_a_failed_event_is_tried_again_later_and_later_and_then_given_up(site, steward, receiver):
    add_webhook(steward, receiver.url)
    receiver.status = 503
    act(steward, "test")
    now = clock.now()
    for delay in (timedelta(0), *RETRY_DELAYS):
        now += delay + timedelta(seconds=1)
        with clock.freeze_at(now):
            assert deliver(site) == 1
            assert deliver(site) == 0
    with clock.freeze_at(now + timedelta(days=1)):
        assert deliver(site) == 0
    assert len(receiver.received) == len(RETRY_DELAYS) + 1
    assert len({message.headers["webhook-id"] for message in receiver.received}) == 1
    assert len({message.headers["webhook-timestamp"] for message in receiver.received}) > 5
    log = read_log(steward)
    assert "Given up" in log
    assert "Answered with status 503" in log

    receiver.status = 200
    post_form(steward, "/desk/webhooks/1/log/1", page="/desk/webhooks/1")
    assert deliver(site) == 1
    assert receiver.received[-1].headers["webhook-id"] == receiver.received[0].headers["webhook-id"]
    assert "Delivered" in read_log(steward)


def test_a_receiver_can_ask_to_wait(site, steward, receiver):
    add_webhook(steward, receiver.url)
    receiver.status, receiver.headers = 429, {"Retry-After": "7200"}
    act(steward, "test")
    deliver(site)
    with clock.freeze_at(clock.now() + timedelta(hours=1)):
        assert deliver(site) == 0
    with clock.freeze_at(clock.now() + timedelta(hours=2, minutes=1)):
        assert deliver(site) == 1


def test_both_secrets_are_valid_after_a_rotation_until_the_old_one_ends(site, steward, receiver):
    old = add_webhook(steward, receiver.url)
    new = read_secret(act(steward, "secret").text)
    assert new != old
    act(steward, "test")
    deliver(site)
    [message] = receiver.received
    for secret in (old, new):
        assert Webhook(secret).verify(message.body, message.headers)["type"] == "test.sent"
    assert "The previous secret is valid too" in read_log(steward)
    with clock.freeze_at(clock.now() + timedelta(hours=25)):
        act(sign_in(site, "steward@staff.example"), "test")
        deliver(site)
    assert len(receiver.received[-1].headers["webhook-signature"].split()) == 1
    page = fetch_page(steward, "/desk/webhooks/1")
    assert old not in page
    assert new not in page


def test_a_receiver_that_stays_broken_is_switched_off_and_the_stewards_hear_of_it(
    site, steward, receiver
):
    add_webhook(steward, receiver.url)
    receiver.status = 500
    act(steward, "test")
    deliver(site)
    with clock.freeze_at(clock.now() + MAX_FAILING_TIME):
        deliver(site)
    with site.app_context():
        assert outbox_kinds().count("staff.webhook_disabled") == 1
    assert "Switched off" in read_log(steward)
    notice = "1 Webhooks switched off because their receivers stayed broken"
    assert notice in visible_text(fetch_page(steward, "/desk/"))
    act(steward, "resume")
    assert "switched off" not in visible_text(fetch_page(steward, "/desk/"))
    with site.app_context():
        recorded = {entry.action for entry in list_entries()}
    assert {f"webhook.{a}" for a in ("created", "tested", "disabled", "resumed")} <= recorded


def test_a_receiver_that_is_gone_is_switched_off_at_once(site, steward, receiver):
    add_webhook(steward, receiver.url)
    receiver.status = 410
    act(steward, "test")
    deliver(site)
    assert "Switched off" in read_log(steward)


def test_redirects_are_not_followed(site, steward, receiver):
    add_webhook(steward, receiver.url)
    receiver.status, receiver.headers = 302, {"Location": receiver.url.replace("hook", "other")}
    act(steward, "test")
    deliver(site)
    assert [message.path for message in receiver.received] == ["/hook"]
    assert "Answered with status 302" in read_log(steward)


def test_a_slow_receiver_does_not_hold_up_the_worker(site, steward, receiver, monkeypatch):
    monkeypatch.setattr("commentsite.worker.webhooks.TIMEOUT", 0.3)
    add_webhook(steward, receiver.url)
    with run_receiver() as other:
        post_form(steward, "/desk/webhooks/", name="Other", url=other.url, event_types=ALL_EVENTS)
        receiver.gate.clear()
        act(steward, "test")
        post_form(steward, "/desk/webhooks/2/test", page="/desk/webhooks/2")
        assert deliver(site) == 2
        assert len(other.received) == 1
    assert "did not answer in time" in read_log(steward)


def test_a_webhook_can_be_paused_changed_and_deleted(site, steward, receiver):
    add_webhook(steward, receiver.url)
    act(steward, "test")
    assert act(steward, "pause").status_code == 303
    assert deliver(site) == 0
    assert act(steward, "test").status_code == 409
    act(steward, "resume")
    changed = post_form(
        steward,
        "/desk/webhooks/1",
        name="Renamed",
        url=receiver.url,
        event_types=["letter.published"],
    )
    assert changed.status_code == 303
    submit_for_receipt(site.test_client())
    publish(steward)
    assert deliver(site) == 0
    assert "cannot be undone" in fetch_page(steward, "/desk/webhooks/1/delete")
    post_form(steward, "/desk/webhooks/1/delete")
    assert "There is no webhook" in fetch_page(steward, "/desk/webhooks/")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "Enter an address such as"),
        ("ftp://receiver.example/", "Enter an address such as"),
        ("https://user:secret@receiver.example/", "Enter an address such as"),
        ("https://receiver.example/ a", "Enter an address such as"),
        ("https://10.0.0.8/hook", "private network"),
        ("https://[::ffff:10.0.0.8]/hook", "private network"),
    ],
)
def test_an_address_that_is_none_is_refused_and_the_form_keeps_what_was_typed(
    steward, url, sentence
):
    answer = post_form(
        steward, "/desk/webhooks/", name="Our newsroom", url=url, event_types=["letter.published"]
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="Our newsroom"' in answer.text
    assert answer.text.count("checked") == 1


def test_without_the_setting_neither_http_nor_a_private_address_is_used(
    app, steward, receiver, tmp_path
):
    add_webhook(steward, receiver.url)
    plain = make_app(tmp_path / "instance")  # the same site, without the setting
    act(steward, "test")
    assert deliver(plain) == 1
    assert receiver.received == []
    assert "private network" in read_log(steward)
