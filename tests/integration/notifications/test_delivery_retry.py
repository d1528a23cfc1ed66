"""A sent message is recorded although the database was locked for longer than its timeout."""

import sqlite3
import threading

from commentsite.db.session import db, session
from commentsite.notifications.delivery import deliver_due_messages
from commentsite.notifications.models import Message
from commentsite.web.context import runtime
from tests.support.clients import submit


def test_a_database_locked_after_sending_makes_nobody_read_twice(app, client):
    submit(client)
    sent = []
    file = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)

    def send(outgoing):
        sent.append(outgoing.message_id)
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(5.5, lambda: other.execute("ROLLBACK")).start()  # it waits five by itself

    with app.app_context():
        how = {"encryption": runtime().encryption, "render": lambda *_: ("s", "b"), "send": send}
        assert deliver_due_messages(**how) == 1
        assert session().query(Message).one().state == "sent"
        assert deliver_due_messages(**how) == 0
        db.session.remove()
    assert len(sent) == 1
    other.close()
