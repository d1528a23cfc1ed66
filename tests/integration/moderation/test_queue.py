"""The queue finds comments by filter, page by page, on both databases."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM, RoleName
from commentsite.comments.hashing import hash_email
from commentsite.comments.languages import correct_language, set_detected_language
from commentsite.comments.queries import get_comment_for_update, list_comment_languages
from commentsite.comments.states import CommentState
from commentsite.db.session import session, transaction
from commentsite.letters.models import Letter
from commentsite.letters.slugs import change_slug
from commentsite.moderation.queue import queries as queue_queries
from commentsite.moderation.queue.queries import QueueFilters, count_by_filter, load_queue_page
from commentsite.moderation.queue.search_input import parse_comment_url, parse_letter_url
from tests.support.clients import sign_in
from tests.support.factories import (
    add_staff_member,
    create_actor,
    publish_sample_letter,
    store_numbered_comment,
)


def comment_ids(page):
    return [case.comment.id for case in page.cases]


def test_pages_follow_each_other_without_gap_or_repeat(any_app):
    with clock.freeze_at(clock.now()):  # equal times, so that only the id sets the order
        for n in range(7):
            store_numbered_comment(any_app, n)
    for filters in (QueueFilters(), QueueFilters(sort="newest")):
        seen, after = [], None
        while True:
            page = load_queue_page(filters, after=after, limit=3)
            seen += comment_ids(page)
            after = page.next_after
            if after is None:
                break
        assert seen == sorted(seen, reverse=filters.sort == "newest")
        assert len(seen) == page.total == 7


def test_each_filter_finds_its_comments(any_app, encryption):
    publish_sample_letter("other")
    store_numbered_comment(any_app, 1)
    store_numbered_comment(
        any_app, 2, stakeholder_group="GOV", body="It costs 100% of_it, they say"
    )
    store_numbered_comment(any_app, 3, slug="other", honeypot="x")
    confirmed = store_numbered_comment(
        any_app, 4, body="See https://a.example and https://b.example too"
    )
    with transaction():
        session().merge(confirmed).email_confirmed_at = clock.now()
    with clock.freeze_at(clock.now() - timedelta(hours=30)):
        store_numbered_comment(any_app, 5, name="Östen")
    lena = create_actor("Lena")
    with transaction():
        correct_language(get_comment_for_update(2), "es", by=lena)
        set_detected_language(get_comment_for_update(4), "es")
        set_detected_language(get_comment_for_update(2), "fr")  # a person has chosen another
    assert list_comment_languages(CommentState.PENDING) == {"es"}
    expected = {
        QueueFilters(language="es"): [2, 4],
        QueueFilters(language="es", sort="newest", state="all"): [4, 2],
        QueueFilters(language="es", q="costs"): [2],
        QueueFilters(language="es", letter="other"): [],
        QueueFilters(): [5, 1, 2, 4],
        QueueFilters(state="spam"): [3],
        QueueFilters(state="all"): [5, 1, 2, 3, 4],
        QueueFilters(state="all", sort="newest"): [4, 3, 2, 1, 5],
        QueueFilters(state="all", letter="other"): [3],
        QueueFilters(state="all", group="GOV"): [2],
        QueueFilters(state="all", q="Text"): [1, 3, 5],
        QueueFilters(state="all", language="en"): [5, 1, 2, 3, 4],
        QueueFilters(state="spam", letter="other"): [3],
        QueueFilters(group="GOV"): [2],
        QueueFilters(q="100% OF_IT"): [2],
        QueueFilters(held_by="links"): [4],
        QueueFilters(held_by="any"): [4],
        QueueFilters(confirmed="yes"): [4],
        QueueFilters(confirmed="no"): [5, 1, 2],
        QueueFilters(age="24"): [5],
        QueueFilters(language="en"): [5, 1, 2, 4],
        QueueFilters(language="fr"): [],
        QueueFilters(mine="yes"): [],
    }
    for filters, ids in expected.items():
        assert comment_ids(load_queue_page(filters, moderator_id=1)) == ids, filters
    assert comment_ids(
        load_queue_page(
            QueueFilters(q="N2@example.org"), email_hash=hash_email(encryption, "N2@example.org")
        )
    ) == [2]
    assert (count_by_filter()["pending"], count_by_filter()["held"], count_by_filter()["spam"]) == (
        4,
        1,
        1,
    )


def test_counts_stop_at_the_maximum(any_app, monkeypatch):
    monkeypatch.setattr(queue_queries, "MAX_COUNT", 3)
    for n in range(6):
        store_numbered_comment(any_app, n)
    assert (load_queue_page().total, count_by_filter()["pending"]) == (4, 4)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("https://letters.example/letters/hello/comments/12", 12),
        ("/letters/hello/comments/12#comment-12", 12),
        ("http://127.0.0.1:8000/desk/moderation/7?state=spam", 7),
        ("comments/12 and words", None),
        ("12", None),
        ("/letters/hello/comments/99999999999999999999", None),
    ],
)
def test_the_pasted_address_of_a_comment_is_recognised(typed, number):
    assert parse_comment_url(typed) == number


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("https://letters.example/letters/no-report", "no-report"),
        (" /letters/no-report/?page=2 ", "no-report"),
        ("/letters/no-report/v/2", "no-report"),
        ("/letters/no-report#comments", "no-report"),
        ("letters about no report", ""),
        ("/letters/", ""),
        ("/letters/Über", ""),
    ],
)
def test_the_pasted_address_of_a_letter_is_recognised(typed, slug):
    assert parse_letter_url(typed) == slug


def test_the_pasted_address_of_a_comment_opens_its_case(app, client, moderator):
    with app.app_context():
        store_numbered_comment(app, 1)
    response = moderator.get("/desk/moderation/?q=http://x.example/letters/hello/comments/1")
    assert response.headers["Location"].endswith("/desk/moderation/1#case")
    assert "Name 1" in moderator.get("/desk/moderation/?q=n1@example.org").text
    assert "Name 1" not in moderator.get("/desk/moderation/?q=n1@example").text


def test_a_pasted_letter_narrows_the_current_view(moderator):
    pasted = "?state=spam&group=GOV&q=http://x.example/letters/hello"
    location = moderator.get("/desk/moderation/" + pasted).headers["Location"]
    assert parse_qs(urlsplit(location).query) == {
        "state": ["spam"], "group": ["GOV"], "letter": ["hello"]
    }  # fmt: skip


def test_the_letter_filter_offers_the_newest_letters_and_the_selected_one(app, moderator):
    with app.app_context(), transaction():
        for n in range(60):
            letter = Letter(slug=f"l-{n:02}", title=f"Letter {n:02}", state="published")
            letter.language = "en" if n else "sw"
            letter.created_at = letter.published_at = clock.now() + timedelta(minutes=n)
            session().add(letter)
    page = moderator.get("/desk/moderation/?letter=l-03").text
    offered = re.findall(r'<option value="(l-\d\d)"( selected)?', page)
    assert [slug for slug, _ in offered] == [f"l-{n}" for n in range(59, 9, -1)] + ["l-03"]
    assert [slug for slug, chosen in offered if chosen] == ["l-03"]
    assert "holds the 50 newest letters" in page
    assert '<option value="sw">' in page  # the language of a letter too old to be offered


def test_a_pasted_letter_is_found_by_its_former_address(app, moderator):
    with app.app_context(), transaction():
        change_slug("hello", "hello-again", by=SYSTEM)
    location = moderator.get("/desk/moderation/?q=/letters/hello").headers["Location"]
    assert location.endswith("?letter=hello-again")


@pytest.mark.parametrize("role", list(RoleName))
def test_the_list_of_letters_links_moderators_to_the_comments(app, role):
    add_staff_member(app, role)
    member, queue = sign_in(app), "/desk/moderation/?letter=hello"
    letters = member.get("/desk/letters/")
    can_moderate = member.get(queue).status_code == 200
    assert (f'href="{queue}"' in letters.text) == (can_moderate and letters.status_code == 200)
