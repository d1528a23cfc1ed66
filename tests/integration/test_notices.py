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
from commentsite.comments.models import Notice
from commentsite.comments.queries import comment_for_update
from commentsite.db import db, session, transaction
from commentsite.errors import Conflict
from commentsite.letters.afterwards import set_email_confirmation, set_window
from commentsite.moderation import digests
from commentsite.moderation.policy import Verdict
from commentsite.moderation.services import retry_message
from commentsite.moderation.transparency import verify
from commentsite.notifications.models import Message
from commentsite.upgrading import downgrade, upgrade
from tests.conftest import add_person
from tests.integration.test_races_and_erasure import decide_now, submit


def published(app, email, *, confirmed=True, follow="", daily=False, **changes):
    changes.setdefault("body", f"Words of {email} {clock.now().isoformat()}.")
    comment = submit(app, email=email, **changes).comment
    with transaction():
        comment = comment_for_update(comment.id)
        if confirmed:
            afterwards.confirm_email(comment, by=READER)
        following.choose(comment, follow, is_daily=daily, closing=True, by=READER)
    decide_now(app, comment, Verdict.PUBLISH)
    return comment.id


def messages(**where):
    session().rollback()
    return session().query(Message).filter_by(**where).count()


def test_notices_go_to_who_asked_each_mailbox_once(any_app):
    top = published(any_app, "top@example.org", follow="answers")
    thread = published(any_app, "deep@example.org", follow="thread", parent=top)
    published(any_app, "deep@example.org", follow="thread", daily=True, parent=top)
    published(any_app, "vain@example.org", follow="thread", parent=top, confirmed=False)
    with transaction():
        session().query(Notice).delete()
    answer = published(any_app, "new@example.org", parent=top)
    told = {(n.comment_id, n.answer_id, n.is_daily) for n in session().query(Notice)}
    assert told == {(top, answer, False), (thread, answer, False)}
    deeper = published(any_app, "top@example.org", parent=answer)
    assert {n.comment_id for n in session().query(Notice).filter_by(answer_id=deeper)} == {thread}
    jobs.run_once(any_app)
    assert (messages(kind="comment.answered"), messages(kind="comment.thread")) == (1, 2)
    with transaction():
        afterwards.erase_comment(comment_for_update(thread), by=READER)
    assert session().query(Notice).filter_by(comment_id=thread).count() == 0
    assert verify() == []


def test_two_workers_tell_a_mailbox_once(any_app):
    top = published(any_app, "top@example.org", follow="answers")
    with transaction():
        set_window("hello", None, clock.now() + timedelta(hours=20), 0, by=SYSTEM)
    for n in range(4):
        published(any_app, f"{n}@example.org", parent=top)
    vault, failed = any_app.extensions["commentsite"].vault, []
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
    assert messages(kind="comment.answered") == 4
    assert messages(kind="comment.closing") == 5  # five mailboxes asked


def test_what_could_not_be_asked_today_is_asked_when_a_day_is_over(any_app):
    vault = any_app.extensions["commentsite"].vault
    with transaction():
        set_email_confirmation("hello", "before_queue", by=SYSTEM)
    first, *others = (submit(any_app, body=f"Words {n}.").comment for n in range(3))
    assert first.ask_at is None
    [due] = {other.ask_at for other in others}
    assert due - timedelta(days=1) <= clock.now()
    with clock.at(due - timedelta(seconds=1)):
        assert walks.to_ask(clock.now()) == []
    with clock.at(due):
        for comment_id in walks.to_ask(clock.now()):
            with transaction():
                mailing.ask_again(comment_id, vault)
    assert messages(kind="comment.confirm") == 2
    session().expire_all()
    assert [comment_for_update(c.id).ask_at for c in others] == [None, None]


def test_another_try_never_makes_it_two_a_day(any_app):
    submit(any_app)
    with transaction():
        message = session().query(Message).one()
        message.state, message.created_at = "failed", clock.now() - timedelta(days=2)
    submit(any_app, body="Of today.")
    assert messages(kind="comment.received") == 2
    with pytest.raises(Conflict, match="today already"), transaction():
        retry_message(message.id, by=SYSTEM)
    with clock.at(clock.now() + timedelta(days=1, minutes=1)), transaction():
        retry_message(message.id, by=SYSTEM)


def test_who_wanted_answers_before_the_new_shape_still_does(any_app):
    wanted = submit(any_app, notify=True, body="Wants answers.").comment.id
    silent = submit(any_app, body="Wants nothing.").comment.id
    session().rollback()
    downgrade(revision="0010")
    db.session.remove()
    query = text("SELECT id FROM comment WHERE notify")
    assert session().scalars(query).all() == [wanted]
    session().rollback()
    upgrade()
    db.session.remove()
    assert [comment_for_update(n).follow for n in (wanted, silent)] == ["answers", ""]


def test_two_workers_tell_a_moderator_once(any_app):
    add_person(any_app)
    vault, failed = any_app.extensions["commentsite"].vault, []
    with clock.at(clock.now() - timedelta(hours=1)), transaction():
        moderator = actor_for(staff_by_email("mod@staff.example"))
        choose_messages(Rhythm(How.IMMEDIATE), by=moderator)
    submit(any_app, body="Words that wait.")
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
    assert messages(kind="staff.digest") == 1
