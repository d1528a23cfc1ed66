"""Edges of the newest comment features, on both databases."""

import threading
from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.accounts.permissions import READER, SYSTEM, Actor, Permission
from commentsite.audit.queries import latest_entries
from commentsite.comments.afterwards import erase_comment, withdraw_comment
from commentsite.comments.models import Comment, Report
from commentsite.comments.queries import books, comment_for_update, page_of, tallies
from commentsite.comments.reports import report_comment
from commentsite.comments.shown import thread_page
from commentsite.comments.thread import build
from commentsite.db import db, session, transaction
from commentsite.errors import Invalid, NotAllowed
from commentsite.letters.afterwards import close_due, set_comments_open, set_window
from commentsite.letters.queries import letter_by_slug
from commentsite.moderation import services as moderation
from commentsite.moderation.policy import Verdict
from commentsite.moderation.transparency import verify
from commentsite.notifications.models import Message
from commentsite.site.queries import rules_in_force, settings_row
from tests.integration.test_races_and_erasure import decide_now, submit


def report(comment_id, words="It names somebody of a certain street."):
    with transaction():
        return report_comment(
            comment_for_update(comment_id), "R2", words, rules=rules_in_force(), by=READER
        )


def messages(kind):
    session().rollback()
    return session().query(Message).filter_by(kind=kind).count()


def test_erasing_and_deciding_at_once_wait_for_each_other(any_app):
    pairs = [
        (submit(any_app, email=f"a{n}@example.org", body=f"Erased {n}").comment.id,
         submit(any_app, email=f"b{n}@example.org", body=f"Decided {n}").comment.id)
        for n in range(6)
    ]  # fmt: skip
    session().rollback()
    failed = []

    def run(act):
        with any_app.app_context():
            try:
                act()
            except Exception as problem:  # noqa: BLE001
                failed.append(problem)
            finally:
                db.session.remove()

    def erase(comment_id):
        with transaction():
            erase_comment(comment_for_update(comment_id), by=READER)

    def publish(comment_id):
        decide_now(any_app, session().get(Comment, comment_id), Verdict.PUBLISH)

    threads = []
    for erased, decided in pairs:
        threads += [
            threading.Thread(target=run, args=(lambda i=erased: erase(i),)),
            threading.Thread(target=run, args=(lambda i=decided: publish(i),)),
        ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    session().rollback()
    assert (books()["published"], books()["withdrawn"]) == (6, 6)
    assert verify() == []


def test_nobody_closes_reports_of_their_own_comment(any_app):
    comment = submit(any_app, email="mod@staff.example").comment
    decide_now(any_app, comment, Verdict.PUBLISH)
    report(comment.id)
    vault = any_app.extensions["commentsite"].vault
    mine = Actor("user:1", frozenset({Permission.MODERATE}), 1, "Mona", "MOD@staff.example")
    with pytest.raises(NotAllowed), transaction():
        moderation.keep(comment.id, by=mine, vault=vault)
    other = Actor("user:2", frozenset({Permission.MODERATE}), 2, "Bo", "bo@staff.example")
    with transaction():
        moderation.keep(comment.id, by=other, vault=vault)


def test_reports_end_with_what_they_were_about(any_app):
    comment = submit(any_app).comment
    decide_now(any_app, comment, Verdict.PUBLISH)
    report(comment.id)
    with transaction():
        erase_comment(comment_for_update(comment.id), by=READER)
    session().rollback()
    kept = session().query(Report).one()
    assert (kept.state, kept.words) == ("gone", "")
    assert verify() == []


def test_erasing_takes_unsent_messages_along_and_answers_stop_with_withdrawal(any_app):
    comment = submit(any_app, notify=True).comment
    assert messages("comment.received") == 1
    with transaction():
        erase_comment(comment_for_update(comment.id), by=READER)
    assert messages("comment.received") == 0

    parent = submit(any_app, notify=True, body="Asks for answers.").comment
    decide_now(any_app, parent, Verdict.PUBLISH)
    with transaction():
        comment_for_update(parent.id).email_confirmed_at = clock.now()
    answer = submit(any_app, email="o@example.org", body="An answer.", parent=parent.id).comment
    with transaction():
        withdraw_comment(comment_for_update(parent.id), by=READER)
    decide_now(any_app, answer, Verdict.PUBLISH)
    assert messages("comment.answered") == 0


def test_of_several_comments_a_day_one_is_asked_about_and_all_are_stored(any_app):
    with transaction():
        row = settings_row()
        row.email_confirmation, row.version = "before_queue", row.version + 1
    for n in range(3):
        submit(any_app, body=f"Comment {n}, to be confirmed.")
    session().rollback()
    assert (books()["awaiting_email"], messages("comment.confirm")) == (3, 1)


def test_answers_stand_where_spam_was_removed_above_them(any_app):
    top = submit(any_app).comment
    decide_now(any_app, top, Verdict.PUBLISH)
    reply = submit(any_app, email="o@example.org", body="An answer.", parent=top.id).comment
    decide_now(any_app, reply, Verdict.PUBLISH)
    decide_now(any_app, top, Verdict.SPAM)
    session().rollback()
    session().expunge_all()
    page = thread_page(1, tallies(1).tops)
    nodes = build(page.comments)
    assert [n.comment.id for n in nodes] == [top.id]
    assert [n.comment.id for n in nodes[0].replies] == [reply.id]
    assert page_of(comment_for_update(reply.id)) == 1


def test_a_letter_closed_by_hand_announces_no_opening(any_app):
    tomorrow = clock.now() + timedelta(days=1)
    with transaction():
        set_window("hello", tomorrow, None, 0, by=SYSTEM)
    with transaction():
        set_comments_open("hello", is_open=False, by=SYSTEM)
    assert letter_by_slug("hello").comments_open_at is None
    before = latest_entries(1)[0].seq
    with transaction():
        assert close_due(clock.now() + timedelta(days=2)) == 0
    assert latest_entries(1)[0].seq == before
    past = clock.now() - timedelta(days=9)
    with pytest.raises(Invalid), transaction():
        set_window("hello", past, past + timedelta(days=1), 168, by=SYSTEM)
