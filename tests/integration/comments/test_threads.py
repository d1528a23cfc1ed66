"""Threads of comments, on both databases."""

from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.threads.queries import (
    count_comments,
    find_thread_page_number,
    load_thread_page,
)
from commentsite.comments.threads.tree import build_threads
from commentsite.db.session import session
from commentsite.moderation.decisions.policy import Verdict
from tests.support.factories import record_decision, store_comment


def test_replies_stay_on_the_page_when_the_comment_above_them_is_removed_as_spam(any_app):
    root = store_comment(any_app).comment
    record_decision(any_app, root.id, Verdict.PUBLISH)
    reply = store_comment(
        any_app, email="o@example.org", body="An answer.", parent_id=root.id
    ).comment
    record_decision(any_app, reply.id, Verdict.PUBLISH)
    record_decision(any_app, root.id, Verdict.SPAM)
    session().rollback()
    session().expunge_all()
    page = load_thread_page(1, count_comments(1).threads)
    nodes = build_threads(page.comments)
    assert [n.comment.id for n in nodes] == [root.id]
    assert [n.comment.id for n in nodes[0].replies] == [reply.id]
    assert find_thread_page_number(get_comment_for_update(reply.id)) == 1
