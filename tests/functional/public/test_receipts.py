"""A commenter's private page."""

import re
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from commentsite import clock
from commentsite.audit.models import AuditEntry
from commentsite.comments.queries import get_comment
from commentsite.db.session import session
from commentsite.letters.queries import get_letter
from tests.support.appeals import file_appeal
from tests.support.audit import verify_records
from tests.support.clients import (
    confirm_email,
    decide,
    fetch_case,
    fetch_page,
    fill_comment_form,
    post_receipt_form,
    publish,
    receipt_token,
    report_comment,
    submit,
    submit_and_identify,
    submit_for_receipt,
)
from tests.support.clock import after_undo_window
from tests.support.smtp import read_mail, text_of


def test_an_edit_form_sent_empty_stays_empty(client):
    receipt = submit(client).headers["Location"]
    page = client.get(receipt).text
    signed = receipt_token(page)
    answer = client.post(f"{receipt}/edit", data={"receipt_form": signed, "body": ""})
    assert answer.status_code == 422
    area = re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.text, re.DOTALL)
    assert area[1].strip() == ""


@pytest.mark.parametrize("verdict", ["", "publish", "return"])
def test_a_withdrawal_can_be_undone_for_a_day_and_everything_is_as_before(
    app, client, moderator, verdict
):
    receipt, number = submit_and_identify(client)
    if verdict:
        decide(moderator, number, verdict, reason="R2" if verdict == "return" else "")
    before = state_and_place(app, number)
    post_receipt_form(client, receipt, "withdraw")
    assert "You can undo this until" in fetch_page(client, receipt)
    assert "I read it twice" not in fetch_page(client, "/letters/hello")
    with clock.freeze_at(clock.now() + timedelta(hours=23)):
        answer = post_receipt_form(client, receipt, "withdraw/undo")
    assert answer.status_code == 303
    assert "The withdrawal is undone." in fetch_page(client, answer.headers["Location"])
    assert state_and_place(app, number) == before
    assert ("I read it twice" in fetch_page(client, "/letters/hello")) == (verdict == "publish")
    with app.app_context():
        assert verify_records() == []


def state_and_place(app, number):
    with app.app_context():
        comment = get_comment(number)
        count = get_letter(comment.letter_id).published_comment_count
        return comment.state, comment.published_at, comment.awaiting, count


def test_an_undone_withdrawal_keeps_reports_votes_and_appeals(app, client, moderator):
    receipt, number = submit_and_identify(client)
    publish(moderator, number)
    report_comment(client, number)
    post_receipt_form(client, receipt, "withdraw")
    post_receipt_form(client, receipt, "withdraw/undo")
    assert "It attacks the author" in fetch_case(moderator, number)
    decide(moderator, number, "restrict", reason="R2")
    file_appeal(client, receipt)
    post_receipt_form(client, receipt, "withdraw")
    assert "The appeal was withdrawn" in fetch_page(client, receipt)
    post_receipt_form(client, receipt, "withdraw/undo")
    assert "Waiting for review" in fetch_page(client, receipt)


def test_a_withdrawal_is_final_after_a_day(client):
    receipt = submit_for_receipt(client)
    post_receipt_form(client, receipt, "withdraw")
    with clock.freeze_at(clock.now() + timedelta(hours=25)):
        assert "You can undo this" not in fetch_page(client, receipt)
        answer = post_receipt_form(client, receipt, "withdraw/undo")
        assert answer.status_code == 409
        assert "The time to undo this is over." in answer.text


def test_the_button_asks_before_a_comment_is_deleted(client):
    receipt = submit_for_receipt(client)
    page = fetch_page(client, receipt)
    assert 'name="ask"' in page
    answer = post_receipt_form(client, receipt, "erase", ask="1")
    question = fetch_page(client, answer.headers["Location"])
    assert "Delete this comment for good?" in question
    assert "I read it twice" in fetch_page(client, receipt)
    sent = {"receipt_form": receipt_token(question)}
    assert client.post(f"{receipt}/erase", data=sent).status_code == 303
    page = fetch_page(client, receipt)
    assert [f">{word}<" in page for word in ("Deleted", "Withdrawn")] == [True, False]
    assert "I read it twice" not in page
    assert client.get(f"{receipt}/delete").status_code == 303


def test_every_saved_form_of_the_receipt_says_so(app, client, moderator):
    receipt, number = submit_and_identify(client)
    said = {
        "edit": ({"body": "Another text of mine."}, "Your edited comment is sent."),
        "follow": ({"follow": "answers"}, "Your notification settings are saved."),
    }
    for action, (fields, sentence) in said.items():
        answer = post_receipt_form(client, receipt, action, **fields)
        assert sentence in fetch_page(client, answer.headers["Location"])
        assert sentence not in fetch_page(client, receipt)
    decide(moderator, number, "refuse", reason="R2")
    answer = file_appeal(client, receipt)
    assert "Your appeal is sent." in fetch_page(client, answer.headers["Location"])


def test_a_text_that_comes_too_late_can_be_copied(client, moderator, monkeypatch):
    receipt, number = submit_and_identify(client)
    signed = receipt_token(fetch_page(client, receipt))
    late = {"receipt_form": signed, "body": "My corrected words."}
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 8 * 24 * 3600)
    stale = client.post(f"{receipt}/edit", data=late)
    monkeypatch.undo()
    assert stale.status_code == 422
    assert "My corrected words." in stale.text
    publish(moderator, number)
    answer = client.post(f"{receipt}/edit", data=late)
    assert answer.status_code == 409
    assert "My corrected words." in answer.text


def test_a_refusal_names_rule_and_facts_and_until_when_to_appeal(app, client, moderator):
    receipt, number = submit_and_identify(client)
    confirm_email(app, client, receipt=receipt)
    facts = "It calls the author a liar."
    decide(moderator, number, "refuse", reason="R2", facts=facts)
    page = fetch_page(client, receipt)
    assert page.index(facts) < page.index("you can appeal until") < page.index("Status of your")
    with after_undo_window():
        [mail] = [m for m in read_mail(app) if "was not published" in m["Subject"]]
    text = text_of(mail)
    assert "Rule 2: " in text
    assert facts in text
    assert "you can appeal until" in text
    assert f"{receipt}#appeal" in text


def test_receipt_and_preview_show_the_comment_as_it_will_be_published(client):
    typed = {
        "body": "*Twice* read.\n\nhttps://example.org/",
        "organisation": "Reef Radio",
        "capacity": "on_behalf_of",
        "stance": "support",
    }
    receipt = fetch_page(client, submit_for_receipt(client, **typed))
    answer = client.post("/letters/hello/comments/preview", data=fill_comment_form(client, **typed))
    assert "Preview of your comment:" in answer.text
    for page in (receipt, answer.text):
        shown = page.partition("as-shown")[2].partition("</article>")[0]
        for part in (
            "<em>Twice</em>",
            "on behalf of <bdi>Reef Radio</bdi>",
            "supports",
            "Ada Reader",
        ):
            assert part in shown
        assert "href=" not in shown  # a link of an unpublished text leads nowhere


def test_a_commenter_chooses_how_a_summary_may_refer_to_them(app, client):
    form = " ".join(fetch_page(client).split()).partition('<details class="more"')[0]
    assert 'name="quote_as" value="group" checked' in form  # not folded
    typed = {"quote_as": "name", "body": "Quote me on this."}
    shown = client.post("/letters/hello/comments/preview", data=fill_comment_form(client, **typed))
    assert "may quote it with your name" in shown.text
    wrong = submit(client, **typed | {"quote_as": "everyone"})
    assert wrong.status_code == 422
    assert "Quote me on this." in wrong.text
    receipt, number = submit_and_identify(client, **typed)
    assert is_chosen(fetch_page(client, receipt), "name")
    saved = post_receipt_form(client, receipt, "quote-as", quote_as="count")
    page = fetch_page(client, saved.headers["Location"])
    assert "Your choice is saved." in page
    assert is_chosen(page, "count")
    assert client.get(f"{receipt}/data.json").get_json()["quote_as"] == "count"
    assert post_receipt_form(client, receipt, "quote-as", quote_as="any").status_code == 422
    with app.app_context():
        [entry] = session().scalars(
            select(AuditEntry).where(AuditEntry.action == "comment.quote_consent")
        )
        assert (entry.object, entry.details) == (f"comment:{number}", {"state": "pending"})
        assert verify_records() == []
    post_receipt_form(client, receipt, "erase")
    assert "quote_as" not in fetch_page(client, receipt)


def is_chosen(page, choice):
    return f'name="quote_as" value="{choice}" checked' in " ".join(page.split())


def test_a_comment_that_ended_is_not_announced_as_one_to_be_published(client, moderator):
    receipt = submit_for_receipt(client, body="See https://example.org/ for offers.")
    waiting = fetch_page(client, receipt)
    assert "Your comment as it will be published" in waiting
    assert "Links work once the comment is published." in waiting
    assert decide(moderator, 1, "spam").status_code == 303
    ended = fetch_page(client, receipt)
    assert "The comment you sent" in ended
    assert "will be published" not in ended
    assert "Links work" not in ended
