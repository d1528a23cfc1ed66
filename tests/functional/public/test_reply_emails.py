"""Commenters who asked for it and confirmed their address are notified of answers."""

import re
from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import session
from commentsite.worker import tasks
from tests.support.clients import confirm_email, publish, submit
from tests.support.clock import after_undo_window
from tests.support.factories import count_comments_by_state, update_site_settings
from tests.support.smtp import read_mail, text_of


def read_reply_emails(app) -> list[str]:
    """Return each message about an answer: its headers, each on a line, and its text."""
    with after_undo_window():
        messages = [m for m in read_mail(app) if "reply to your comment" in m["Subject"]]
    return ["".join(f"{k}: {v}\n" for k, v in m.items()) + text_of(m) for m in messages]


def test_a_commenter_who_asked_and_confirmed_is_notified_of_a_reply(app, client, moderator):
    submit(client, email="asks@example.org", notify="1")
    submit(client, email="silent@example.org", body="I asked for nothing.")
    for number in (1, 2):
        publish(moderator, number)
    confirm_email(app, client, "asks@example.org")
    for parent in ("1", "2"):
        submit(client, email="other@example.org", body=f"An answer to {parent}.", parent=parent)
    publish(moderator, 3)
    publish(moderator, 4)
    told = read_reply_emails(app)
    assert len(told) == 1
    assert "To: asks@example.org" in told[0]
    assert "/letters/hello/comments/3" in told[0]
    assert "An answer to" not in told[0]
    assert "other@example.org" not in told[0]
    link = re.search(r"List-Unsubscribe: <http://127.0.0.1:8000(\S+)>", told[0])[1]
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in told[0]
    assert "@" not in link

    assert client.get(link).status_code == 200
    submit(client, email="other@example.org", body="A second answer.", parent="1")
    publish(moderator, 5)
    assert len(read_reply_emails(app)) == 2
    assert client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    submit(client, email="other@example.org", body="A third answer.", parent="1")
    publish(moderator, 6)
    assert len(read_reply_emails(app)) == 2


def test_unconfirmed_addresses_and_authors_of_a_reply_are_not_notified(app, client, moderator):
    submit(client, email="typed.by.another@example.org", notify="1")
    publish(moderator, 1)
    submit(client, email="other@example.org", body="An answer.", parent="1")
    publish(moderator, 2)
    assert read_reply_emails(app) == []
    confirm_email(app, client, "typed.by.another@example.org")
    submit(client, email="typed.by.another@example.org", body="My own answer.", parent="1")
    publish(moderator, 3)
    assert read_reply_emails(app) == []


@pytest.mark.parametrize("code", ["0" * 32, "x", "é"])
def test_a_forged_link_does_not_unsubscribe(app, client, code):
    submit(client, notify="1")
    assert client.post(f"/unsubscribe/1/{code}").status_code == 404
    assert client.post(f"/unsubscribe/{2**40}/{code}").status_code == 404
    with app.app_context():
        assert get_comment_for_update(1).subscription_scope == "answers"


def test_only_new_addresses_need_confirmation_if_the_site_is_set_so(app, client):
    update_site_settings(app, email_confirmation="first_time")
    submit(client, email="new@example.org")
    with app.app_context():
        assert count_comments_by_state()["awaiting_email"] == 1
    confirm_email(app, client, "new@example.org")
    submit(client, email="new@example.org", body="My second comment.")
    submit(client, email="another@example.org", body="Somebody else’s first.")
    with app.app_context():
        counted = count_comments_by_state()
    assert (counted["pending"], counted["awaiting_email"]) == (2, 1)


def test_an_unconfirmed_comment_is_deleted_after_a_week(app, client):
    update_site_settings(app, email_confirmation="before_queue")
    submit(client, email="never@example.org", name="Never Confirmed")
    with clock.freeze_at(clock.now() + timedelta(days=6)):
        tasks.run_pass(app)
    with app.app_context():
        assert count_comments_by_state()["awaiting_email"] == 1
    with clock.freeze_at(clock.now() + timedelta(days=8)):
        tasks.run_pass(app)
    with app.app_context():
        session().expire_all()
        comment = get_comment_for_update(1)
        assert (comment.name, comment.body, comment.email_hash) == ("", "", None)
        assert count_comments_by_state()["withdrawn"] == 1


def test_the_page_says_that_an_address_is_confirmed(app, client, moderator):
    submit(client, email="asks@example.org", notify="1")
    publish(moderator, 1)
    assert "address confirmed" not in client.get("/letters/hello").text
    confirm_email(app, client, "asks@example.org")
    assert "address confirmed" in client.get("/letters/hello").text
