"""V12, V14, V42 on appeals: other people's receipts, forged forms, reading, scripts in words, floods."""

import json
import re

import pytest
from sqlalchemy import text

from commentsite.accounts.permissions import READER
from commentsite.comments.afterwards import confirm_email
from commentsite.comments.queries import comment_for_update
from commentsite.db import session, transaction
from commentsite.jobs import run_once
from tests.conftest import add_person, make_app, publish_hello, sign_in
from tests.functional.test_a_span_is_removed import decide, send
from tests.functional.test_an_appeal_is_won import (
    WHY,
    appeal,
    case_form,
    judge,
    of_decision,
    on_appeal,
    read,
    receipt_form,
)

NASTY = '<script>alert(1)</script> "><img src=x onerror=alert(2)> https://evil.example and more'


@pytest.fixture
def refused(app, client, later, moderator):
    receipt, number = send(client, later)
    with app.app_context(), transaction():
        confirm_email(comment_for_update(number), by=READER)
    decide(moderator, number, "refuse", reason="R2")
    return receipt


@pytest.fixture
def second(app):
    add_person(app, email="second@staff.example", name="Selma Second")
    return sign_in(app, "second@staff.example")


def rows(app):
    with app.app_context():
        return [str(row) for row in session().execute(text("SELECT * FROM appeal"))]


def test_nothing_is_filed_without_a_form_of_this_very_page(app, client, later, refused):
    mine, _number = send(client, later, body="A comment of somebody else.", name="Eve")
    decision = of_decision(read(client, refused))
    foreign = receipt_form(read(client, mine))
    for token in ("", "forged", foreign):
        form = {"receipt_form": token, "decision": decision, "words": WHY}
        assert client.post(f"{refused}/appeal", data=form).status_code == 400
    form = {"receipt_form": foreign, "decision": decision, "words": WHY}
    assert client.post(f"{mine}/appeal", data=form).status_code == 409
    assert client.post("/receipts/none/appeal", data=form).status_code == 400
    assert rows(app) == []


def test_somebody_elses_appeal_is_neither_answered_nor_taken_back(
    app, client, later, second, refused
):
    appeal(client, refused)
    second.post("/desk/appeals/1/question", data={**case_form(second), "question": "Which?"})
    before = rows(app)
    mine, _number = send(client, later, body="A comment of somebody else.", name="Eve")
    assert on_appeal(client, mine, "answer", answer="Mine.").status_code == 404
    assert on_appeal(client, mine, "withdraw").status_code == 404
    for number in ("", "0", "99999999999", "1; DROP TABLE appeal", "-1"):
        assert on_appeal(client, mine, "withdraw", number=number).status_code == 404
    assert rows(app) == before


def test_reading_changes_nothing(app, client, second, refused):
    appeal(client, refused)
    before = rows(app)
    for address in ("/desk/appeals/", "/desk/appeals/1", "/desk/appeals/?view=x&after=abc"):
        assert second.get(address).status_code == 200
    for act in ("question", "outcome"):
        query = {**case_form(second), "outcome": "overturned", "facts": "By reading."}
        assert second.get(f"/desk/appeals/1/{act}", query_string=query).status_code == 405
    for act in ("", "/answer", "/withdraw"):
        assert client.get(f"{refused}/appeal{act}").status_code == 405
    assert rows(app) == before


def test_the_desk_needs_its_token_and_a_sign_in(app, client, second, refused):
    appeal(client, refused)
    before, form = rows(app), case_form(second)
    for act in ("question", "outcome"):
        sent = {**form, "outcome": "overturned", "facts": "Forged.", "question": "Forged?"}
        bare = {**sent, "csrf_token": ""}
        assert second.post(f"/desk/appeals/1/{act}", data=bare).status_code == 400
        assert client.post(f"/desk/appeals/1/{act}", data=sent).status_code in {302, 303, 400}
    assert client.get("/desk/appeals/1").status_code == 303
    assert rows(app) == before


def test_who_looks_after_other_letters_sees_and_changes_nothing(app, client, second, refused):
    appeal(client, refused)
    with app.app_context():
        publish_hello("other")
        with transaction():
            session().execute(
                text(
                    "INSERT INTO staff_letter (staff_id, letter_id)"
                    " SELECT staff.id, letter.id FROM staff, letter"
                    " WHERE staff.email = 'second@staff.example' AND letter.slug = 'other'"
                )
            )
    before = rows(app)
    assert second.get("/desk/appeals/1").status_code == 403
    assert "Ada Reader" not in read(second, "/desk/appeals/")
    form = {
        "csrf_token": case_token(second),
        "shown": "1.2",
        "outcome": "overturned",
        "facts": "No.",
    }
    for act in ("question", "outcome"):
        assert second.post(f"/desk/appeals/1/{act}", data=form).status_code == 403
    assert rows(app) == before


def case_token(desk):
    return re.search(r'name="csrf_token" value="([^"]+)"', read(desk, "/desk/"))[1]


def test_words_stay_words_wherever_they_show(app, client, second, refused):
    appeal(client, refused, words=NASTY)
    second.post("/desk/appeals/1/question", data={**case_form(second), "question": NASTY})
    on_appeal(client, refused, "answer", answer=NASTY)
    assert judge(second, "upheld", facts=NASTY).status_code == 303
    for page in (
        read(client, refused),
        read(second, "/desk/appeals/1"),
        read(second, "/desk/appeals/?view=decided"),
        read(client, "/transparency"),
    ):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    public = [read(client, at) for at in ("/transparency/log", "/transparency/log.jsonl", "/")]
    assert not [page for page in public if "evil.example" in page or WHY in page]
    run_once(app)
    folder = app.extensions["commentsite"].settings.instance / "mail"
    mails = "".join(file.read_text() for file in folder.glob("*.eml"))
    assert "The decision about your comment holds" in mails
    assert "https://evil.example" not in mails


def test_refused_words_never_reach_the_log_of_the_site(client, refused, log_lines):
    appeal(client, refused, words="short")
    appeal(client, refused)
    lines = [json.loads(line) for line in log_lines().splitlines()]
    assert WHY not in str(lines)
    assert refused.rsplit("/", 1)[1] not in str(lines)


def test_a_flood_of_appeals_is_stopped(tmp_path, template_database, later):
    flooded = make_app(tmp_path / "flooded", template_database)
    with flooded.app_context():
        publish_hello()
    client = flooded.test_client()
    receipt, _number = send(client, later)
    answers = [appeal(client, receipt).status_code for _ in range(11)]
    assert answers == [409] * 10 + [429]


def test_what_is_too_large_is_not_taken(client, refused):
    page = read(client, refused)
    form = {"receipt_form": receipt_form(page), "decision": "1", "words": "x" * 3_000_000}
    assert client.post(f"{refused}/appeal", data=form).status_code == 413
