"""Arguments without a page of their own do not make one in the cache."""

import re

import pytest

from commentsite.db.session import transaction
from commentsite.letters.draft import LetterDraft, PermissionDraft
from commentsite.web.http.metrics_registry import PAGES
from tests.support.clients import publish, submit_numbered
from tests.support.factories import publish_draft


@pytest.fixture
def count_rendered(client):
    """Return a function that requests pages and counts those that were rendered."""

    def count(*addresses):
        before = PAGES.labels("drawn")._value.get()
        for address in addresses:
            assert client.get(address).status_code == 200, address
        return PAGES.labels("drawn")._value.get() - before

    return count


def test_pages_beyond_the_last_are_the_last(client, moderator, count_rendered):
    for number in range(1, 4):
        submit_numbered(client, number)
        publish(moderator, number)
    first = "/letters/hello"
    assert count_rendered(first) == 1
    assert count_rendered(*(f"{first}?page={n}" for n in (0, 1, 2, 50, 99999, "x", -1))) == 0
    assert count_rendered(*(f"{first}?{n}=x" for n in ("q", "utm_source", "a[]"))) == 0
    assert client.get(f"{first}?page=99999").data == client.get(first).data


def test_replies_to_nothing_and_to_a_comment_are_not_kept(client, moderator, count_rendered):
    submit_numbered(client)
    publish(moderator)
    submit_numbered(client, 2)  # not published
    page = "/letters/hello"
    assert count_rendered(page) == 1
    assert count_rendered(*(f"{page}?reply_to={n}" for n in (2, 3, 99999, "x"))) == 0
    assert count_rendered(*(f"{page}?on={n}" for n in ("p-none", "x"))) == 0
    reply = client.get(f"{page}?reply_to=1")
    assert re.search(r'<input[^>]*name="parent"[^>]*value="1"', reply.text)
    again = client.get(f"{page}?reply_to=1", headers={"If-None-Match": reply.headers["ETag"]})
    assert again.status_code == 304
    assert count_rendered(f"{page}?reply_to=1", f"{page}?reply_to=1") == 2  # drawn, and never kept


def test_unknown_topics_and_years_share_a_page(app, client, count_rendered):
    with app.app_context(), transaction():
        draft = LetterDraft(
            title="Topical", slug="topical", topics=("records",), source_text="A text.\n",
            permission=PermissionDraft("The author"),
        )  # fmt: skip
        publish_draft(draft)
    assert count_rendered("/letters/", "/letters/?topic=records") == 2
    assert (
        count_rendered("/letters/?topic=records&page=9", "/letters/?page=7", "/letters/?page=99999")
        == 0
    )
    unknown = [f"/letters/?topic={n}" for n in ("a", "anything", "x" * 90)] + [
        "/letters/?year=1999"
    ]
    assert count_rendered(*unknown) == 1
    assert "No letter has this topic" in client.get(unknown[0]).text
    assert "Topical" in client.get("/letters/?topic=records").text
    assert "Hello" not in client.get("/letters/?topic=records").text


def test_pages_of_a_campaign_beyond_the_last_are_the_last(client, moderator, count_rendered):
    body = "We ask for a register of every meeting, with a date and a list of all of those present."
    for number in (1, 2):
        submit_numbered(client, number, body=body)
        publish(moderator, number)
    page = "/letters/hello/comments/1/same"
    assert count_rendered(page) == 1
    assert count_rendered(*(f"{page}?page={n}" for n in (1, 2, 99999))) == 0
