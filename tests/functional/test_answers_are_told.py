"""Who asked for answers and owns the address is told; nobody else, and not for ever."""

import re
from datetime import timedelta

import pytest

from commentsite import clock, jobs
from commentsite.comments.queries import books, comment_for_update
from commentsite.db import session, transaction
from commentsite.site.queries import settings_row
from tests.conftest import a_moment_later
from tests.security.test_cases import publish


def send(client, later, **changes):
    return client.post("/letters/hello/comments", data=later.form(client, **changes))


def letters_sent(app):
    with a_moment_later():
        jobs.run_once(app)
    folder = app.extensions["commentsite"].settings.instance / "mail"
    texts = [p.read_text().replace("=\n", "").replace("=3D", "=") for p in folder.glob("*.eml")]
    return [t for t in texts if "was answered" in t]


def confirm(app, client, email):
    jobs.run_once(app)
    folder = app.extensions["commentsite"].settings.instance / "mail"
    texts = [t.replace("=\n", "") for p in folder.glob("*.eml") if email in (t := p.read_text())]
    link = re.search(r"/receipts/\S+/confirm/\S+", "\n".join(texts))[0]
    signed = re.search(
        r'name="receipt_form" value="([^"]+)"', client.get(link).get_data(as_text=True)
    )
    assert client.post(link, data={"receipt_form": signed[1]}).status_code == 303


def test_an_answer_is_told_to_who_asked_and_confirmed(app, client, later, moderator):
    send(client, later, email="asks@example.org", notify="1")
    send(client, later, email="silent@example.org", body="I asked for nothing.")
    for number in (1, 2):
        publish(moderator, number)
    confirm(app, client, "asks@example.org")
    for parent in ("1", "2"):
        send(
            client, later, email="other@example.org", body=f"An answer to {parent}.", parent=parent
        )
    publish(moderator, 3)
    publish(moderator, 4)
    told = letters_sent(app)
    assert len(told) == 1
    assert "To: asks@example.org" in told[0]
    assert "/letters/hello/comments/3" in told[0]
    assert "An answer to" not in told[0]
    assert "other@example.org" not in told[0]
    link = re.search(
        r"List-Unsubscribe: <http://127.0.0.1:8000(\S+)>", told[0].replace("\n ", " ")
    )[1]
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in told[0]
    assert "@" not in link

    assert client.get(link).status_code == 200
    send(client, later, email="other@example.org", body="A second answer.", parent="1")
    publish(moderator, 5)
    assert len(letters_sent(app)) == 2
    assert client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    send(client, later, email="other@example.org", body="A third answer.", parent="1")
    publish(moderator, 6)
    assert len(letters_sent(app)) == 2


def test_an_unconfirmed_address_and_ones_own_answer_get_nothing(app, client, later, moderator):
    send(client, later, email="typed.by.another@example.org", notify="1")
    publish(moderator, 1)
    send(client, later, email="other@example.org", body="An answer.", parent="1")
    publish(moderator, 2)
    assert letters_sent(app) == []
    confirm(app, client, "typed.by.another@example.org")
    send(client, later, email="typed.by.another@example.org", body="My own answer.", parent="1")
    publish(moderator, 3)
    assert letters_sent(app) == []


@pytest.mark.parametrize("code", ["0" * 32, "x", "é"])
def test_a_forged_link_stops_nothing(app, client, later, code):
    send(client, later, notify="1")
    assert client.post(f"/unsubscribe/1/{code}").status_code == 404
    assert client.post(f"/unsubscribe/{2**40}/{code}").status_code == 404
    with app.app_context():
        assert comment_for_update(1).follow == "answers"


def ask_for(app, how):
    with app.app_context(), transaction():
        row = settings_row()
        row.email_confirmation, row.version = how, row.version + 1


def test_only_first_timers_confirm_where_the_site_says_so(app, client, later):
    ask_for(app, "first_time")
    send(client, later, email="new@example.org")
    with app.app_context():
        assert books()["awaiting_email"] == 1
    confirm(app, client, "new@example.org")
    send(client, later, email="new@example.org", body="My second comment.")
    send(client, later, email="another@example.org", body="Somebody else’s first.")
    with app.app_context():
        counted = books()
    assert (counted["pending"], counted["awaiting_email"]) == (2, 1)


def test_what_nobody_confirms_is_forgotten_after_a_week(app, client, later):
    ask_for(app, "before_queue")
    send(client, later, email="never@example.org", name="Never Confirmed")
    with clock.at(clock.now() + timedelta(days=6)):
        jobs.run_once(app)
    with app.app_context():
        assert books()["awaiting_email"] == 1
    with clock.at(clock.now() + timedelta(days=8)):
        jobs.run_once(app)
    with app.app_context():
        session().expire_all()
        comment = comment_for_update(1)
        assert (comment.name, comment.body, comment.email_hash) == ("", "", None)
        assert books()["withdrawn"] == 1


def test_a_confirmed_address_is_said_in_words(app, client, later, moderator):
    send(client, later, email="asks@example.org", notify="1")
    publish(moderator, 1)
    assert "address confirmed" not in client.get("/letters/hello").get_data(as_text=True)
    confirm(app, client, "asks@example.org")
    assert "address confirmed" in client.get("/letters/hello").get_data(as_text=True)
