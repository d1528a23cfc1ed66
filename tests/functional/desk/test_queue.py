"""The views of the queue: their headings, empty texts and rows, the search and the CSV file."""

import csv
import io
import re

import pytest

from commentsite.accounts.permissions import SYSTEM
from commentsite.accounts.queries import staff_names_by_label
from commentsite.db.session import transaction
from commentsite.letters.publication.comment_settings import (
    set_author_anonymity,
    set_moderation_mode,
)
from commentsite.moderation.queue import queries as queue_queries
from tests.support.audit import list_latest_entries
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


def test_a_search_over_all_states_finds_each_comment_with_its_state(client, moderator, steward):
    verdicts = {"publish": {}, "refuse": {"reason": "R5"}, "spam": {}, "return": {"reason": "R5"}}
    for number, (verdict, fields) in enumerate(verdicts.items(), 1):
        submit_numbered(
            client, number, name=f"Reader {number}", body=f"A zanzibar comment {number}."
        )
        decide(moderator, number, verdict, **fields)
    submit_numbered(client, 5, name="Reader 5", body="The last zanzibar comment.")
    page = moderator.get(f"{QUEUE}?state=all&q=zanzibar").text
    assert heading(page) == "All comments, 5 found"
    states = re.findall(r'<span class="why">(.*?)</span>\s*</a>', page, re.DOTALL)
    named = [visible_text(state).partition(" ·")[0] for state in states]
    assert named == ["Published", "Refused", "Spam", "Returned", "Waiting"]
    assert heading(moderator.get(f"{QUEUE}?state=all&q=Reader 3").text) == "All comments, 1 found"
    assert (
        heading(steward.get(f"{QUEUE}?state=all&q=2@example.org").text) == "All comments, 1 found"
    )
    linked = moderator.get(f"{QUEUE}?state=all&q=http://x.example/letters/hello")
    assert linked.headers["Location"] == f"{QUEUE}?state=all&letter=hello"
    # A search that finds nothing in its view leads to all states.
    assert (
        f"{QUEUE}?state=all&amp;q=zanzibar"
        in moderator.get(f"{QUEUE}?state=withdrawn&q=zanzibar").text
    )
    assert heading(moderator.get(f"{QUEUE}?state=all").text) == "All comments, 5"


def read_csv(answer) -> list[dict[str, str]]:
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_a_view_is_downloaded_as_csv_without_formulas_and_addresses(
    app, client, moderator, steward, monkeypatch
):
    monkeypatch.setattr(queue_queries, "EXPORT_BATCH_SIZE", 2)
    texts = [
        '=HYPERLINK("http://x.example")',
        "+1",
        "-1",
        "@SUM(A1)",
        'Plain, "quoted"\nsecond line',
    ]
    for number, body in enumerate(texts, 1):
        submit_numbered(client, number, name=f"=Reader {number}", body=body)
    decide(moderator, 5, "publish")
    answer = moderator.get(f"{QUEUE}comments.csv?state=all")
    rows = read_csv(answer)
    assert [row["text"] for row in rows] == [*(f"'{text}" for text in texts[:4]), texts[4]]
    assert [row["state"] for row in rows] == ["pending"] * 4 + ["published"]
    assert {row["name"][:2] for row in rows} == {"'="}
    assert "email" not in rows[0]
    assert "@example.org" not in answer.text
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="comments-')
    assert [
        row["email"] for row in read_csv(steward.get(f"{QUEUE}comments.csv?state=published"))
    ] == ["5@example.org"]
    assert len(read_csv(moderator.get(f"{QUEUE}comments.csv?q=second"))) == 0
    with app.app_context(), transaction():
        set_author_anonymity("hello", "yes", by=SYSTEM)
    assert "=Reader 1" not in steward.get(f"{QUEUE}comments.csv").text


def test_the_audit_log_says_who_downloaded_email_addresses(app, client, moderator, steward):
    submit_numbered(client)
    moderator.get(f"{QUEUE}comments.csv")  # without addresses
    steward.get(f"{QUEUE}comments.csv")
    with app.app_context():
        entries = [e for e in list_latest_entries(9) if e.action == "comments.addresses_downloaded"]
        names = staff_names_by_label()
    assert [names[entry.actor] for entry in entries] == ["Sada Steward"]
