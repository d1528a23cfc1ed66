"""Events are stored with the change that causes them, and two workers do not send one twice."""

import threading
from functools import partial
from ipaddress import ip_network

import pytest
from sqlalchemy import select

from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import db, session, transaction
from commentsite.integrations.outgoing_requests import send_all
from commentsite.webhooks.delivery import deliver_due_events
from commentsite.webhooks.events import record_webhook_event
from commentsite.webhooks.models import WebhookDelivery, WebhookEvent
from commentsite.webhooks.services import create_webhook, delete_webhook, pause_webhook
from commentsite.webhooks.states import EventType
from tests.support.factories import mark_published, store_comment
from tests.support.receivers import run_receiver

LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def receiver():
    with run_receiver() as receiver:
        yield receiver


def add_webhook(encryption, url, events=("comment.published",)):
    with transaction():
        return create_webhook(
            "Test", url, events, by=SYSTEM, encryption=encryption, networks=LOOPBACK
        )[0].id


def deliver(encryption):
    return deliver_due_events(
        encryption=encryption,
        base_url="https://letters.example",
        send_all=partial(send_all, timeout=10, allowed=LOOPBACK),
    )


def test_two_workers_send_an_event_once(any_app, encryption, receiver):
    add_webhook(encryption, receiver.url)
    store_comment(any_app)
    mark_published(1)
    receiver.gate.clear()

    def work():
        with any_app.app_context():
            deliver(encryption)
            db.session.remove()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    receiver.gate.set()
    for worker in workers:
        worker.join(30)
    assert len(receiver.received) == 1
    assert b"https://letters.example/letters/hello/comments/1" in receiver.received[0].body
    session().rollback()
    assert session().scalars(select(WebhookDelivery.state)).all() == ["sent"]


def test_a_change_that_is_rolled_back_sends_nothing(any_app, encryption, receiver):
    add_webhook(encryption, receiver.url)
    store_comment(any_app)
    with transaction():
        record_webhook_event(EventType.COMMENT_PUBLISHED)
        session().rollback()
    assert deliver(encryption) == 0


def test_a_webhook_leaves_nothing_behind(any_app, encryption, receiver):
    webhook_id = add_webhook(encryption, receiver.url)
    store_comment(any_app)
    mark_published(1)
    with transaction():
        pause_webhook(webhook_id, by=SYSTEM)
    with transaction():
        delete_webhook(webhook_id, by=SYSTEM)
    assert session().scalars(select(WebhookDelivery.id)).all() == []
    assert deliver(encryption) == 0
    assert receiver.received == []
    assert session().scalars(select(WebhookEvent.type)).all() == ["comment.published"]
