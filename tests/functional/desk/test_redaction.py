"""A moderator redacts text: a mark and a rule replace it, and no public page holds it."""

import re

import pytest
from sqlalchemy import text

from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment, get_comment_for_update
from commentsite.db.session import session, transaction
from commentsite.letters.publication.comment_settings import set_moderation_mode
from tests.support.audit import verify_records
from tests.support.clients import decide, sign_in, submit_and_identify
from tests.support.factories import add_staff_member
from tests.support.pdf import fetch_pdf, read_with_pypdf

SECRET = "Lindenstrasse 14"
BODY = f"I agree with paragraph two.\n\nAna lives at {SECRET}, **by the river**, and she agrees as well."
MARK = "[removed under rule 4]"


def version_of(app, number):
    with app.app_context():
        return get_comment(number).version


@pytest.fixture
def published(app, client, moderator):
    receipt, number = submit_and_identify(client, body=BODY)
    assert decide(moderator, number, "publish").status_code == 303
    return receipt, number


def redact(moderator, number, words=SECRET, **changes):
    return decide(moderator, number, "redact", redact_words=words, reason="R4", **changes)


def public_pages(client):
    for address in (
        "/letters/hello",
        "/letters/hello?sort=newest",
        "/letters/hello/feed.atom",
        "/letters/hello/feed.json",
        "/feed.atom",
        "/search?q=Lindenstrasse",
        "/transparency/log",
        "/transparency/log.jsonl",
        "/transparency.json",
        "/transparency.csv",
        "/",
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        yield address, answer.text


def test_hidden_text_is_on_no_public_page_and_a_mark_replaces_it(client, moderator, published):
    _receipt, number = published
    assert SECRET in client.get("/letters/hello").text
    assert redact(moderator, number, facts="The address of somebody else.").status_code == 303
    for address, shown in public_pages(client):
        assert SECRET not in shown, address
    page = client.get("/letters/hello").text
    assert f'<span class="removed" lang="en" dir="ltr">{MARK}</span>' in page
    assert "<strong>by the river</strong>" in page
    assert MARK in client.get("/letters/hello/feed.json").get_json()["items"][0]["content_html"]
    found = client.get("/search?q=Lindenstrasse").text
    assert f"#comment-{number}" not in found
    pdf = read_with_pypdf(fetch_pdf(client, "/letters/hello/letter.pdf").data)
    assert "Lindenstrasse" not in pdf
    assert "removed under rule 4" in pdf


def test_the_author_and_moderators_see_the_hidden_text_and_the_reasons(
    app, client, moderator, published
):
    receipt, number = published
    redact(moderator, number, facts="The address of somebody else.")
    receipt_page = client.get(receipt).text
    case = moderator.get(f"/desk/moderation/{number}").text
    for page in (receipt_page, case):
        assert f'<mark class="was-removed">{SECRET}</mark>' in page
        assert "Rule 4, private data" in page
        assert "The address of somebody else." in page
        assert "By one moderator, on" in page
    copy = client.get(f"{receipt}/data.json").get_json()
    assert copy["words_as_sent"] == BODY
    assert SECRET not in copy["body"]
    other, _ = submit_and_identify(client, body="Another comment.", email="b@example.org")
    assert SECRET not in client.get(f"{other}/data.json").text
    with app.app_context():
        rows = session().execute(text("SELECT action, details FROM audit_entry")).all()
        assert [row.action for row in rows].count("comment.redacted") == 1
        assert SECRET not in str(rows)
        assert verify_records() == []
        stored = session().execute(text("SELECT * FROM comment")).all()
        assert SECRET not in str(stored)  # the original text is stored encrypted
        assert SECRET not in str(session().execute(text("SELECT * FROM decision")).all())


def test_a_waiting_comment_is_published_without_the_hidden_text(app, client, moderator):
    receipt, number = submit_and_identify(client, body=BODY)
    redact(moderator, number)
    with app.app_context():
        assert get_comment(number).state == "published"
    page = client.get("/letters/hello").text
    assert MARK in page
    assert SECRET not in page
    assert "with some words removed" in client.get(receipt).text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"redact_words": "agree"}, "more than once"),
        ({"redact_words": "Lindenallee"}, "does not contain this text"),
        ({"redact_words": ""}, "Choose the text to hide"),
        ({"redact_words": BODY}, "would hide the whole comment"),
        ({"redact_from": "5", "redact_to": "5"}, "Choose the text again"),
        ({"redact_from": "0", "redact_to": "99999"}, "Choose the text again"),
        ({"redact_words": SECRET, "reason": ""}, "Choose the rule"),
    ],
)
def test_an_impossible_redaction_is_refused_and_nothing_changes(
    client, moderator, published, fields, sentence
):
    _, number = published
    answer = decide(moderator, number, "redact", **{"reason": "R4", **fields})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert SECRET in client.get("/letters/hello").text


def test_a_range_counts_the_characters_of_the_original_text(client, moderator, published):
    _, number = published
    start = BODY.index(SECRET)
    span = {"redact_from": str(start), "redact_to": str(start + len(SECRET))}
    assert decide(moderator, number, "redact", reason="R4", **span).status_code == 303
    assert SECRET not in client.get("/letters/hello").text
    again = decide(moderator, number, "redact", reason="R4", **span)
    assert again.status_code == 422
    assert "hidden already" in again.text
    more = redact(moderator, number, words="Ana")
    assert more.status_code == 303
    page = client.get("/letters/hello").text
    assert page.count(MARK) >= 2
    assert "Ana lives" not in page


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("See [his page](https://who.example/secretword) for it.", "secretword"),
        ("See https://who.example/secretword for it.", "secretword"),
        ("It is `secretword` and **more secretplace**.", "secretword` and **more"),
        ("> secretword\n> stays\n\nafter", "secretword\n> stays"),
        ("a <b>secretword</b> & more", "secretword"),
        ("[secretword](https://who.example) stays (https://b.example)", "[secretword]"),
    ],
)
def test_markup_around_hidden_text_neither_leaks_it_nor_loses_the_mark(
    client, moderator, body, words
):
    _, number = submit_and_identify(client, body=body)
    redact(moderator, number, words=words)
    page = client.get("/letters/hello").text
    assert "secretword" not in page
    assert MARK in page


def test_a_moderator_restores_redacted_text_on_the_page_and_in_search(
    app, client, moderator, published
):
    _receipt, number = published
    result = f'href="/letters/hello/comments/{number}"'
    redact(moderator, number)
    assert result not in client.get("/search?q=Lindenstrasse").text
    assert decide(moderator, number, "restore").status_code == 303
    assert SECRET in client.get("/letters/hello").text
    assert result in client.get("/search?q=Lindenstrasse").text
    with app.app_context():
        comment = get_comment(number)
        assert (comment.redactions, comment.unredacted_sealed) == ([], None)
        assert verify_records() == []
    assert decide(moderator, number, "restore").status_code == 409


def test_erasing_a_comment_deletes_its_hidden_text(app, client, moderator, published):
    _, number = published
    redact(moderator, number)
    with app.app_context():
        with transaction():
            erase_comment(get_comment_for_update(number), by=READER)
        comment = get_comment(number)
        assert (comment.body, comment.redactions, comment.unredacted_sealed) == ("", [], None)
        assert verify_records() == []


def test_where_two_moderators_must_agree_they_must_hide_the_same_text(
    app, client, moderator, published
):
    _, number = published
    with app.app_context(), transaction():
        set_moderation_mode("hello", "pair", by=SYSTEM)
    add_staff_member(app, "moderator", "bo@staff.example", "Bo Second")
    add_staff_member(app, "moderator", "cy@staff.example", "Cy Third")
    bo, cy = sign_in(app, "bo@staff.example"), sign_in(app, "cy@staff.example")
    redact(moderator, number)
    assert SECRET in client.get("/letters/hello").text
    redact(bo, number, words="Ana")  # another span, so the votes differ
    case = cy.get(f"/desk/moderation/{number}").text
    assert "Two moderators have voted, and they disagree." in case
    span = re.search(
        r'name="redact_from" value="(\d+)">\s*<input[^>]*name="redact_to" value="(\d+)"', case
    )
    decide(cy, number, "redact", reason="R4", redact_from=span[1], redact_to=span[2])
    page = client.get("/letters/hello").text
    assert SECRET not in page
    assert "Ana lives" in page
    assert "By 2 moderators, on" in cy.get(f"/desk/moderation/{number}").text
