"""Notifications about replies and closing, and their recipients, on both databases."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from commentsite import clock
from commentsite.accounts.digest_preferences import save_digest_schedule
from commentsite.accounts.digest_schedule import DigestSchedule, Frequency
from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.accounts.queries import build_actor, find_staff_by_email, list_staff_due_for_digest
from commentsite.cli.migrate import downgrade_database, run_migrations
from commentsite.comments import privacy
from commentsite.comments.author_actions import withdraw_comment
from commentsite.comments.emails import confirmation, subscriptions
from commentsite.comments.emails import queries as email_queries
from commentsite.comments.emails.mailbox import retry_message
from commentsite.comments.emails.models import PendingNotification
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import db, session, transaction
from commentsite.errors import Conflict
from commentsite.letters.comment_window import set_comment_window
from commentsite.letters.publication.comment_settings import set_email_confirmation
from commentsite.moderation import staff_digest
from commentsite.moderation.decisions.policy import Verdict
from commentsite.notifications.models import Message
from commentsite.worker import tasks
from tests.support.audit import verify_records
from tests.support.factories import add_staff_member, count_messages, record_decision, store_comment


def store_published_comment(app, email, *, confirmed=True, follow="", daily=False, **changes):
    changes.setdefault("body", f"Words of {email} {clock.now().isoformat()}.")
    comment = store_comment(app, email=email, **changes).comment
    with transaction():
        comment = get_comment_for_update(comment.id)
        if confirmed:
            confirmation.confirm_email(comment, by=READER)
        subscriptions.update_subscription(
            comment, follow, has_daily_digest=daily, has_closing_notice=True, by=READER
        )
    record_decision(app, comment.id, Verdict.PUBLISH)
    return comment.id


def test_each_subscribed_mailbox_is_notified_once(any_app):
    top = store_published_comment(any_app, "top@example.org", follow="answers")
    thread = store_published_comment(any_app, "deep@example.org", follow="thread", parent_id=top)
    store_published_comment(any_app, "deep@example.org", follow="thread", daily=True, parent_id=top)
    store_published_comment(
        any_app, "vain@example.org", follow="thread", parent_id=top, confirmed=False
    )
    with transaction():
        session().query(PendingNotification).delete()
    answer = store_published_comment(any_app, "new@example.org", parent_id=top)
    notified = {
        (n.comment_id, n.reply_id, n.is_daily) for n in session().query(PendingNotification)
    }
    assert notified == {(top, answer, False), (thread, answer, False)}
    deeper = store_published_comment(any_app, "top@example.org", parent_id=answer)
    assert {
        n.comment_id for n in session().query(PendingNotification).filter_by(reply_id=deeper)
    } == {thread}
    tasks.run_pass(any_app)
    assert (count_messages(kind="comment.answered"), count_messages(kind="comment.thread")) == (
        1,
        2,
    )
    with transaction():
        privacy.erase_comment(get_comment_for_update(thread), by=READER)
    assert session().query(PendingNotification).filter_by(comment_id=thread).count() == 0
    assert verify_records() == []


def test_two_workers_notify_a_mailbox_once(any_app, encryption):
    top = store_published_comment(any_app, "top@example.org", follow="answers")
    with transaction():
        set_comment_window("hello", None, clock.now() + timedelta(hours=20), 0, by=SYSTEM)
    for n in range(4):
        store_published_comment(any_app, f"{n}@example.org", parent_id=top)
    failed = []
    session().rollback()

    def work():
        with any_app.app_context():
            try:
                for email_hash in email_queries.list_mailboxes_with_due_notifications(clock.now()):
                    with transaction():
                        subscriptions.send_due_notifications(email_hash, encryption)
                for comment_id in email_queries.list_due_closing_notifications(
                    clock.now(), clock.now() + subscriptions.CLOSING_NOTICE_WINDOW
                ):
                    with transaction():
                        subscriptions.send_closing_notification(comment_id, encryption)
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


def test_a_confirmation_beyond_the_daily_limit_is_requested_the_next_day(any_app, encryption):
    with transaction():
        set_email_confirmation("hello", "before_queue", by=SYSTEM)
    first, *others = (store_comment(any_app, body=f"Words {n}.").comment for n in range(3))
    assert first.confirmation_due_at is None
    [due] = {other.confirmation_due_at for other in others}
    assert due - timedelta(days=1) <= clock.now()
    with clock.freeze_at(due - timedelta(seconds=1)):
        assert email_queries.list_due_confirmation_requests(clock.now()) == []
    with clock.freeze_at(due):
        for comment_id in email_queries.list_due_confirmation_requests(clock.now()):
            with transaction():
                confirmation.retry_confirmation_request(comment_id, encryption)
    assert count_messages(kind="comment.confirm") == 2
    session().expire_all()
    assert [get_comment_for_update(c.id).confirmation_due_at for c in others] == [None, None]


def test_a_retried_message_respects_the_daily_limit(any_app):
    store_comment(any_app)
    with transaction():
        message = session().query(Message).one()
        message.state, message.created_at = "failed", clock.now() - timedelta(days=2)
    store_comment(any_app, body="Of today.")
    assert count_messages(kind="comment.received") == 2
    with pytest.raises(Conflict, match="already received an email today"), transaction():
        retry_message(message.id, by=SYSTEM)
    with clock.freeze_at(clock.now() + timedelta(days=1, minutes=1)), transaction():
        retry_message(message.id, by=SYSTEM)


def test_the_migration_keeps_the_subscriptions_to_replies(any_app):
    wanted = store_comment(any_app, notify_of_replies=True, body="Wants answers.").comment.id
    silent = store_comment(any_app, body="Wants nothing.").comment.id
    session().rollback()
    downgrade_database(revision="0010")
    db.session.remove()
    query = text("SELECT id FROM comment WHERE notify")
    assert session().scalars(query).all() == [wanted]
    session().rollback()
    run_migrations()
    db.session.remove()
    assert [get_comment_for_update(n).subscription_scope for n in (wanted, silent)] == [
        "answers",
        "",
    ]


def test_two_workers_send_a_moderator_one_digest(any_app, encryption):
    add_staff_member(any_app)
    failed = []
    with clock.freeze_at(clock.now() - timedelta(hours=1)), transaction():
        moderator = build_actor(find_staff_by_email("mod@staff.example"))
        save_digest_schedule(DigestSchedule(Frequency.IMMEDIATE), by=moderator)
    store_comment(any_app, body="Words that wait.")
    session().rollback()

    def work():
        with any_app.app_context():
            try:
                for staff_id in list_staff_due_for_digest(clock.now()):
                    with transaction():
                        staff_digest.enqueue_due_digest(staff_id, encryption)
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
    comment = store_comment(any_app, notify_of_replies=True).comment
    assert count_messages(kind="comment.received") == 1
    with transaction():
        erase_comment(get_comment_for_update(comment.id), by=READER)
    assert count_messages(kind="comment.received") == 0

    parent = store_comment(any_app, notify_of_replies=True, body="Asks for answers.").comment
    record_decision(any_app, parent.id, Verdict.PUBLISH)
    with transaction():
        get_comment_for_update(parent.id).email_confirmed_at = clock.now()
    answer = store_comment(
        any_app, email="o@example.org", body="An answer.", parent_id=parent.id
    ).comment
    with transaction():
        withdraw_comment(get_comment_for_update(parent.id), by=READER)
    record_decision(any_app, answer.id, Verdict.PUBLISH)
    assert count_messages(kind="comment.answered") == 0
