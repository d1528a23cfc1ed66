"""Threads of comments, on both databases."""

from sqlalchemy import select

from commentsite.comments.filters.queries import CommentFilter, count_matches, load_filtered_page
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.threads.queries import (
    CommentOrder,
    count_comments,
    find_thread_page_number,
    load_thread_page,
)
from commentsite.comments.threads.tree import build_threads
from commentsite.db.session import session
from commentsite.letters.queries import get_public_letter
from commentsite.letters.text.queries import list_current_blocks
from commentsite.moderation.decisions.policy import Verdict
from tests.support.factories import record_decision, store_comment, store_numbered_comment


def count_replies():
    session().rollback()
    return dict(session().execute(select(Comment.id, Comment.reply_count)).all())


def test_each_comment_knows_the_number_of_its_published_replies(any_app):
    root = store_comment(any_app).comment.id
    record_decision(any_app, root, Verdict.PUBLISH)
    reply = store_comment(any_app, email="b@example.org", body="One.", parent_id=root).comment.id
    record_decision(any_app, reply, Verdict.PUBLISH)
    last = store_comment(any_app, email="c@example.org", body="Two.", parent_id=reply).comment.id
    assert count_replies() == {root: 1, reply: 0, last: 0}
    record_decision(any_app, last, Verdict.PUBLISH)
    assert count_replies() == {root: 2, reply: 1, last: 0}
    record_decision(any_app, reply, Verdict.RESTRICT)
    assert count_replies() == {root: 1, reply: 1, last: 0}


def test_comments_are_chosen_on_both_databases(any_app):
    pid = next(b.pid for b in list_current_blocks(get_public_letter("hello")) if b.pid)
    for number, group in enumerate(("CIV", "GOV", "GOV"), 1):
        comment = store_numbered_comment(
            any_app,
            number,
            stakeholder_group=group,
            kind="paragraph",
            paragraphs=(pid,),
            paragraph_stances={pid: "oppose"},
        )
        record_decision(any_app, comment.id, Verdict.PUBLISH)
    chosen = CommentFilter(group="GOV", stance="oppose", paragraph=pid)
    count = count_matches(1, chosen)
    assert count == (2, 2)
    for order, ids in ((CommentOrder.OLDEST, [2, 3]), (CommentOrder.ANSWERED, [3, 2])):
        page = load_filtered_page(1, chosen, count.texts, order=order)
        assert [comment.id for comment in page.comments] == ids
    assert count_matches(1, CommentFilter(stance="oppose")) == (3, 3)
    assert count_matches(1, CommentFilter(role="author")) == (0, 0)


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
