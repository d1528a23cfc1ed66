"""Two who act at once: moderators are told who was first, workers do not undo each other."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.db import session, transaction
from commentsite.errors import Conflict
from commentsite.moderation.policy import Verdict
from commentsite.moderation.services import decide
from commentsite.notifications.delivery import deliver
from tests.integration.test_services import submit


def test_a_stale_decision_is_told_who_was_first(any_app):
    comment = submit(any_app).comment
    vault = any_app.extensions["commentsite"].vault
    with transaction():
        decide(comment.id, 1, Verdict.PUBLISH, by=SYSTEM, vault=vault, reason="", note="")
    with pytest.raises(Conflict) as refused, transaction():
        decide(comment.id, 1, Verdict.SPAM, by=SYSTEM, vault=vault, reason="", note="")
    assert refused.value.details["name"] == "commentsite"
    assert refused.value.details["done"] == "published"


def test_a_worker_slower_than_its_lease_fails_nothing_that_another_sent(any_app):
    vault = any_app.extensions["commentsite"].vault
    for n in range(3):
        submit(any_app, email=f"a{n}@example.org", body=f"Words number {n}.")
    sent: list[str] = []
    start = clock.now()

    def render(kind, context):
        return kind, "x"

    def second_worker():
        with any_app.app_context(), clock.at(start + timedelta(minutes=3)):
            deliver(vault=vault, render=render, send=lambda o: sent.append(o.message_id))

    def slow(outgoing):
        sent.append(outgoing.message_id)
        if len(sent) == 1:  # this sending took three minutes; another worker looks meanwhile
            thread = threading.Thread(target=second_worker)
            thread.start()
            thread.join()

    deliver(vault=vault, render=render, send=slow)
    session().rollback()
    rows = session().execute(text("SELECT state, last_error FROM outbox")).all()
    assert [tuple(row) for row in rows] == [("sent", "")] * 3
    assert len([m for m in set(sent) if sent.count(m) > 1]) <= 1  # only the one on its way
