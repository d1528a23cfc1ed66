"""Strangers can cause at most one message a day to another person's address."""

from datetime import UTC, datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import session, transaction
from commentsite.letters.comment_window import set_comment_window
from commentsite.letters.publication.comment_settings import set_email_confirmation
from commentsite.notifications.models import Message
from commentsite.worker import tasks
from tests.support.clients import Commenter, decide, fill_comment_form
from tests.support.factories import count_comments_by_state, publish_sample_letter

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LETTERS = ("hello", "asks-always", "asks-first")


def several_letters(app):
    with app.app_context():
        for slug, how in zip(LETTERS[1:], ("before_queue", "first_time"), strict=True):
            publish_sample_letter(slug)
            with transaction():
                set_email_confirmation(slug, how, by=SYSTEM)
        for slug in LETTERS:
            with transaction():
                set_comment_window(slug, None, NOON + timedelta(days=3), 0, by=SYSTEM)


def test_an_address_typed_by_strangers_gets_one_email_a_day_whatever_they_do(
    app, client, moderator, encryption
):
    with clock.freeze_at(NOON):
        several_letters(app)
        victim = Commenter(app, "victim@example.org")
        for n in range(9):
            spelling = ("victim@example.org", "VICTIM@example.org", "Victim@EXAMPLE.org")[n % 3]
            form = fill_comment_form(
                client, LETTERS[n % 3], email=spelling, body=f"Words {n}.", notify="1"
            )
            answer = client.post(f"/letters/{LETTERS[n % 3]}/comments", data=form)
            assert answer.status_code == 303  # nothing is refused
            receipt = answer.headers["Location"]
            wish = {"follow": "thread", "daily": str(n % 2), "closing": "1"}
            assert victim.post(receipt, f"{receipt}/follow", **wish).status_code == 303
        for n, verdict in enumerate(("publish", "refuse", "return", "publish", "spam"), 1):
            decide(moderator, n, verdict, reason="R5", note="n")
        other = Commenter(app, "other@example.org")
        other.submit(parent="1")
        decide(moderator, 10, "publish", reason="R5", note="n")
    days = []
    for hours in range(0, 7 * 24, 3):
        with clock.freeze_at(NOON + timedelta(hours=hours)):
            tasks.run_pass(app)
    with app.app_context():
        session().expire_all()
        mine = encryption.keyed_hash("recipient", "victim@example.org")
        sent = session().query(Message).filter_by(recipient_hash=mine).order_by(Message.id).all()
        days = [message.created_at for message in sent]
        assert {m.kind for m in sent} <= {"comment.confirm", "comment.received"}
        assert len(sent) == 2  # one on the day, and the next day one about all the others
        assert days[1] - days[0] >= timedelta(days=1)
        assert count_comments_by_state()["awaiting_email"] == 5  # one of the six was marked as spam


def test_withdrawing_a_comment_and_sending_it_again_causes_no_second_email(app, client):
    def promised():  # of what is sent, the file goes with the comment; that it was sent stays
        tasks.run_pass(app)
        with app.app_context():
            session().expire_all()
            return [message.state for message in session().query(Message)]

    with clock.freeze_at(NOON):
        victim = Commenter(app, "victim@example.org")
        for n in range(3):
            victim.submit(body=f"Words {n}.")
            assert promised() == ["sent"]
            victim.post(victim.receipts[n], f"{victim.receipts[n]}/erase")
    with clock.freeze_at(NOON + timedelta(days=2)):
        assert promised() == ["sent"]  # they are erased; there is nothing to ask


def test_a_queued_email_counts_although_its_comment_is_erased_meanwhile(app, client):
    victim = Commenter(app, "victim@example.org").submit()
    with app.app_context(), transaction():
        session().query(Message).update(
            {"state": "leased", "attempts": 1, "lease_until": clock.now() + timedelta(minutes=2)}
        )
    victim.post(victim.receipts[0], f"{victim.receipts[0]}/erase")
    victim.submit()
    with app.app_context():
        session().expire_all()
        [message] = session().query(Message).all()
        assert (message.state, message.payload_sealed) == ("sent", None)
        assert get_comment_for_update(2).confirmation_due_at is not None


def test_a_confirmed_address_is_notified_of_decisions_and_not_flooded(app, client, moderator):
    with clock.freeze_at(NOON):
        ada = Commenter(app, "ada@example.org").submit().confirm()
        for n in range(6):
            ada.submit(body=f"Perhaps typed by another, {n}.")
        assert len(ada.mail("is waiting for a moderator")) == 3
        decide(moderator, 1, "publish", reason="R5", note="n")
        decide(moderator, 2, "refuse", reason="R5", note="n")
        assert len(ada.mail("is published")) == len(ada.mail("was not published")) == 1
