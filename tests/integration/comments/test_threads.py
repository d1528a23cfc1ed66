"""Threads of comments, on both databases."""

from commentsite.comments.queries import comment_for_update, page_of, tallies
from commentsite.comments.shown import thread_page
from commentsite.comments.thread import build
from commentsite.db import session
from commentsite.moderation.policy import Verdict
from tests.support.factories import record_decision, store_comment


def test_answers_stand_where_spam_was_removed_above_them(any_app):
    top = store_comment(any_app).comment
    record_decision(any_app, top.id, Verdict.PUBLISH)
    reply = store_comment(any_app, email="o@example.org", body="An answer.", parent=top.id).comment
    record_decision(any_app, reply.id, Verdict.PUBLISH)
    record_decision(any_app, top.id, Verdict.SPAM)
    session().rollback()
    session().expunge_all()
    page = thread_page(1, tallies(1).tops)
    nodes = build(page.comments)
    assert [n.comment.id for n in nodes] == [top.id]
    assert [n.comment.id for n in nodes[0].replies] == [reply.id]
    assert page_of(comment_for_update(reply.id)) == 1
