"""Attacks on appeals: receipts of other people, forged forms, changes by GET, scripts, floods."""

import json

import pytest
from sqlalchemy import text

from commentsite.accounts.permissions import READER
from commentsite.comments.emails.confirmation import confirm_email
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import session, transaction
from tests.support.appeals import (
    APPEAL_TEXT,
    act_on_appeal,
    appeal_case_form,
    appealable_decision,
    file_appeal,
    rule_on_appeal,
)
from tests.support.clients import csrf_token, decide, fetch_page, receipt_token, submit_and_identify
from tests.support.factories import make_app, publish_sample_letter
from tests.support.smtp import read_mail, text_of

NASTY = '<script>alert(1)</script> "><img src=x onerror=alert(2)> https://evil.example and more'


@pytest.fixture
def refused(app, client, moderator):
    receipt, number = submit_and_identify(client)
    with app.app_context(), transaction():
        confirm_email(get_comment_for_update(number), by=READER)
    decide(moderator, number, "refuse", reason="R2")
    return receipt


def appeal_rows(app):
    with app.app_context():
        return [str(row) for row in session().execute(text("SELECT * FROM appeal"))]


def test_no_appeal_is_filed_without_a_form_token_of_the_receipt(app, client, refused):
    mine, _number = submit_and_identify(client, body="A comment of somebody else.", name="Eve")
    decision = appealable_decision(fetch_page(client, refused))
    foreign = receipt_token(fetch_page(client, mine))
    for token in ("", "forged", foreign):
        form = {"receipt_form": token, "decision": decision, "words": APPEAL_TEXT}
        assert client.post(f"{refused}/appeal", data=form).status_code == 400
    form = {"receipt_form": foreign, "decision": decision, "words": APPEAL_TEXT}
    assert client.post(f"{mine}/appeal", data=form).status_code == 409
    assert client.post("/receipts/none/appeal", data=form).status_code == 400
    assert appeal_rows(app) == []


def test_an_appeal_of_another_author_can_be_neither_answered_nor_withdrawn(
    app, client, second_moderator, refused
):
    file_appeal(client, refused)
    second_moderator.post(
        "/desk/appeals/1/question",
        data={**appeal_case_form(second_moderator), "question": "Which?"},
    )
    before = appeal_rows(app)
    mine, _number = submit_and_identify(client, body="A comment of somebody else.", name="Eve")
    assert act_on_appeal(client, mine, "answer", answer="Mine.").status_code == 404
    assert act_on_appeal(client, mine, "withdraw").status_code == 404
    for number in ("", "0", "99999999999", "1; DROP TABLE appeal", "-1"):
        assert act_on_appeal(client, mine, "withdraw", number=number).status_code == 404
    assert appeal_rows(app) == before


def test_reading_changes_nothing(app, client, second_moderator, refused):
    file_appeal(client, refused)
    before = appeal_rows(app)
    for address in ("/desk/appeals/", "/desk/appeals/1", "/desk/appeals/?view=x&after=abc"):
        assert second_moderator.get(address).status_code == 200
    for act in ("question", "outcome"):
        query = {
            **appeal_case_form(second_moderator),
            "outcome": "overturned",
            "facts": "By reading.",
        }
        assert second_moderator.get(f"/desk/appeals/1/{act}", query_string=query).status_code == 405
    for act in ("", "/answer", "/withdraw"):
        assert client.get(f"{refused}/appeal{act}").status_code == 405
    assert appeal_rows(app) == before


def test_the_desk_needs_its_token_and_a_sign_in(app, client, second_moderator, refused):
    file_appeal(client, refused)
    before, form = appeal_rows(app), appeal_case_form(second_moderator)
    for act in ("question", "outcome"):
        sent = {**form, "outcome": "overturned", "facts": "Forged.", "question": "Forged?"}
        bare = {**sent, "csrf_token": ""}
        assert second_moderator.post(f"/desk/appeals/1/{act}", data=bare).status_code == 400
        assert client.post(f"/desk/appeals/1/{act}", data=sent).status_code in {302, 303, 400}
    assert client.get("/desk/appeals/1").status_code == 303
    assert appeal_rows(app) == before


def test_staff_of_other_letters_see_and_change_nothing(app, client, second_moderator, refused):
    file_appeal(client, refused)
    with app.app_context():
        publish_sample_letter("other")
        with transaction():
            session().execute(
                text(
                    "INSERT INTO staff_letter (staff_id, letter_id)"
                    " SELECT staff.id, letter.id FROM staff, letter"
                    " WHERE staff.email = 'second@staff.example' AND letter.slug = 'other'"
                )
            )
    before = appeal_rows(app)
    assert second_moderator.get("/desk/appeals/1").status_code == 403
    assert "Ada Reader" not in fetch_page(second_moderator, "/desk/appeals/")
    form = {
        "csrf_token": desk_csrf_token(second_moderator),
        "shown": "1.2",
        "outcome": "overturned",
        "facts": "No.",
    }
    for act in ("question", "outcome"):
        assert second_moderator.post(f"/desk/appeals/1/{act}", data=form).status_code == 403
    assert appeal_rows(app) == before


def desk_csrf_token(desk):
    return csrf_token(fetch_page(desk, "/desk/"))


def test_typed_html_and_links_stay_text_on_every_page_and_in_emails(
    app, client, second_moderator, refused
):
    file_appeal(client, refused, words=NASTY)
    second_moderator.post(
        "/desk/appeals/1/question", data={**appeal_case_form(second_moderator), "question": NASTY}
    )
    act_on_appeal(client, refused, "answer", answer=NASTY)
    assert rule_on_appeal(second_moderator, "upheld", facts=NASTY).status_code == 303
    for page in (
        fetch_page(client, refused),
        fetch_page(second_moderator, "/desk/appeals/1"),
        fetch_page(second_moderator, "/desk/appeals/?view=decided"),
        fetch_page(client, "/transparency"),
    ):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    public = [
        fetch_page(client, at) for at in ("/transparency/log", "/transparency/log.jsonl", "/")
    ]
    assert not [page for page in public if "evil.example" in page or APPEAL_TEXT in page]
    mails = "".join(m["Subject"] + text_of(m) for m in read_mail(app))
    assert "The decision about your comment on “Hello” stands" in mails
    assert "https://evil.example" not in mails


def test_typed_text_never_reaches_the_request_log(client, refused, log_lines):
    file_appeal(client, refused, words="short")
    file_appeal(client, refused)
    lines = [json.loads(line) for line in log_lines().splitlines()]
    assert APPEAL_TEXT not in str(lines)
    assert refused.rsplit("/", 1)[1] not in str(lines)


def test_appeals_are_rate_limited(tmp_path, template_database):
    flooded = make_app(tmp_path / "flooded", template_database)
    with flooded.app_context():
        publish_sample_letter()
    client = flooded.test_client()
    receipt, _number = submit_and_identify(client)
    answers = [file_appeal(client, receipt).status_code for _ in range(11)]
    assert answers == [409] * 10 + [429]


def test_a_file_that_is_too_large_is_refused(client, refused):
    page = fetch_page(client, refused)
    form = {"receipt_form": receipt_token(page), "decision": "1", "words": "x" * 3_000_000}
    assert client.post(f"{refused}/appeal", data=form).status_code == 413
