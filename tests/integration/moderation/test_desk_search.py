"""The search of the queue finds comments of every state by their words, on both databases."""

import pytest
from sqlalchemy import text

from commentsite import clock
from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.comments.author_actions import revise_comment
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.search import continue_rebuild, is_index_outdated, start_rebuild
from commentsite.db.session import session, transaction
from commentsite.letters.models import Letter
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.queue import queries
from commentsite.moderation.queue.queries import (
    QueueFilters,
    list_matching_comments,
    load_queue_page,
)
from commentsite.site.queries import load_site
from tests.support.factories import create_actor, record_decision, store_comment

BODY = "The minutes of the harbour meeting name nobody, re-elected or not. 船の記録です。"


@pytest.fixture
def comment_id(any_app):
    store_comment(any_app, email="b@example.org", name="Ben", body="About the lighthouse only.")
    return store_comment(
        any_app, name="Zoë Harbourmaster", organisation="Pilots’ Guild", body=BODY
    ).comment.id


def find(q, state="pending", **filters):
    session().rollback()
    page = load_queue_page(QueueFilters(q=q, state=state, **filters))
    assert page.total == len(page.cases)
    return [case.comment.id for case in page.cases]


@pytest.mark.parametrize(
    ("q", "is_found"),
    [
        ("minutes", True), ("MINUTES meeting", True), ("harbour", True), ("harb", True),
        ("Zoe", True), ("zoë harbourmaster", True), ("guild", True), ("Guild minutes", True),
        ('"harbour meeting"', True), ('"meeting harbour"', False), ("reelected", True),
        ("re elected", True), ("記録", True), ("録記", False), ("minutes lighthouse", False),
        ("nowhere", False), ("!!!", False),
    ],
)  # fmt: skip
def test_words_of_the_text_and_of_its_author_are_found(comment_id, q, is_found):
    assert find(q) == ([comment_id] if is_found else [])


def test_a_search_follows_the_state_the_text_and_the_erasure(any_app, comment_id):
    record_decision(any_app, comment_id, Verdict.RETURN)
    assert (find("minutes"), find("minutes", "returned")) == ([], [comment_id])
    with transaction():
        comment = get_comment_for_update(comment_id)
        revise_comment(comment, "Other words about tides.", by=READER, site=load_site())
    assert (find("minutes"), find("tides"), find("tides", "returned")) == ([], [comment_id], [])
    record_decision(any_app, comment_id, Verdict.PUBLISH)
    assert (find("tides"), find("zoe", "published")) == ([], [comment_id])
    with transaction():
        erase_comment(get_comment_for_update(comment_id), by=READER)
    assert (
        find("tides", "withdrawn") == find("zoe", "withdrawn") == find("tides", "published") == []
    )


def test_filters_narrow_a_search(any_app, comment_id):
    other = store_comment(
        any_app, email="c@example.org", name="Cy", body="Also minutes.", stakeholder_group="GOV"
    ).comment.id
    assert find("minutes") == [comment_id, other]
    assert find("minutes", sort="newest") == [other, comment_id]
    assert find("minutes", group="GOV") == [other]
    assert find("minutes", letter="hello", group="absent") == []
    assert find("minutes", letter="absent") == find("minutes", language="qq") == []
    page = load_queue_page(QueueFilters(q="minutes"), limit=1)
    assert page.next_after == comment_id
    page = load_queue_page(QueueFilters(q="minutes"), limit=1, after=page.next_after)
    assert [case.comment.id for case in page.cases] == [other]
    assert [
        n
        for n, _version in list_matching_comments(
            QueueFilters(q="minutes"), email_hash="", moderator_id=None, letter_ids=None, limit=9
        )
    ] == [comment_id, other]


def test_a_hidden_author_is_not_found_by_name(any_app, comment_id):
    with transaction():
        letter = session().get_one(Letter, 1)
        letter.author_anonymity = "yes"
    assert find("zoe") == find("guild") == find("zoe minutes") == []
    assert find("minutes") == find('"harbour meeting"') == [comment_id]


def test_the_worker_indexes_comments_that_another_program_stored(any_app, comment_id):
    with transaction():
        session().execute(text("DELETE FROM search_desk"))
    assert find("minutes") == []
    assert is_index_outdated()
    with transaction():
        continue_rebuild()
    assert find("minutes") == [comment_id]
    assert not is_index_outdated()
    with transaction():
        start_rebuild()
    while is_index_outdated():
        with transaction():
            continue_rebuild()
    assert find("minutes") == [comment_id]


def test_a_decision_indexes_a_comment_that_the_index_lacks(any_app, comment_id):
    with transaction():
        session().execute(text("DELETE FROM search_desk WHERE rowid = :id"), {"id": comment_id})
    record_decision(any_app, comment_id, Verdict.REFUSE)
    assert find("minutes", "refused") == [comment_id]


def test_moderators_of_some_letters_see_theirs_in_the_order_of_the_queue(any_app, comment_id):
    now = clock.now()
    with transaction():
        session().add_all(
            [Letter(id=n, slug=f"l{n}", title="L", created_at=now) for n in (50, 51, 52)]
        )
        session().flush()
        session().execute(text("UPDATE comment SET letter_id = 50 WHERE id = 1"))
    for sort, expected in (("oldest", [1, comment_id]), ("newest", [comment_id, 1])):
        page = load_queue_page(QueueFilters(sort=sort), letter_ids=frozenset({1, 50, 51}))
        assert ([case.comment.id for case in page.cases], page.total) == (expected, 2)
    page = load_queue_page(QueueFilters(), letter_ids=frozenset({1, 50}), limit=1, after=1)
    assert [case.comment.id for case in page.cases] == [comment_id]
    assert load_queue_page(QueueFilters(), letter_ids=frozenset({51, 52})).cases == []
    page = load_queue_page(QueueFilters(letter="hello"), letter_ids=frozenset({50, 51}))
    assert (page.cases, page.total) == ([], 0)
    assert SYSTEM.letter_ids is None


@pytest.mark.parametrize("max_few", [0, 1_000], ids=["many decisions", "few decisions"])
def test_a_moderator_finds_the_own_decisions_however_many(
    any_app, comment_id, monkeypatch, max_few
):
    mona, other = create_actor("Mona"), create_actor("Other")
    record_decision(any_app, comment_id, Verdict.REFUSE, by=mona)
    monkeypatch.setattr(queries, "MAX_COUNT", max_few)
    filters = QueueFilters(state="refused", mine="yes")
    found = load_queue_page(filters, moderator_id=mona.user_id)
    assert [case.comment.id for case in found.cases] == [comment_id]
    assert load_queue_page(filters, moderator_id=other.user_id).cases == []
    scoped = load_queue_page(filters, moderator_id=mona.user_id, letter_ids=frozenset({1, 2}))
    assert [case.comment.id for case in scoped.cases] == [comment_id]
