"""V28: nobody can have messages sent to somebody else, but for one a day that asks whether it was them."""

import re
from datetime import UTC, datetime, timedelta

from commentsite import clock, jobs
from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.queries import books, comment_for_update
from commentsite.db import session, transaction
from commentsite.letters.afterwards import set_email_confirmation, set_window
from commentsite.notifications.models import Message
from tests.conftest import publish_hello
from tests.functional.test_messages_as_chosen import Reader
from tests.security.test_cases import csrf

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LETTERS = ("hello", "asks-always", "asks-first")


def several_letters(app):
    with app.app_context():
        for slug, how in zip(LETTERS[1:], ("before_queue", "first_time"), strict=True):
            publish_hello(slug)
            with transaction():
                set_email_confirmation(slug, how, by=SYSTEM)
        for slug in LETTERS:
            with transaction():
                set_window(slug, None, NOON + timedelta(days=3), 0, by=SYSTEM)


def decide(moderator, number, verdict):
    page = moderator.get(f"/desk/moderation/{number}").get_data(as_text=True)
    version = re.search(rf'name="comment" value="{number}@(\d+)"', page)
    if version:
        moderator.post(
            "/desk/moderation/decisions",
            data={"comment": f"{number}@{version[1]}", "verdict": verdict, "reason": "R5",
                  "note": "n", "csrf_token": csrf(page)},
        )  # fmt: skip


def test_v28_an_address_typed_by_others_gets_one_message_a_day_whatever_is_done(
    app, client, later, moderator
):
    with clock.at(NOON):
        several_letters(app)
        victim = Reader(app, later, "victim@example.org")
        for n in range(9):
            spelling = ("victim@example.org", "VICTIM@example.org", "Victim@EXAMPLE.org")[n % 3]
            form = later.form(
                client, LETTERS[n % 3], email=spelling, body=f"Words {n}.", notify="1"
            )
            answer = client.post(f"/letters/{LETTERS[n % 3]}/comments", data=form)
            assert answer.status_code == 303  # nothing is refused
            receipt = answer.headers["Location"]
            wish = {"follow": "thread", "daily": str(n % 2), "closing": "1"}
            assert victim.post(receipt, f"{receipt}/follow", **wish).status_code == 303
        for n, verdict in enumerate(("publish", "refuse", "return", "publish", "spam"), 1):
            decide(moderator, n, verdict)
        other = Reader(app, later, "other@example.org")
        other.send(parent="1")
        decide(moderator, 10, "publish")
    days = []
    for hours in range(0, 7 * 24, 3):
        with clock.at(NOON + timedelta(hours=hours)):
            jobs.run_once(app)
    with app.app_context():
        session().expire_all()
        mine = app.extensions["commentsite"].vault.keyed_hash("recipient", "victim@example.org")
        sent = session().query(Message).filter_by(recipient_hash=mine).order_by(Message.id).all()
        days = [message.created_at for message in sent]
        assert {m.kind for m in sent} <= {"comment.confirm", "comment.received"}
        assert len(sent) == 2  # one on the day, and the next day one about all the others
        assert days[1] - days[0] >= timedelta(days=1)
        assert books()["awaiting_email"] == 5  # one of the six was marked as spam


def test_v28_taking_a_comment_back_and_sending_it_again_earns_no_second_message(app, client, later):
    def promised():  # of what is sent, the file goes with the comment; that it was sent stays
        jobs.run_once(app)
        with app.app_context():
            session().expire_all()
            return [message.state for message in session().query(Message)]

    with clock.at(NOON):
        victim = Reader(app, later, "victim@example.org")
        for n in range(3):
            victim.send(body=f"Words {n}.")
            assert promised() == ["sent"]
            victim.post(victim.receipts[n], f"{victim.receipts[n]}/erase")
    with clock.at(NOON + timedelta(days=2)):
        assert promised() == ["sent"]  # they are erased; there is nothing to ask


def test_v28_one_that_is_on_its_way_counts_though_its_comment_is_erased_meanwhile(
    app, client, later
):
    victim = Reader(app, later, "victim@example.org").send()
    with app.app_context(), transaction():
        session().query(Message).update(
            {"state": "leased", "attempts": 1, "lease_until": clock.now() + timedelta(minutes=2)}
        )
    victim.post(victim.receipts[0], f"{victim.receipts[0]}/erase")
    victim.send()
    with app.app_context():
        session().expire_all()
        [message] = session().query(Message).all()
        assert (message.state, message.payload_sealed) == ("sent", None)
        assert comment_for_update(2).ask_at is not None


def test_v28_a_confirmed_address_hears_of_decisions_but_is_not_flooded_either(
    app, client, later, moderator
):
    with clock.at(NOON):
        ada = Reader(app, later, "ada@example.org").send().confirm()
        for n in range(6):
            ada.send(body=f"Perhaps typed by another, {n}.")
        assert len(ada.mail("waits for a moderator")) == 3
        decide(moderator, 1, "publish")
        decide(moderator, 2, "refuse")
        assert len(ada.mail("is published")) == len(ada.mail("was not published")) == 1
