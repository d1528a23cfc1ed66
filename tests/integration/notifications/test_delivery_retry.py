"""A sent message is recorded although the database was locked for longer than its timeout."""

import sqlite3
import threading

from commentsite.db.session import db, session
from commentsite.notifications.delivery import RenderedEmail, deliver_due_messages
from commentsite.notifications.models import Message
from commentsite.web.context import runtime
from tests.support.clients import submit


def test_an_email_is_sent_once_although_the_database_was_locked_after_sending(app, client):
    submit(client)
    sent = []
    file = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)

    def send(outgoing):
        sent.append(outgoing.message_id)
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(
            5.5, lambda: other.execute("ROLLBACK")
        ).start()  # longer than SQLite's timeout of five seconds

    with app.app_context():
        arguments = {
            "encryption": runtime().encryption,
            "render": lambda *_: RenderedEmail("s", "b"),
            "send": send,
        }
        assert deliver_due_messages(**arguments) == 1
        assert session().query(Message).one().state == "sent"
        assert deliver_due_messages(**arguments) == 0
        db.session.remove()
    assert len(sent) == 1
    other.close()
