"""Two moderators or workers act at once: one wins, and the other learns who did."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM, RoleName
from commentsite.accounts.queries import build_actor, get_staff_member
from commentsite.accounts.services import add_staff
from commentsite.db.session import db, session, transaction
from commentsite.errors import Conflict
from commentsite.moderation.claims import claim_case
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.services import decide
from commentsite.notifications.delivery import RenderedEmail, deliver_due_messages
from tests.support.factories import store_comment


def test_a_moderator_with_a_stale_page_learns_who_decided_first(any_app, encryption):
    comment = store_comment(any_app).comment
    with transaction():
        decide(comment.id, 1, Verdict.PUBLISH, by=SYSTEM, encryption=encryption, rule="", note="")
    with pytest.raises(Conflict) as refused, transaction():
        decide(comment.id, 1, Verdict.SPAM, by=SYSTEM, encryption=encryption, rule="", note="")
    assert refused.value.details["name"] == "commentsite"
    assert "published this comment at" in refused.value.message


def test_a_worker_slower_than_its_lease_does_not_fail_messages_that_another_sent(
    any_app, encryption
):
    for n in range(3):
        store_comment(any_app, email=f"a{n}@example.org", body=f"Words number {n}.")
    sent: list[str] = []
    start = clock.now()

    def render(kind, context):
        return RenderedEmail(kind, "x")

    def second_worker():
        with any_app.app_context(), clock.freeze_at(start + timedelta(minutes=3)):
            deliver_due_messages(
                encryption=encryption, render=render, send=lambda o: sent.append(o.message_id)
            )

    def slow(outgoing):
        sent.append(outgoing.message_id)
        if (
            len(sent) == 1
        ):  # this delivery takes three minutes, and a second worker starts meanwhile
            thread = threading.Thread(target=second_worker)
            thread.start()
            thread.join()

    deliver_due_messages(encryption=encryption, render=render, send=slow)
    session().rollback()
    rows = session().execute(text("SELECT state, last_error FROM outbox")).all()
    assert [tuple(row) for row in rows] == [("sent", "")] * 3
    assert (
        len([m for m in set(sent) if sent.count(m) > 1]) <= 1
    )  # only the message that was being delivered


def test_of_two_simultaneous_claims_one_succeeds(any_app):
    comment = store_comment(any_app).comment
    people = []
    with transaction():
        for n in (1, 2):
            user = add_staff(
                by=SYSTEM, email=f"p{n}@staff.example", name=f"Person {n}", password_hash="x",
                role=RoleName.MODERATOR,
            )  # fmt: skip
            people.append(user.id)
    actors = [build_actor(get_staff_member(number)) for number in people]
    db.session.remove()
    both, outcomes = threading.Barrier(2), []

    def claim(by):
        with any_app.app_context():
            both.wait(10)
            try:
                with transaction():
                    claim_case(comment.id, by=by)
                outcomes.append("claimed")
            except Conflict as refused:
                outcomes.append(refused.details["name"])

    threads = [threading.Thread(target=claim, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(outcomes) == 2
    assert outcomes.count("claimed") == 1
    [other] = [name for name in outcomes if name != "claimed"]
    assert other in {"Person 1", "Person 2"}
