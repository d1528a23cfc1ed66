"""Who is to hear of what, on both databases."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from commentsite import clock, jobs
from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.accounts.queries import actor_for, messages_due, staff_by_email
from commentsite.accounts.rhythm import How, Rhythm
from commentsite.accounts.telling import choose_messages
from commentsite.comments import afterwards, following, mailing, walks
from commentsite.comments.afterwards import erase_comment, withdraw_comment
from commentsite.comments.models import Notice
from commentsite.comments.queries import comment_for_update
from commentsite.db import db, session, transaction
from commentsite.errors import Conflict
from commentsite.letters.afterwards import (
    set_email_confirmation,
    set_window,
)
from commentsite.moderation import digests
from commentsite.moderation.policy import Verdict
from commentsite.moderation.services import retry_message
from commentsite.moderation.transparency import verify
from commentsite.notifications.models import Message
from commentsite.upgrading import downgrade, upgrade
from tests.support.factories import add_staff_member, count_messages, record_decision, store_comment


def store_published_comment(app, email, *, confirmed=True, follow="", daily=False, **changes):
    changes.setdefault("body", f"Words of {email} {clock.now().isoformat()}.")
    comment = store_comment(app, email=email, **changes).comment
    with transaction():
        comment = comment_for_update(comment.id)
        if confirmed:
            afterwards.confirm_email(comment, by=READER)
        following.choose(comment, follow, is_daily=daily, closing=True, by=READER)
    record_decision(app, comment.id, Verdict.PUBLISH)
    return comment.id


def test_notices_go_to_who_asked_each_mailbox_once(any_app):
    top = store_published_comment(any_app, "top@example.org", follow="answers")
    thread = store_published_comment(any_app, "deep@example.org", follow="thread", parent=top)
    store_published_comment(any_app, "deep@example.org", follow="thread", daily=True, parent=top)
    store_published_comment(
        any_app, "vain@example.org", follow="thread", parent=top, confirmed=False
    )
    with transaction():
        session().query(Notice).delete()
    answer = store_published_comment(any_app, "new@example.org", parent=top)
    told = {(n.comment_id, n.answer_id, n.is_daily) for n in session().query(Notice)}
    assert told == {(top, answer, False), (thread, answer, False)}
    deeper = store_published_comment(any_app, "top@example.org", parent=answer)
    assert {n.comment_id for n in session().query(Notice).filter_by(answer_id=deeper)} == {thread}
    jobs.run_once(any_app)
    assert (count_messages(kind="comment.answered"), count_messages(kind="comment.thread")) == (
        1,
        2,
    )
    with transaction():
        afterwards.erase_comment(comment_for_update(thread), by=READER)
    assert session().query(Notice).filter_by(comment_id=thread).count() == 0
    assert verify() == []


def test_two_workers_tell_a_mailbox_once(any_app, vault):
    top = store_published_comment(any_app, "top@example.org", follow="answers")
    with transaction():
        set_window("hello", None, clock.now() + timedelta(hours=20), 0, by=SYSTEM)
    for n in range(4):
        store_published_comment(any_app, f"{n}@example.org", parent=top)
    failed = []
    session().rollback()

    def work():
        with any_app.app_context():
            try:
                for email_hash in walks.mailboxes_due(clock.now()):
                    with transaction():
                        following.tell_due(email_hash, vault)
                for comment_id in walks.to_tell_of_closing(
                    clock.now(), clock.now() + following.SOON
                ):
                    with transaction():
                        following.tell_closing(comment_id, vault)
            except Exception as problem:  # noqa: BLE001
                failed.append(problem)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert count_messages(kind="comment.answered") == 4
    assert count_messages(kind="comment.closing") == 5  # five mailboxes asked


def test_a_confirmation_beyond_the_daily_limit_is_requested_the_next_day(any_app, vault):
    with transaction():
        set_email_confirmation("hello", "before_queue", by=SYSTEM)
    first, *others = (store_comment(any_app, body=f"Words {n}.").comment for n in range(3))
    assert first.ask_at is None
    [due] = {other.ask_at for other in others}
    assert due - timedelta(days=1) <= clock.now()
    with clock.at(due - timedelta(seconds=1)):
        assert walks.to_ask(clock.now()) == []
    with clock.at(due):
        for comment_id in walks.to_ask(clock.now()):
            with transaction():
                mailing.ask_again(comment_id, vault)
    assert count_messages(kind="comment.confirm") == 2
    session().expire_all()
    assert [comment_for_update(c.id).ask_at for c in others] == [None, None]


def test_another_try_never_makes_it_two_a_day(any_app):
    store_comment(any_app)
    with transaction():
        message = session().query(Message).one()
        message.state, message.created_at = "failed", clock.now() - timedelta(days=2)
    store_comment(any_app, body="Of today.")
    assert count_messages(kind="comment.received") == 2
    with pytest.raises(Conflict, match="today already"), transaction():
        retry_message(message.id, by=SYSTEM)
    with clock.at(clock.now() + timedelta(days=1, minutes=1)), transaction():
        retry_message(message.id, by=SYSTEM)


def test_who_wanted_answers_before_the_new_shape_still_does(any_app):
    wanted = store_comment(any_app, notify=True, body="Wants answers.").comment.id
    silent = store_comment(any_app, body="Wants nothing.").comment.id
    session().rollback()
    downgrade(revision="0010")
    db.session.remove()
    query = text("SELECT id FROM comment WHERE notify")
    assert session().scalars(query).all() == [wanted]
    session().rollback()
    upgrade()
    db.session.remove()
    assert [comment_for_update(n).follow for n in (wanted, silent)] == ["answers", ""]


def test_two_workers_tell_a_moderator_once(any_app, vault):
    add_staff_member(any_app)
    failed = []
    with clock.at(clock.now() - timedelta(hours=1)), transaction():
        moderator = actor_for(staff_by_email("mod@staff.example"))
        choose_messages(Rhythm(How.IMMEDIATE), by=moderator)
    store_comment(any_app, body="Words that wait.")
    session().rollback()

    def work():
        with any_app.app_context():
            try:
                for staff_id in messages_due(clock.now()):
                    with transaction():
                        digests.tell_due(staff_id, vault)
            except Exception as problem:  # noqa: BLE001
                failed.append(problem)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert count_messages(kind="staff.digest") == 1


def test_erasing_takes_unsent_messages_along_and_answers_stop_with_withdrawal(any_app):
    comment = store_comment(any_app, notify=True).comment
    assert count_messages(kind="comment.received") == 1
    with transaction():
        erase_comment(comment_for_update(comment.id), by=READER)
    assert count_messages(kind="comment.received") == 0

    parent = store_comment(any_app, notify=True, body="Asks for answers.").comment
    record_decision(any_app, parent.id, Verdict.PUBLISH)
    with transaction():
        comment_for_update(parent.id).email_confirmed_at = clock.now()
    answer = store_comment(
        any_app, email="o@example.org", body="An answer.", parent=parent.id
    ).comment
    with transaction():
        withdraw_comment(comment_for_update(parent.id), by=READER)
    record_decision(any_app, answer.id, Verdict.PUBLISH)
    assert count_messages(kind="comment.answered") == 0
