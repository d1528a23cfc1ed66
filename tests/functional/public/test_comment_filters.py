"""A reader narrows the comments on a letter, and sorts them, by links and a form that need no script."""

import re

import pytest
from sqlalchemy import text

from commentsite.db.session import session, transaction
from tests.support.factories import mark_published, store_numbered_comment
from tests.support.pages import paragraph_ids, visible_text

LETTER = "/letters/hello"
SHARED = (
    "We ask that the minutes of this meeting are published together with both of the positions."
)


def shown_ids(page):
    return [int(n) for n in re.findall(r'<article class="comment[^"]*" id="comment-(\d+)"', page)]


def publish_comment(app, number, **typed):
    with app.app_context():
        comment_id = store_numbered_comment(app, number, **typed).id
        mark_published(comment_id)
        return comment_id


@pytest.fixture
def pids(client):
    return paragraph_ids(client.get(LETTER).text)


@pytest.fixture
def commented(app, pids):
    """Six comments: 1 has the replies 2 and 3, 4 has the reply 5, and 6 is alone."""
    first, second = pids[:2]
    publish_comment(app, 1, stakeholder_group="GOV", stance="oppose")
    publish_comment(app, 2, stakeholder_group="CIV", parent_id=1)
    publish_comment(app, 3, stakeholder_group="CIV", parent_id=2)
    publish_comment(
        app, 4, stakeholder_group="CIV", kind="paragraph", paragraphs=(first, second),
        stance="support", paragraph_stances={second: "oppose"},
    )  # fmt: skip
    publish_comment(app, 5, stakeholder_group="GOV", parent_id=4)
    publish_comment(app, 6, stakeholder_group="TEC", kind="paragraph", paragraphs=(first,))
    role = "UPDATE comment SET voice = 'author', email_confirmed_at = submitted_at WHERE id = 5"
    with app.app_context(), transaction():
        session().execute(text(role))
    return app


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("group=GOV", [1, 5]),
        ("group=CIV&sort=newest", [4, 3, 2]),
        ("group=CIV&sort=answered", [4, 2, 3]),
        ("stance=oppose", [1, 4]),
        ("stance=oppose&group=CIV", [4]),
        ("paragraph={first}", [4, 6]),
        ("paragraph={first}&stance=support", [4]),
        ("paragraph={second}&stance=support", []),
        ("replies=author", [5]),
        ("replies=staff", []),
        ("sort=answered", [1, 2, 3, 4, 5, 6]),
        ("sort=newest", [6, 4, 5, 1, 2, 3]),
    ],
)
def test_a_choice_shows_the_comments_that_match(commented, client, pids, query, ids):
    page = client.get(f"{LETTER}?{query.format(first=pids[0], second=pids[1])}").text
    assert shown_ids(page) == ids
    assert ("No comment matches this choice." in page) == (not ids)


def test_the_chosen_filters_are_marked_and_can_be_removed(commented, client):
    page = client.get(f"{LETTER}?group=GOV&stance=oppose&sort=newest").text
    assert "1 of 6 comments." in page
    assert '<option value="GOV" selected>' in page
    assert f'href="{LETTER}?stance=oppose&amp;sort=newest#comments"' in page
    assert f'href="{LETTER}?sort=newest#comments"' in page
    assert '<meta name="robots" content="noindex">' in page
    assert re.search(rf'<link rel="canonical" href="[^"]*{LETTER}">', page)
    assert "noindex" not in client.get(f"{LETTER}?sort=newest").text


def test_a_reply_in_the_list_names_the_comment_that_it_answers(commented, client):
    page = client.get(f"{LETTER}?replies=author").text
    assert "in reply to Name 4" in visible_text(page)
    assert 'class="comment by-author"' in page


@pytest.mark.parametrize(
    "query",
    [
        "group=XXX", "stance=none", "stance=maybe", "paragraph=p-none", "replies=GOV", "sort=best",
        "page=99", "group=&stance=&paragraph=&replies=",
    ],
)  # fmt: skip
def test_a_value_that_there_is_not_makes_no_other_page(commented, client, query):
    answer = client.get(f"{LETTER}?{query}")
    assert answer.status_code == 200
    assert answer.headers["ETag"] == client.get(LETTER).headers["ETag"]


def test_a_campaign_text_is_shown_once_in_each_choice(app, client):
    for number, group in enumerate(("CIV", "GOV", "GOV"), 1):
        publish_comment(app, number, body=SHARED, stakeholder_group=group)
    page = client.get(f"{LETTER}?group=GOV").text
    assert shown_ids(page) == [2]
    words = visible_text(page)
    assert "2 of 3 comments. Several people sent the same text, so the list shows 1 text." in words
    assert "2 more people sent this text" in words
    assert f'href="{LETTER}/comments/1/same"' in page


def test_a_page_has_at_most_fifty_comments_and_the_replies_that_it_leaves_out_are_linked(
    app, client
):
    for number in range(1, 28):
        publish_comment(app, number)
    for number in range(28, 58):
        publish_comment(app, number, parent_id=1 + number % 3)
    first, second = (client.get(f"{LETTER}?page={n}").text for n in (1, 2))
    assert len(shown_ids(first)) <= 50
    assert shown_ids(second) == [26, 27]
    words = visible_text(first)
    assert "57 comments" in words
    assert "Page 1 of 2 Next" in words
    assert "Previous Page 2 of 2" in visible_text(second)
    assert "Back to top" in words
    for address in re.findall(r'href="([^"]+)">\s*Show the other', first):
        assert client.get(address).status_code == 200
    for reply in (28, 55, 56, 57):
        answer = client.get(f"{LETTER}/comments/{reply}")
        assert reply in shown_ids(client.get(answer.location).text)
