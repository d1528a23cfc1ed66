"""Concurrent actions on a comment, and its erasure, on both databases."""

import threading

import pytest
from sqlalchemy import text

from commentsite.accounts.permissions import READER
from commentsite.comments.author_actions import revise_comment, withdraw_comment
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.states import CommentState as S
from commentsite.comments.threads.queries import (
    count_comments,
    find_thread_page_number,
    load_thread_page,
)
from commentsite.comments.threads.tree import build_threads
from commentsite.db.session import db, session, transaction
from commentsite.errors import Conflict, Invalid
from commentsite.letters.queries import get_public_letter
from commentsite.letters.text.queries import list_current_blocks
from commentsite.moderation.decisions.policy import Verdict
from commentsite.site.queries import load_site
from tests.support.audit import verify_records
from tests.support.factories import count_comments_by_state, record_decision, store_comment


@pytest.mark.parametrize(
    "verdict", [None, Verdict.PUBLISH, Verdict.RETURN, Verdict.SPAM, Verdict.REFUSE]
)
def test_an_erased_comment_leaves_nothing_personal_in_any_state(any_app, verdict):
    pid = next(b.pid for b in list_current_blocks(get_public_letter("hello")) if b.pid)
    c = store_comment(any_app, paragraphs=(pid,)).comment
    if verdict:
        record_decision(any_app, c.id, verdict)
    session().rollback()
    session().expunge_all()
    with transaction():
        erase_comment(get_comment_for_update(c.id), by=READER)
    session().expunge_all()
    row = (
        session()
        .execute(
            text(
                "select state,name,body,body_html,email_sealed,email_hash,address_hash,organisation,erased_at from comment"
            )
        )
        .one()
    )
    assert not any(row[1:8])
    assert row[8]
    assert session().execute(text("select count(*) from comment_target")).scalar() == 0
    assert row[0] == ("refused" if verdict == Verdict.REFUSE else "withdrawn")
    if verdict == Verdict.REFUSE:
        with pytest.raises(Conflict):
            record_decision(any_app, c.id, Verdict.PUBLISH)


def test_a_double_click_stores_one_comment(any_app):
    out = []
    bar = threading.Barrier(4)

    def go():
        with any_app.app_context():
            bar.wait()
            try:
                store_comment(any_app)
                out.append("ok")
            except Conflict:
                out.append("conflict")

    ts = [threading.Thread(target=go) for _ in range(4)]
    [t.start() for t in ts]
    [t.join() for t in ts]
    assert sorted(out) == ["conflict"] * 3 + ["ok"], out


def test_the_rules_of_submitting_a_comment(any_app):
    c = store_comment(any_app, honeypot="x").comment
    assert c.state == S.SPAM
    assert c.held_by_check == "trap"
    for bad in ({"parent_id": c.id}, {"parent_id": 999}, {"paragraphs": ("p-zz",)}):
        with pytest.raises(Invalid):
            store_comment(any_app, body="other", **bad)
    with pytest.raises(Conflict):
        store_comment(any_app, email="ADA@example.org", body="A  considered\nanswer.")
    c2 = store_comment(any_app, email="b@example.org").comment
    assert c2.held_by_check == "repeat"
    record_decision(any_app, c2.id, Verdict.PUBLISH)
    r = store_comment(any_app, body="reply", parent_id=c2.id).comment
    assert r.root_id == c2.id
    with transaction():
        revise_comment(get_comment_for_update(r.id), "reply two", by=READER, site=load_site())
    record_decision(any_app, r.id, Verdict.PUBLISH)
    with transaction():
        withdraw_comment(get_comment_for_update(c2.id), by=READER)
    page = load_thread_page(1, count_comments(1).threads)
    assert [x.id for x in page.comments] == [c2.id, r.id]
    session().expunge_all()
    assert get_public_letter("hello").published_comment_count == 1

    n = build_threads(page.comments)
    assert len(n) == 1
    assert n[0].replies[0].depth == 1
    assert find_thread_page_number(r) == 1
    assert sum(count_comments_by_state().values()) == 3


def test_concurrent_erasures_and_decisions_do_not_deadlock(any_app):
    pairs = [
        (store_comment(any_app, email=f"a{n}@example.org", body=f"Erased {n}").comment.id,
         store_comment(any_app, email=f"b{n}@example.org", body=f"Decided {n}").comment.id)
        for n in range(6)
    ]  # fmt: skip
    session().rollback()
    failed = []

    def run(act):
        with any_app.app_context():
            try:
                act()
            except Exception as error:  # noqa: BLE001
                failed.append(error)
            finally:
                db.session.remove()

    def erase(comment_id):
        with transaction():
            erase_comment(get_comment_for_update(comment_id), by=READER)

    def publish(comment_id):
        record_decision(any_app, comment_id, Verdict.PUBLISH)

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
    assert (count_comments_by_state()["published"], count_comments_by_state()["withdrawn"]) == (
        6,
        6,
    )
    assert verify_records() == []
