"""A full disk or a locked database: a clear page, typed words are kept, and nothing looks ready."""

import html
import re
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.clients import (
    csrf_token,
    fetch_csrf_token,
    fill_comment_form,
    receipt_token,
    sign_in,
    submit_for_receipt,
)
from tests.support.disks import fill_disk, hold_write_lock, mount_small_disk
from tests.support.factories import (
    PASSWORD,
    add_staff_member,
    comment_states,
    make_app,
    publish_sample_letter,
)

WORDS = "I read it twice & still disagree.\n\nBecause “words” <matter>."


@contextmanager
def full(app):
    filling = fill_disk(Path(app.instance_path))
    try:
        yield
    finally:
        filling.unlink()


@contextmanager
def locked(app):
    with hold_write_lock(Path(app.instance_path) / "commentsite.db"):
        yield


@pytest.fixture
def app(tmp_path, template_database):
    """A site on a disk of its own."""
    with mount_small_disk(tmp_path / "disk", 8) as disk:
        app = make_app(disk / "instance", template_database, RATELIMIT_ENABLED="false")
        with app.app_context():
            publish_sample_letter()
        add_staff_member(app)
        yield app


def fields_of_form(page):
    """Return the fields of the form of an error page, as a browser would send them."""
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    shown = re.findall(r'<textarea name="([^"]+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    return {name: html.unescape(value) for name, value in hidden + shown}


FAILURES = pytest.mark.parametrize("failing", [full, locked])


def assert_asks_to_wait(answer):
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@FAILURES
def test_a_sign_in_that_cannot_be_stored_asks_to_wait_and_opens_nothing(app, failing):
    client = app.test_client()
    form = {"email": "mod@staff.example", "password": PASSWORD}
    form["csrf_token"] = csrf_token(client.get("/account/login").text)
    with failing(app):
        answer = client.post("/account/login", data=form)
        assert_asks_to_wait(answer)
        assert PASSWORD not in answer.text
    assert client.get("/desk/").status_code == 303
    assert sign_in(app).get("/desk/").status_code == 200


@FAILURES
def test_a_comment_that_cannot_be_stored_stays_in_a_form_that_sends_it_again(app, failing):
    client = app.test_client()
    form = fill_comment_form(client, body=WORDS, paragraphs=[])
    with failing(app):
        answer = client.post("/letters/hello/comments", data=form)
    assert_asks_to_wait(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert "Because “words” &lt;matter&gt;." in answer.text
    assert comment_states(app) == []
    again = fields_of_form(answer.text)
    assert again["body"].strip() == WORDS
    assert client.post("/letters/hello/comments", data=again).status_code == 303
    assert comment_states(app) == ["pending"]


@FAILURES
def test_words_of_other_forms_stay_too(app, failing):
    client, moderator = app.test_client(), sign_in(app)
    receipt = submit_for_receipt(client)
    edit = {"body": WORDS, "receipt_form": receipt_token(client.get(receipt).text)}
    decision = {
        "comment": "1@1", "verdict": "publish", "note": WORDS,
        "csrf_token": fetch_csrf_token(moderator),
    }  # fmt: skip
    with failing(app):
        edited = client.post(f"{receipt}/edit", data=edit)
        decided = moderator.post("/desk/moderation/decisions", data=decision)
    for answer in (edited, decided):
        assert_asks_to_wait(answer)
        assert "&lt;matter&gt;" in answer.text


def test_a_site_on_a_full_disk_is_not_ready_and_recovers(app):
    client = app.test_client()
    assert client.get("/readyz").status_code == 200
    with full(app):
        answer = client.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "the disk of the database is full\n")
        assert client.get("/letters/hello").status_code == 200
        assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
