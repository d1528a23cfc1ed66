"""Readers subscribe by email, confirm, change and end it."""

import re
from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.subscribers.models import ReaderSubscription, Subscriber
from commentsite.db.session import session, transaction
from commentsite.letters.publication.corrections import withdraw_letter
from commentsite.notifications.models import Message
from commentsite.worker import tasks
from tests.support.clients import publish, submit
from tests.support.factories import publish_sample_letter, store_subscriber
from tests.support.smtp import read_mail, text_of

ADA = "ada@example.org"


def subscribe(client, email=ADA, **fields):
    return client.post("/subscribe", data={"email": email, **fields})


def find_page(app, email=ADA):
    """Return the address of the private page of a mailbox, from its newest email."""
    return re.search(r"/subscriptions/[\w-]+", text_of(read_mail(app, email)[-1]))[0]


def confirm_all(client, page):
    ids = re.findall(r'name="subscription"\s+value="(\d+)"', client.get(page).text)
    return client.post(page, data={"action": "confirm", "subscription": ids})


def publish_letter(app, slug, **changes):
    with app.app_context():
        publish_sample_letter(slug, **changes)


def emails_of(app, subject):
    return [m for m in read_mail(app, ADA) if subject in m["Subject"]]


def test_a_reader_subscribes_confirms_and_gets_the_next_letter(app, client):
    assert subscribe(client).headers["Location"] == "/subscribe/requested"
    page = find_page(app)
    assert emails_of(app, "Confirm your subscription to new letters")
    # Programs that check emails follow links. Nothing happens until a person presses the button.
    assert "Waiting for your confirmation" in client.get(page).text
    publish_letter(app, "second")
    tasks.run_pass(app)
    assert not emails_of(app, "New letter")
    assert "confirmed" in client.get(confirm_all(client, page).headers["Location"]).text
    with clock.freeze_at(clock.now() + timedelta(minutes=2)):
        publish_letter(app, "third")
        tasks.run_pass(app)
        [told] = emails_of(app, "New letter")
        assert "/letters/third" in text_of(told)
        assert "/letters/second" not in text_of(told)
        tasks.run_pass(app)
        assert len(emails_of(app, "New letter")) == 1


def test_the_owner_of_a_mailbox_decides_the_language_of_its_emails(app, client):
    client.post("/ar/subscribe", data={"email": ADA})  # it may be from a stranger
    confirm_all(client, "/fr" + find_page(app))
    client.post("/ru/subscribe", data={"email": ADA, "letter": "hello"})
    with app.app_context():
        assert session().query(Subscriber).one().language == "fr"


def test_a_mail_program_ends_a_subscription_with_one_request(app, client):
    subscribe(client)
    page = find_page(app)
    confirm_all(client, page)
    with clock.freeze_at(clock.now() + timedelta(minutes=2)):
        publish_letter(app, "second")
        tasks.run_pass(app)
        [told] = emails_of(app, "New letter")
        assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        link = re.fullmatch("<http://127.0.0.1:8000(.*)>", told["List-Unsubscribe"])[1]
        assert "Unsubscribe from these emails" in client.get(link).text
        for _again in range(2):
            answer = client.post(link, data={"List-Unsubscribe": "One-Click"})
            assert answer.status_code == 200
            assert "You are unsubscribed" in answer.text
        assert client.get(page).status_code == 404
    with app.app_context():
        assert (
            session().query(Subscriber).count() == session().query(ReaderSubscription).count() == 0
        )


def test_comments_of_a_letter_are_collected(app, client, moderator):
    assert "/subscribe?letter=hello" in client.get("/letters/hello").text
    assert 'name="frequency"' in client.get("/subscribe?letter=hello").text
    subscribe(client, letter="hello", frequency="hourly")
    page = find_page(app)
    confirm_all(client, page)
    for n in (1, 2):
        submit(client, email=f"{n}@example.org", body=f"Comment {n}.")
        publish(moderator, n)
    now = clock.now()
    with clock.freeze_at(now + timedelta(minutes=3)):
        tasks.run_pass(app)
        [told] = emails_of(app, "2 new comments on “Hello”")
        assert "/letters/hello/comments/1\n" in text_of(told)
        assert "1@example.org" not in text_of(told)
        submit(client, email="3@example.org", body="Comment 3.")
        publish(moderator, 3)
    with clock.freeze_at(now + timedelta(minutes=30)):
        tasks.run_pass(app)
        assert len(emails_of(app, "new comment")) == 1
    with clock.freeze_at(now + timedelta(minutes=65)):
        tasks.run_pass(app)
        assert "/letters/hello/comments/3\n" in text_of(emails_of(app, "1 new comment")[0])
        client.post(page, data={"action": "change", "subscription": "1", "frequency": "daily"})
        assert '<option value="daily" selected>' in client.get(page).text


def test_a_letter_that_is_withdrawn_ends_the_subscription_to_its_comments(app, client):
    subscribe(client, letter="hello")
    confirm_all(client, find_page(app))
    with app.app_context(), transaction():
        withdraw_letter("hello", "The author asked for it.", by=SYSTEM)
    with clock.freeze_at(clock.now() + timedelta(days=1)):
        tasks.run_pass(app)
        [told] = emails_of(app, "“Hello” was withdrawn")
        assert "> The author asked for it." in text_of(told)
    with app.app_context():
        assert session().query(Subscriber).count() == 0
    assert client.get("/subscribe?letter=hello").status_code == 404


def test_topics_choose_the_letters(app, client):
    publish_letter(app, "wells", topics=("water",))
    assert '<option value="water"' in client.get("/subscribe").text
    subscribe(client, topic="water")
    page = find_page(app)
    confirm_all(client, page)
    with clock.freeze_at(clock.now() + timedelta(minutes=2)):
        publish_letter(app, "roads", topics=("roads",))
        publish_letter(app, "rivers", topics=("Water",))
        tasks.run_pass(app)
        [told] = emails_of(app, "New letter")
        assert "/letters/rivers" in text_of(told)
        assert "/letters/roads" not in text_of(told)


def test_the_answer_is_the_same_for_every_address_and_a_mailbox_gets_one_email_a_day(app, client):
    subscribe(client)
    confirm_all(client, find_page(app))
    with clock.freeze_at(clock.now() + timedelta(days=1, minutes=1)):
        answers = {
            (answer.status_code, answer.headers["Location"])
            for answer in (
                subscribe(client),
                subscribe(client),
                subscribe(client, "new@example.org"),
            )
        }
        assert answers == {(303, "/subscribe/requested")}
        assert subscribe(client, letter="hello").status_code == 303
        assert len(read_mail(app, ADA)) == 2
        page = client.get(find_page(app)).text
        assert "New comments on “Hello”" in page
        assert "Waiting for your confirmation" in page


def test_an_address_with_a_mistake_comes_back_with_a_sentence(app, client):
    answer = subscribe(client, "ada at example", letter="hello", frequency="hourly")
    assert answer.status_code == 422
    assert "Enter an email address like name@example.org." in answer.text
    assert 'value="ada at example"' in answer.text
    assert re.search(r'value="hourly"\s+checked', answer.text)
    assert subscribe(client, nickname="bot").status_code == 303
    with app.app_context():
        assert session().query(Subscriber).count() == 0


@pytest.mark.parametrize("page", ["/subscriptions/none", "/subscriptions/none?end=1"])
def test_a_link_that_nobody_has_shows_nothing(client, page):
    answer = client.get(page)
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert client.post(page, data={"action": "confirm", "subscription": "1"}).status_code == 404


def test_what_nobody_confirmed_is_deleted_after_a_week(app, client):
    subscribe(client)
    with clock.freeze_at(clock.now() + timedelta(days=6)):
        tasks.run_pass(app)
    with app.app_context():
        assert session().query(Subscriber).count() == 1
    with clock.freeze_at(clock.now() + timedelta(days=8)):
        tasks.run_pass(app)
    with app.app_context():
        assert (
            session().query(Subscriber).count() == session().query(ReaderSubscription).count() == 0
        )
    assert "Your subscription to new letters" in client.get("/privacy").text


def test_many_subscribers_do_not_fill_the_outbox_while_mail_is_down(mail_site, mailbox):
    mailbox.is_away = True
    with mail_site.app_context(), transaction():
        for n in range(230):
            store_subscriber(mail_site, f"{n}@example.org")
    with clock.freeze_at(clock.now() + timedelta(minutes=2)):
        publish_letter(mail_site, "second")
        for _again in range(2):
            tasks.run_pass(mail_site)
        assert count_announcements(mail_site) == 200
        with mail_site.app_context(), transaction():
            session().query(Message).filter(Message.kind == "subscription.letters").delete()
        tasks.run_pass(mail_site)
        assert count_announcements(mail_site) == 30


def count_announcements(app):
    with app.app_context():
        session().expire_all()
        return session().query(Message).filter(Message.kind == "subscription.letters").count()
