"""The views of the queue: their headings, empty texts and rows."""

import re

import pytest

from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import transaction
from commentsite.letters.publication.comment_settings import set_moderation_mode
from tests.support.clients import decide, report_comment, submit, submit_numbered
from tests.support.pages import visible_text

QUEUE = "/desk/moderation/"


def heading(page: str) -> str:
    return visible_text(re.search(r'<h1 id="cases-h">(.*?)</h1>', page, re.DOTALL)[1])


def row_status(page: str) -> str:
    """Return what the first row of the list says about its comment."""
    return visible_text(re.search(r'<span class="why">(.*?)</span>\s*</a>', page, re.DOTALL)[1])


@pytest.mark.parametrize(
    ("query", "title", "empty"),
    [
        ("", "Nothing waits for a moderator", "New comments appear here"),
        ("?state=published", "Published, 0", "No comment is published."),
        ("?state=returned", "Returned, 0", "No comment is with its author for changes."),
        ("?state=published&reported=yes", "Reported, 0", "No published comment has an open report."),
        ("?held_by=any", "Held by a check, 0", "No waiting comment was flagged by a check."),
        ("?waiting=second", "Needs another moderator, 0", "Nothing here waits for a second moderator."),
        ("?waiting=look", "Published, not yet reviewed, 0", "Every published comment has been reviewed."),
        ("?state=refused&mine=yes", "Refused by me, 0", "None of the comments that you decided"),
        ("?q=nothing", "Waiting, 0 found", "No comment matches these filters."),
        ("?state=published&group=GOV", "Published, 0 found", "No comment matches these filters."),
        ("?state=all", "All comments, 0", "Nobody has sent a comment yet."),
    ],
)  # fmt: skip
def test_an_empty_view_says_which_view_it_is(moderator, query, title, empty):
    page = moderator.get(QUEUE + query).text
    assert heading(page) == title
    assert page.count(empty) == 1
    assert "No comment to show" in page
    assert page.count('aria-current="page"') == 2  # the section of the desk, and the view


def test_a_reported_comment_is_listed_with_its_report(client, moderator):
    submit(client)
    decide(moderator, 1, "publish")
    assert row_status(moderator.get(f"{QUEUE}?state=published").text) == ""
    report_comment(client)
    page = moderator.get(f"{QUEUE}?state=published&reported=yes").text
    assert heading(page) == "Reported, 1"
    assert row_status(page).startswith("1 report: ")
    report_comment(client, address="192.0.2.7")
    page = moderator.get(f"{QUEUE}?state=published&reported=yes").text
    assert row_status(page).startswith("2 reports: ")
    assert "Dismiss 2 reports" in page


def test_a_row_names_the_check_only_while_the_comment_waits(client, moderator):
    submit_numbered(client, body="See https://a.example for more.")
    assert row_status(moderator.get(QUEUE).text) == "a link from a new sender"
    decide(moderator, 1, "publish")
    assert row_status(moderator.get(f"{QUEUE}?state=published").text) == ""
    submit_numbered(client, number=2, body="A comment that no check flags.")
    assert row_status(moderator.get(QUEUE).text) == ""


def test_a_comment_that_needs_another_vote_says_so(app, client, moderator, second_moderator):
    with app.app_context(), transaction():
        set_moderation_mode("hello", "pair", by=SYSTEM)
    submit(client)
    decide(moderator, 1, "refuse", reason="R5")
    page = second_moderator.get(f"{QUEUE}?waiting=second").text
    assert heading(page) == "Needs another moderator, 1"
    assert row_status(page) == "needs a second moderator"
    assert (
        "You have already voted. Another moderator must vote next."
        in moderator.get(f"{QUEUE}?waiting=second").text
    )


def test_an_arabic_row_begins_at_the_right(client, moderator):
    submit_numbered(client, name="هيثم القرني", body="درست في تلك الكلية، وأذكر RFC 6530.")
    page = moderator.get(QUEUE).text
    assert '<span class="name" dir="rtl">هيثم القرني</span>' in page
    assert '<span class="words" dir="rtl">درست' in page
