"""Subscribers are told what is new, on both databases."""

from datetime import timedelta

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.subscribers.models import DigestFrequency, ReaderSubscription, Subscriber
from commentsite.comments.subscribers.services import (
    SubscriptionRequest,
    request_subscription,
)
from commentsite.db.session import session, transaction
from commentsite.letters.publication.corrections import withdraw_letter
from commentsite.moderation.decisions.policy import Verdict
from commentsite.notifications.models import Message
from commentsite.worker import tasks
from tests.support.factories import (
    encryption_of,
    publish_sample_letter,
    record_decision,
    store_comment,
    store_subscriber,
)


def announced():
    session().rollback()
    query = session().query(Message.kind).filter(Message.kind.startswith("subscription."))
    return sorted(kind for (kind,) in query)


def run_worker_after(app, **later):
    with clock.freeze_at(clock.now() + timedelta(**later)):
        tasks.run_pass(app)


def test_letters_comments_and_withdrawals_are_told_once(any_app):
    with transaction():
        store_subscriber(any_app, "letters@example.org")
        store_subscriber(any_app, "comments@example.org", letter_id=1)
    publish_sample_letter("second")
    comment = store_comment(any_app, email="ada@example.org").comment
    record_decision(any_app, comment.id, Verdict.PUBLISH)
    run_worker_after(any_app, minutes=5)
    assert announced() == ["subscription.comments", "subscription.letters"]
    run_worker_after(any_app, minutes=90)
    assert len(announced()) == 2
    with clock.freeze_at(clock.now() + timedelta(hours=3)), transaction():
        withdraw_letter("hello", "Because.", by=SYSTEM)
    run_worker_after(any_app, hours=5)
    assert announced()[2:] == ["subscription.withdrawn"]
    assert [s.letter_id for s in session().query(ReaderSubscription)] == [None]


def test_a_mailbox_has_one_row_and_one_request_a_day(any_app):
    for letter_topic in ("", "", "water"):
        with transaction():
            request_subscription(
                "Ada@example.org",
                SubscriptionRequest(None, letter_topic, DigestFrequency.DAILY),
                encryption=encryption_of(any_app),
            )
    assert session().query(Subscriber).count() == 1
    assert [s.topic for s in session().query(ReaderSubscription)] == ["", "water"]
    assert announced() == ["subscription.confirm"]
