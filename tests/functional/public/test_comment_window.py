"""Letters open and close for comments to the minute, with a grace period that the page announces."""

from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import transaction
from commentsite.errors import Invalid
from commentsite.letters.comment_window import set_comment_window
from commentsite.worker import tasks
from tests.support.clients import fill_comment_form, publish


def submit_at(client, body, at=None):
    form = fill_comment_form(client, body=body, email=f"{abs(hash(body))}@example.org")
    if at is None:
        return client.post("/letters/hello/comments", data=form)
    with clock.freeze_at(at):
        return client.post("/letters/hello/comments", data=form)


@pytest.fixture
def closes(app):
    at = clock.now() + timedelta(hours=1)
    with app.app_context(), transaction():
        set_comment_window("hello", None, at, 2, by=SYSTEM)
    return at


def test_a_comment_in_the_grace_period_is_accepted_and_a_later_one_stays_in_the_form(
    app, client, moderator, closes
):
    assert "Open until" in client.get("/letters/hello").text
    assert submit_at(client, "In time.").status_code == 303
    assert submit_at(client, "A little late.", closes + timedelta(minutes=90)).status_code == 303
    answer = submit_at(client, "Far too late.", closes + timedelta(hours=3))
    assert answer.status_code == 403
    assert "Far too late." in answer.text
    publish(moderator, 1)
    publish(moderator, 2)
    page = client.get("/letters/hello").text
    assert page.count("sent after the closing time") == 1


def test_comments_close_on_time_and_open_again_with_a_later_closing_time(app, client, closes):
    with clock.freeze_at(closes + timedelta(hours=1)):
        tasks.run_pass(app)
    assert "Open until" in client.get("/letters/hello").text
    with clock.freeze_at(closes + timedelta(hours=3)):
        tasks.run_pass(app)
        assert "Comments closed on" in client.get("/letters/hello").text
        with app.app_context(), transaction():
            set_comment_window("hello", None, closes + timedelta(days=2), 0, by=SYSTEM)
        assert submit_at(client, "After the extension.").status_code == 303


def test_a_letter_that_opens_later_shows_the_date(app, client):
    opens = clock.now() + timedelta(days=1)
    form = fill_comment_form(client, body="Too early.")
    with app.app_context(), transaction():
        set_comment_window("hello", opens, opens + timedelta(days=5), 0, by=SYSTEM)
    assert "Comments open on" in client.get("/letters/hello").text
    assert client.post("/letters/hello/comments", data=form).status_code == 403
    with clock.freeze_at(opens + timedelta(minutes=1)):
        tasks.run_pass(app)
        assert "Comments open on" not in client.get("/letters/hello").text
        assert submit_at(client, "In time.").status_code == 303


def test_impossible_comment_windows_are_refused(app):
    now = clock.now()
    for opens, closes, grace in (
        (None, now - timedelta(hours=1), 0),
        (now + timedelta(days=2), now + timedelta(days=1), 0),
        (None, now + timedelta(days=1), 169),
    ):
        with app.app_context(), pytest.raises(Invalid), transaction():
            set_comment_window("hello", opens, closes, grace, by=SYSTEM)
