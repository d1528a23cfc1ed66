"""The transparency report as page, table and JSON, quality reviews, and statements of reasons."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from commentsite import clock
from commentsite.accounts.permissions import READER, SYSTEM, Actor, Permission
from commentsite.audit.models import AuditEntry
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import db, session, transaction
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.services import decide
from commentsite.moderation.models import QualityReview
from commentsite.moderation.quality.services import draw_due_sample
from commentsite.moderation.transparency.disparity import Disparity
from commentsite.web.caching.page_cache import CACHE_CONTROL
from commentsite.web.public.site.transparency import describe_disparity, format_beside
from commentsite.worker import tasks
from tests.support.audit import verify_records
from tests.support.clients import csrf_token, fetch_page, fill_comment_form, sign_in
from tests.support.factories import add_staff_member, encryption_of, submission, submit_by_service

LAST_MONTH = datetime.now(UTC).replace(day=1) - timedelta(days=3)
MONA = Actor("user:1", frozenset(Permission), 1, "Mona", "mod@staff.example")
SAID = ["publish", "refuse", "return", "spam"]


@pytest.fixture
def decided(app, moderator, encryption):
    """Four comments that one moderator decided last month."""
    with app.app_context(), clock.freeze_at(LAST_MONTH):
        for number, verdict in enumerate(SAID):
            with transaction():
                given = submission(body=f"Secret words {number}.", email=f"p{number}@example.org")
                sent = submit_by_service(given, encryption)
            with transaction():
                decide(
                    sent.comment.id, 1, Verdict(verdict), rule="R8", note="Art. 1, says Ada.",
                    by=MONA, encryption=encryption,
                )  # fmt: skip
    return app


def test_page_csv_and_json_hold_the_same_numbers(decided, client):
    page = fetch_page(client, "/transparency")
    assert "Every comment is accounted for." in page
    assert "/transparency.csv" in page
    assert "/transparency.json" in page
    rows = list(csv.DictReader(io.StringIO(fetch_page(client, "/transparency.csv"))))
    document = json.loads(fetch_page(client, "/transparency.json"))
    assert document["does_not_balance"] == []
    assert [row["submitted"] for row in rows] == [str(r["submitted"]) for r in document["lines"]]
    whole = rows[0]
    assert (whole["by"], whole["submitted"], whole["refused"], whole["under_R8"]) == (
        "all", "4", "1", "1",
    )  # fmt: skip
    assert {row["by"] for row in rows} == {"all", "month", "group", "language"}
    for address in ("/transparency", "/transparency.csv", "/transparency.json"):
        answer = client.get(address)
        assert answer.headers["Cache-Control"] == CACHE_CONTROL
        assert "Set-Cookie" not in answer.headers
        again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


def test_no_percentage_is_given_of_fewer_than_ten(decided, client):
    page = fetch_page(client, "/transparency")
    assert "decided 0 of 4 comments automatically" in page
    assert "That is" not in page


def test_a_language_that_looks_like_a_formula_is_escaped_in_the_csv(decided, client):
    with decided.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE letter SET language = '=1+1'"))
    rows = list(csv.DictReader(io.StringIO(fetch_page(client, "/transparency.csv"))))
    assert [row["key"] for row in rows if row["by"] == "language"] == ["'=1+1"]


def test_a_quality_reviewer_sees_neither_the_decision_nor_the_author(decided, moderator):
    tasks.run_pass(decided)
    with decided.app_context():
        drawn = session().scalars(select(QualityReview)).all()
        assert len(drawn) == 4
        assert {review.month for review in drawn} == {f"{LAST_MONTH:%Y-%m}"}
    tasks.run_pass(decided)  # once a month, however often the worker passes
    assert "There is nothing for you to review now." in fetch_page(moderator, "/desk/reviews/")
    add_staff_member(decided, "editor", "ed@staff.example", "Ed Editor")
    editor = sign_in(decided, "ed@staff.example")
    for number in range(4):
        page = fetch_page(editor, "/desk/reviews/")
        assert "Secret words" in page
        assert "Ada" not in page
        assert "example.org" not in page
        review = page.partition('action="/desk/reviews/')[2].partition('"')[0]
        with decided.app_context():
            said = SAID[session().get(QualityReview, int(review)).comment_id - 1]
        if number == 0:
            send = {"verdict": "refuse", "reason": "", "csrf_token": csrf_token(page)}
            refused = editor.post(f"/desk/reviews/{review}", data=send)
            assert refused.status_code == 422
            assert 'value="refuse" checked' in refused.text
            mine = {
                "verdict": "publish",
                "csrf_token": csrf_token(fetch_page(moderator, "/desk/reviews/")),
            }
            assert moderator.post(f"/desk/reviews/{review}", data=mine).status_code == 403
        send = {"verdict": said, "reason": "R8", "csrf_token": csrf_token(page)}
        assert editor.post(f"/desk/reviews/{review}", data=send).status_code == 303
        assert editor.post(f"/desk/reviews/{review}", data=send).status_code == 409
    page = fetch_page(editor, "/desk/reviews/")
    assert "There is nothing for you to review now." in page
    assert "Too few reviews to tell." in page
    public = fetch_page(decided.test_client(), "/transparency")
    assert "Too few reviews to tell." in public
    with decided.app_context():
        assert verify_records() == []
        entries = session().scalars(
            select(AuditEntry).where(AuditEntry.action == "review.answered")
        )
        details = [entry.details for entry in entries]
    assert sorted(d["verdict"] for d in details) == sorted(SAID)
    assert all(set(d) == {"verdict", "reason"} for d in details)


def test_a_comment_erased_after_sampling_is_not_offered_for_review(decided):
    with decided.app_context():
        with transaction():
            draw_due_sample(by=SYSTEM, encryption=encryption_of(decided))
        for number in range(1, 5):
            with transaction():
                erase_comment(get_comment_for_update(number), by=READER)
    add_staff_member(decided, "editor", "ed@staff.example", "Ed Editor")
    editor = sign_in(decided, "ed@staff.example")
    page = fetch_page(editor, "/desk/reviews/")
    assert "There is nothing for you to review now." in page
    send = {"verdict": "publish", "csrf_token": csrf_token(page)}
    assert editor.post("/desk/reviews/1", data=send).status_code == 409


def test_statements_of_reasons_are_exported_once_the_law_is_named(decided, tmp_path):
    add_staff_member(decided, "steward", "steward@staff.example", "Sada Steward")
    steward = sign_in(decided, "steward@staff.example")
    page = fetch_page(steward, "/desk/reasons/")
    assert "This site may be exempt." in page
    assert "1 decision<" in page  # neither what was returned nor spam is a restriction
    send = {"csrf_token": csrf_token(page), "part": "1", "law-2": "Criminal code", "why-2": ""}
    refused = steward.post("/desk/reasons/", data=send)
    assert refused.status_code == 422
    assert "illegal_content_explanation is missing" in refused.text
    assert 'value="Criminal code"' in refused.text
    sent = steward.post("/desk/reasons/", data=send | {"why-2": "See ada@example.org."})
    assert "contains an email address" in sent.text
    file = steward.post("/desk/reasons/", data=send | {"why-2": "Its article 1 forbids it."})
    assert file.mimetype == "application/json"
    assert "attachment" in file.headers["Content-Disposition"]
    said = file.text
    assert "Ada" not in said
    assert "Secret" not in said
    statement = json.loads(said)["statements"][0]
    assert statement["puid"] == "decision-2"
    assert statement["illegal_content_legal_ground"] == "Criminal code"
    assert "content_language" not in statement
    with decided.app_context():
        entry = session().scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
        assert (entry.action, entry.details["statements"]) == ("reasons.exported", 1)
    checked, runner = tmp_path / "file.json", decided.test_cli_runner()
    checked.write_text(said, encoding="utf-8")
    assert "Statements checked: 1. No problems found." in run(runner, checked, 0)
    checked.write_text(said.replace("decision-2", "decision 2"), encoding="utf-8")
    assert "puid may contain only letters" in run(runner, checked, 1)
    checked.write_text("no file of statements", encoding="utf-8")
    assert "This file is not valid JSON." in run(runner, checked, 1)


def run(runner, file, code):
    result = runner.invoke(args=["reasons", "check", str(file)])
    assert result.exit_code == code, result.output
    return result.output


@pytest.mark.parametrize(
    "period", ["first=2026-02-30", "first=x", "first=2026-03-02&last=2026-03-01", "first=1999-01-01"]
)  # fmt: skip
def test_an_impossible_period_is_reported(decided, period):
    add_staff_member(decided, "steward", "steward@staff.example", "Sada Steward")
    steward = sign_in(decided, "steward@staff.example")
    page = fetch_page(steward, f"/desk/reasons/?{period}", 422)
    assert 'role="alert"' in page
    far = fetch_page(steward, "/desk/reasons/?first=9999-12-31&last=9999-12-31", 422)
    assert 'role="alert"' in far
    assert "No comment was refused or removed in this period." in fetch_page(
        steward, "/desk/reasons/?first=2020-01-01&last=2020-01-01"
    )


def test_the_monthly_chart_has_a_text_alternative(decided, client):
    form = fill_comment_form(client, body="Words of this month.")
    assert client.post("/letters/hello/comments", data=form).status_code == 303
    shown = fetch_page(client, "/transparency")
    drawn = shown.partition('<svg class="columns"')[2].partition("</svg>")[0]
    assert 'role="img" aria-labelledby="months-caption"' in " ".join(drawn.split())
    assert "At most 4 comments a month." in shown
    assert drawn.count("<title>") >= 2
    assert ": 4 comments</title>" in drawn
    assert ": 1 comment</title>" in drawn
    assert drawn.count('class="in-') == len(SAID) + 1


@pytest.mark.parametrize(
    ("groups", "conclusion"),
    [
        ((10, 20, 80, 100), "Stands out: the ratio is below 0.8 and p is below 0.05."),
        (
            (85, 100, 295, 310),
            "Does not stand out: p is below 0.05, but the ratio is not below 0.8.",
        ),
        ((5, 10, 9, 12), "Does not stand out: the ratio is below 0.8, but p is not below 0.05."),
        ((15, 20, 80, 100), "Does not stand out."),
    ],
)
def test_a_difference_is_never_near_a_limit_without_the_limit(app, groups, conclusion):
    with app.test_request_context():
        assert describe_disparity(Disparity("CIV", *groups)).conclusion == conclusion


@pytest.mark.parametrize(
    ("value", "limit", "decimals", "shown"),
    [(0.0499, 0.05, 3, "0.0499"), (0.05, 0.05, 3, "0.050"), (0.7996, 0.8, 2, "0.7996"), (0.9, 0.8, 2, "0.90")],
)  # fmt: skip
def test_rounding_does_not_move_a_number_across_its_limit(value, limit, decimals, shown):
    assert format_beside(value, limit, decimals) == shown


def test_a_wide_table_says_how_to_read_it_on_a_narrow_screen(decided, client):
    page = fetch_page(client, "/transparency")
    assert "This table is wider than the screen." in page
    wraps = re.findall(r'<div class="table-wrap[^>]*>', page)
    assert wraps
    assert all('tabindex="0"' in wrap and 'role="region"' in wrap for wrap in wraps)
