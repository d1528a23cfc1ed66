"""A long thread shows its first replies on the page of the letter, and the others on pages of its own."""

import re

import pytest
from sqlalchemy import text

from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.states import CommentState
from commentsite.comments.transitions import change_state
from commentsite.db.session import session, transaction
from tests.support.factories import copy_as_replies, mark_published, store_comment
from tests.support.pages import visible_text

LETTER, THREAD = "/letters/hello", "/letters/hello/comments/1/replies"
REPLIES = 75  # with the ids 2 to 76


@pytest.fixture
def long_thread(app):
    with app.app_context():
        store_comment(app)
        mark_published(1)
        with transaction():
            copy_as_replies(REPLIES)
            session().execute(text("UPDATE comment SET parent_id = 3 WHERE id = 40"))
    return app


def shown_ids(page):
    return [int(n) for n in re.findall(r'<article class="comment"\s+id="comment-(\d+)"', page)]


def test_every_reply_is_reached_by_links_without_javascript(long_thread, client):
    page = client.get(LETTER).text
    assert shown_ids(page) == [1, *range(2, 22)]
    assert "75 replies" in visible_text(page)
    address = re.search(r'href="([^"]+)">\s*Show 55 more replies', page)[1]
    assert address == f"{THREAD}?after=21"
    page = client.get(address).text
    assert shown_ids(page) == [1, *range(22, 72)]
    assert re.search(rf'<a rel="prev"\s+href="{THREAD}">', page)
    assert re.search(r"in reply to\s*<a href=\"/letters/hello/comments/3\">\s*<bdi>Reader 3", page)
    last = client.get(f"{THREAD}?after=71").text
    assert shown_ids(last) == [1, *range(72, 77)]
    assert "Later replies" not in last
    assert shown_ids(client.get(THREAD).text) == [1, *range(2, 22)]


@pytest.mark.parametrize(
    ("reply", "address"),
    [
        (2, LETTER), (21, LETTER), (22, f"{THREAD}?after=21"), (71, f"{THREAD}?after=21"),
        (76, f"{THREAD}?after=71"),
    ],
)  # fmt: skip
def test_a_permalink_leads_to_the_page_that_shows_the_reply(long_thread, client, reply, address):
    answer = client.get(f"{LETTER}/comments/{reply}")
    assert (answer.status_code, answer.location) == (303, f"{address}#comment-{reply}")
    assert reply in shown_ids(client.get(address).text)


def test_any_number_gives_one_of_the_pages(long_thread, client):
    tags = {client.get(f"{THREAD}?after={n}").headers["ETag"] for n in range(0, 99, 7)}
    assert len(tags) == 3
    assert shown_ids(client.get(f"{THREAD}?after=30").text) == [1, *range(22, 72)]
    assert client.get(f"{THREAD}?after=nothing").status_code == 200


def test_addresses_without_a_thread_lead_on_or_do_not_exist(long_thread, client):
    answer = client.get(f"{LETTER}/comments/40/replies")
    assert (answer.status_code, answer.location) == (303, f"{LETTER}/comments/40")
    assert client.get(f"{LETTER}/comments/999/replies").status_code == 404
    assert client.get("/letters/absent/comments/1/replies").status_code == 404


def test_a_removed_comment_keeps_its_thread(long_thread, app, client):
    with app.app_context(), transaction():
        change_state(
            get_comment_for_update(1), CommentState.WITHDRAWN, by=SYSTEM, action="comment.withdrawn"
        )
    page = client.get(f"{THREAD}?after=21").text
    assert "Replies to a comment that is no longer published" in page
    assert "Withdrawn by its author" in page
    assert shown_ids(page) == [1, *range(22, 72)]
