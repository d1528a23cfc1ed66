"""What a race or an erasure may not do to a comment, on both databases."""

import threading

import pytest
from sqlalchemy import text

from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.comments.afterwards import erase_comment, revise_comment, withdraw_comment
from commentsite.comments.queries import books, comment_for_update, page_of, tallies
from commentsite.comments.shown import thread_page
from commentsite.comments.states import CommentState as S
from commentsite.comments.thread import build
from commentsite.db import session, transaction
from commentsite.errors import Conflict, Invalid
from commentsite.letters.queries import current_blocks, letter_by_slug
from commentsite.moderation.policy import Verdict
from commentsite.moderation.services import decide
from commentsite.site.queries import current_site
from tests.integration.test_services import submit


def decide_now(app, c, v):
    with transaction():
        decide(
            c.id,
            comment_for_update(c.id).version,
            v,
            by=SYSTEM,
            vault=app.extensions["commentsite"].vault,
            reason="R5",
            note="",
        )


@pytest.mark.parametrize(
    "verdict", [None, Verdict.PUBLISH, Verdict.RETURN, Verdict.SPAM, Verdict.REFUSE]
)
def test_an_erased_comment_leaves_nothing_personal_in_any_state(any_app, verdict):
    pid = next(b.pid for b in current_blocks(letter_by_slug("hello")) if b.pid)
    c = submit(any_app, paragraphs=(pid,)).comment
    if verdict:
        decide_now(any_app, c, verdict)
    session().rollback()
    session().expunge_all()
    with transaction():
        erase_comment(comment_for_update(c.id), by=READER)
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
    assert row[0] == "withdrawn" or verdict == Verdict.REFUSE, row[0]
    if verdict == Verdict.REFUSE:
        with pytest.raises(Conflict):
            decide_now(any_app, c, Verdict.PUBLISH)


def test_double_click(any_app):
    out = []
    bar = threading.Barrier(4)

    def go():
        with any_app.app_context():
            bar.wait()
            try:
                submit(any_app)
                out.append("ok")
            except Conflict:
                out.append("conflict")

    ts = [threading.Thread(target=go) for _ in range(4)]
    [t.start() for t in ts]
    [t.join() for t in ts]
    assert sorted(out) == ["conflict"] * 3 + ["ok"], out


def test_the_rules_of_taking_a_comment_in(any_app):
    c = submit(any_app, nickname="x").comment
    assert c.state == S.SPAM
    assert c.held_by == "trap"
    for bad in ({"parent": c.id}, {"parent": 999}, {"paragraphs": ("p-zz",)}):
        with pytest.raises(Invalid):
            submit(any_app, body="other", **bad)
    with pytest.raises(Conflict):
        submit(any_app, email="ADA@example.org", body="A  considered\nanswer.")
    c2 = submit(any_app, email="b@example.org").comment
    assert c2.held_by == "repeat"
    decide_now(any_app, c2, Verdict.PUBLISH)
    r = submit(any_app, body="reply", parent=c2.id).comment
    assert r.root_id == c2.id
    with transaction():
        revise_comment(comment_for_update(r.id), "reply two", by=READER, site=current_site())
    decide_now(any_app, r, Verdict.PUBLISH)
    with transaction():
        withdraw_comment(comment_for_update(c2.id), by=READER)
    page = thread_page(1, tallies(1).tops)
    assert [x.id for x in page.comments] == [c2.id, r.id]
    session().expunge_all()
    assert letter_by_slug("hello").published_comments == 1

    n = build(page.comments)
    assert len(n) == 1
    assert n[0].replies[0].depth == 1
    assert page_of(r) == 1
    assert sum(books().values()) == 3
