"""A commenter appeals from the receipt, and a reviewer who did not decide before rules on it."""

import re
import time
from datetime import timedelta

import pytest
from sqlalchemy import text

from commentsite import clock
from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.comments.emails.confirmation import confirm_email
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment, get_comment_for_update
from commentsite.db.session import db, session, transaction
from commentsite.letters.comment_window import set_comments_open
from commentsite.letters.publication.comment_settings import set_moderation_mode
from commentsite.moderation.appeals.eligibility import list_stale_appeals
from commentsite.worker.tasks import run_pass
from tests.support.appeals import (
    APPEAL_TEXT,
    RULING_FACTS,
    act_on_appeal,
    appeal_case_form,
    appealable_decision,
    file_appeal,
    rule_on_appeal,
)
from tests.support.audit import verify_records
from tests.support.clients import decide, fetch_page, receipt_token, sign_in, submit_and_identify
from tests.support.databases import record_statements
from tests.support.factories import add_staff_member, encryption_of

BODY = "Paragraph two is wrong about the year, and Ana lives at Lindenstrasse 14."


def state_of(app, number):
    with app.app_context():
        return str(get_comment(number).state)


def appeal_messages(app):
    with app.app_context():
        kinds = session().execute(text("SELECT kind FROM outbox ORDER BY id")).scalars().all()
        return [kind for kind in kinds if kind.startswith(("appeal.", "staff."))]


@pytest.fixture
def refused(app, client, moderator):
    receipt, number = submit_and_identify(client, body=BODY)
    with app.app_context(), transaction():
        confirm_email(get_comment_for_update(number), by=READER)
    assert decide(moderator, number, "refuse", reason="R4").status_code == 303
    return receipt, number


def test_an_overturned_refusal_publishes_the_comment(
    app, client, moderator, second_moderator, refused
):
    receipt, number = refused
    page = fetch_page(client, receipt)
    assert "A moderator who took no part in the decision reads your appeal" in page
    assert file_appeal(client, receipt).status_code == 303
    assert "Waiting for review" in fetch_page(client, receipt)
    listed = fetch_page(second_moderator, "/desk/appeals/")
    assert "Ada Reader" in listed
    case = fetch_page(second_moderator, "/desk/appeals/1")
    assert APPEAL_TEXT in case
    assert BODY in case
    assert "Rule 4" in case
    assert rule_on_appeal(second_moderator, "overturned").status_code == 303
    assert state_of(app, number) == "published"
    assert BODY in fetch_page(client, "/letters/hello")
    assert client.get(f"/letters/hello/comments/{number}").status_code == 303
    told = fetch_page(client, receipt)
    assert "The decision was overturned" in told
    assert RULING_FACTS in told
    assert appeal_messages(app) == ["appeal.filed", "appeal.overturned"]
    with app.app_context():
        assert verify_records() == []


def test_an_upheld_refusal_holds_and_is_not_appealed_again(app, client, second_moderator, refused):
    receipt, number = refused
    file_appeal(client, receipt)
    assert (
        rule_on_appeal(
            second_moderator, "upheld", facts="The address of a third person."
        ).status_code
        == 303
    )
    assert state_of(app, number) == "refused"
    page = fetch_page(client, receipt)
    assert "The decision was upheld" in page
    assert "The address of a third person." in page
    assert 'name="words"' not in page
    assert file_appeal(client, receipt).status_code == 409
    assert appeal_messages(app) == ["appeal.filed", "appeal.upheld"]


def test_an_appeal_that_is_not_about_the_decision_is_refused(
    app, client, second_moderator, refused
):
    receipt, number = refused
    file_appeal(client, receipt)
    assert (
        rule_on_appeal(
            second_moderator, "inadmissible", facts="It is about another letter."
        ).status_code
        == 303
    )
    assert state_of(app, number) == "refused"
    assert "The appeal was dismissed" in fetch_page(client, receipt)


def test_a_refusal_is_varied_to_a_redaction(app, client, second_moderator, refused):
    receipt, _number = refused
    file_appeal(client, receipt)
    varied = {"how": "redact", "redact_words": "Lindenstrasse 14", "reason": "R4"}
    assert rule_on_appeal(second_moderator, "varied", **varied).status_code == 303
    page = fetch_page(client, "/letters/hello")
    assert "[removed under rule 4]" in page
    assert "Lindenstrasse" not in page
    told = fetch_page(client, receipt)
    assert (
        "Your comment is published. Other words than before, or fewer, are removed from it." in told
    )
    assert "On appeal, by a moderator who took no part in the first decision, on" in told
    assert file_appeal(client, receipt).status_code == 409  # a ruling cannot be appealed
    with app.app_context():
        assert verify_records() == []


def test_a_refusal_is_varied_to_a_return(app, client, second_moderator, refused):
    receipt, number = refused
    file_appeal(client, receipt)
    assert rule_on_appeal(second_moderator, "varied", how="return", reason="R4").status_code == 303
    assert state_of(app, number) == "returned"
    page = fetch_page(client, receipt)
    sent = {"receipt_form": receipt_token(page), "body": "Paragraph two is wrong about the year."}
    assert client.post(f"{receipt}/edit", data=sent).status_code == 303
    assert state_of(app, number) == "pending"
    assert decide(second_moderator, number, "refuse", reason="R5").status_code == 303
    assert file_appeal(client, receipt).status_code == 303  # a new decision, a new appeal


def test_a_refusal_is_varied_to_another_rule(app, client, second_moderator, refused):
    receipt, number = refused
    file_appeal(client, receipt)
    same = rule_on_appeal(second_moderator, "varied", how="clause", reason="R4")
    assert same.status_code == 422
    assert RULING_FACTS in same.text
    assert rule_on_appeal(second_moderator, "varied", how="clause", reason="R5").status_code == 303
    assert state_of(app, number) == "refused"
    page = fetch_page(client, receipt)
    assert "Rule 5, off the subject" in page
    assert "The decision stands, under another rule." in page
    assert "under_R5" in client.get("/transparency.json").get_json()["lines"][0]


def test_a_removed_comment_returns_to_its_place_in_the_thread(
    app, client, moderator, second_moderator
):
    receipt, number = submit_and_identify(client, body=BODY)
    decide(moderator, number, "publish")
    _, answer = submit_and_identify(client, body="I answer this.", name="Bo", parent=str(number))
    decide(moderator, answer, "publish")
    before = fetch_page(client, "/letters/hello")
    with app.app_context():
        published_at = get_comment(number).published_at
    decide(moderator, number, "restrict", reason="R2")
    with app.app_context(), transaction():
        set_comments_open("hello", is_open=False, by=SYSTEM)
    file_appeal(client, receipt)
    assert rule_on_appeal(second_moderator, "overturned").status_code == 303
    with app.app_context():
        assert get_comment(number).published_at == published_at
        assert verify_records() == []
    after = fetch_page(client, "/letters/hello")
    thread = re.compile(r'<article class="comment.*</article>', re.DOTALL)
    assert thread.search(after)[0].count("<article") == thread.search(before)[0].count("<article")
    assert after.index(BODY) < after.index("I answer this.")
    assert BODY in fetch_page(client, "/letters/hello/feed.json")


def test_an_overturned_redaction_shows_only_its_own_text_again(
    app, client, moderator, second_moderator
):
    receipt, number = submit_and_identify(client, body=BODY)
    decide(moderator, number, "publish")
    decide(moderator, number, "redact", redact_words="Ana", reason="R2")
    decide(moderator, number, "redact", redact_words="Lindenstrasse 14", reason="R4")
    page = fetch_page(client, receipt)
    first, last = re.findall(r'name="decision" value="(\d+)"', page)
    assert file_appeal(client, receipt, decision=last).status_code == 303
    assert decide(moderator, number, "restore").status_code == 409
    assert rule_on_appeal(second_moderator, "overturned").status_code == 303
    shown = fetch_page(client, "/letters/hello")
    assert "Lindenstrasse 14" in shown
    assert "Ana lives" not in shown
    assert "Rule 2" in fetch_page(client, receipt)
    assert file_appeal(client, receipt, decision=first).status_code == 303
    own = {"how": "redact", "redact_words": "Ana lives", "reason": "R4"}
    assert (
        rule_on_appeal(second_moderator, "overturned", number=2).status_code == 403
    )  # this reviewer ruled on the first appeal
    add_staff_member(app, email="third@staff.example", name="Theo Third")
    third = sign_in(app, "third@staff.example")
    assert rule_on_appeal(third, "varied", number=2, **own).status_code == 303
    shown = fetch_page(client, "/letters/hello")
    assert "[removed under rule 4]</span> at Lindenstrasse 14" in shown
    with app.app_context():
        assert verify_records() == []


def test_a_reviewer_asks_one_question_and_the_author_answers_once(
    app, client, second_moderator, refused
):
    receipt, _number = refused
    file_appeal(client, receipt)
    form = appeal_case_form(second_moderator)
    asked = second_moderator.post(
        "/desk/appeals/1/question", data={**form, "question": "Which register?"}
    )
    assert asked.status_code == 303
    assert (
        rule_on_appeal(second_moderator, "upheld").status_code == 409
    )  # the author has time to answer
    assert "The author has 14 days" in fetch_page(second_moderator, "/desk/appeals/1")
    assert "Ada Reader" in fetch_page(second_moderator, "/desk/appeals/?view=asked")
    assert "Which register?" in fetch_page(client, receipt)
    assert act_on_appeal(client, receipt, "answer", answer="").status_code == 422
    assert act_on_appeal(client, receipt, "answer", answer="That of the city.").status_code == 303
    assert act_on_appeal(client, receipt, "answer", answer="And another.").status_code == 409
    case = fetch_page(second_moderator, "/desk/appeals/1")
    assert "That of the city." in case
    assert "Send the question" not in case
    again = {**appeal_case_form(second_moderator), "question": "And of which year?"}
    assert second_moderator.post("/desk/appeals/1/question", data=again).status_code == 409
    assert rule_on_appeal(second_moderator, "overturned").status_code == 303
    assert appeal_messages(app) == ["appeal.filed", "appeal.asked", "appeal.overturned"]


def test_a_reviewer_decides_without_an_answer_after_fourteen_days(
    app, client, second_moderator, refused
):
    receipt, _number = refused
    file_appeal(client, receipt)
    second_moderator.post(
        "/desk/appeals/1/question",
        data={**appeal_case_form(second_moderator), "question": "Which one?"},
    )
    with clock.freeze_at(clock.now() + timedelta(days=14, minutes=1)):
        later_on = sign_in(app, "second@staff.example")
        assert rule_on_appeal(later_on, "upheld").status_code == 303


def test_an_author_withdraws_an_appeal(app, client, second_moderator, refused):
    receipt, number = refused
    file_appeal(client, receipt)
    assert act_on_appeal(client, receipt, "withdraw").status_code == 303
    assert "The appeal was withdrawn" in fetch_page(client, receipt)
    assert rule_on_appeal(second_moderator, "overturned").status_code == 409
    assert state_of(app, number) == "refused"


def test_erasing_the_comment_ends_the_appeal_and_deletes_its_text(
    app, client, second_moderator, refused
):
    receipt, number = refused
    file_appeal(client, receipt)
    second_moderator.post(
        "/desk/appeals/1/question",
        data={**appeal_case_form(second_moderator), "question": "Which one?"},
    )
    with app.app_context(), transaction():
        erase_comment(get_comment_for_update(number), by=READER)
    with app.app_context():
        row = session().execute(text("SELECT * FROM appeal")).mappings().one()
        assert row["state"] == "withdrawn"
        assert not {APPEAL_TEXT, "Which one?"} & set(map(str, row.values()))
        assert verify_records() == []
    for page in (fetch_page(second_moderator, "/desk/appeals/1"), fetch_page(client, receipt)):
        assert APPEAL_TEXT not in page


def test_withdrawing_a_removed_comment_ends_its_appeal(app, client, moderator, second_moderator):
    receipt, number = submit_and_identify(client, body=BODY)
    decide(moderator, number, "publish")
    decide(moderator, number, "restrict", reason="R2")
    file_appeal(client, receipt)
    form = {"receipt_form": receipt_token(fetch_page(client, receipt))}
    assert client.post(f"{receipt}/withdraw", data=form).status_code == 303
    assert "The appeal was withdrawn" in fetch_page(client, receipt)
    assert rule_on_appeal(second_moderator, "overturned").status_code == 409
    assert state_of(app, number) == "withdrawn"


def test_a_moderator_who_decided_can_neither_rule_on_the_appeal_nor_decide_again(
    app, client, moderator, second_moderator, refused
):
    receipt, number = refused
    file_appeal(client, receipt)
    case = fetch_page(moderator, "/desk/appeals/1")
    assert "You have decided on this comment before." in case
    assert "Decide the appeal" not in case
    assert rule_on_appeal(moderator, "upheld").status_code == 403
    assert rule_on_appeal(moderator, "overturned").status_code == 403
    for desk in (moderator, second_moderator):
        assert decide(desk, number, "publish").status_code == 409
    assert state_of(app, number) == "refused"


def test_an_appeal_without_an_eligible_reviewer_waits_and_both_sides_see_it(
    app, client, moderator, refused
):
    receipt, number = refused
    add_staff_member(app, "steward", "boss@staff.example", "Bea Boss")
    with app.app_context(), transaction():
        session().execute(text("UPDATE staff SET active = false WHERE email LIKE 'boss@%'"))
    file_appeal(client, receipt)
    assert "No such moderator is available now." in fetch_page(client, receipt)
    assert "Waiting for an independent reviewer" in fetch_page(moderator, "/desk/appeals/")
    assert "The appeal stays open" in fetch_page(moderator, "/desk/appeals/1")
    with app.app_context(), transaction():
        session().execute(text("UPDATE staff SET active = true"))
    run_pass(app)
    assert "No such moderator is available now." not in fetch_page(client, receipt)
    boss = sign_in(app, "boss@staff.example")
    assert rule_on_appeal(boss, "overturned").status_code == 303
    assert state_of(app, number) == "published"


def test_stewards_are_notified_once_a_day_that_no_reviewer_is_left(app, client, refused):
    add_staff_member(app, "steward", "boss@staff.example", "Bea Boss")
    boss = sign_in(app, "boss@staff.example")
    receipt, number = submit_and_identify(
        client, body="Another one, that the steward refuses.", name="Bo"
    )
    decide(boss, number, "refuse", reason="R5")
    with app.app_context(), transaction():
        set_moderation_mode("hello", "cross_group", by=SYSTEM)
    counts = []
    for each in (receipt, refused[0]):
        file_appeal(client, each)
        with app.app_context(), record_statements(db.engine, "SELECT") as statements:
            assert list_stale_appeals(encryption_of(app)) == []
        counts.append(len(statements))
    assert counts[0] == counts[1]  # a second open appeal costs the worker no statement
    assert appeal_messages(app).count("staff.no_judge") == 1
    page = fetch_page(boss, "/desk/appeals/1")
    assert "Invite a moderator" in page
    assert "/desk/people/" in page


def test_a_decision_can_be_appealed_for_six_months(client, second_moderator, refused):
    receipt, _number = refused
    decided = clock.now()
    with clock.freeze_at(decided + timedelta(days=190)):
        page = fetch_page(client, receipt)
        assert "You could appeal against this decision for six months, until " in page
        form = {"receipt_form": receipt_token(page), "decision": "1", "words": APPEAL_TEXT}
        late = client.post(f"{receipt}/appeal", data=form)
        assert late.status_code == 403
        assert APPEAL_TEXT in late.text
    with clock.freeze_at(decided + timedelta(days=180)):
        assert file_appeal(client, receipt).status_code == 303


@pytest.mark.parametrize("words", ["", "Too short.", "x" * 5001])
def test_an_authors_input_stays_in_the_form_after_an_error(client, refused, words):
    receipt, _number = refused
    answer = file_appeal(client, receipt, words=words)
    assert answer.status_code == 422
    page = answer.text
    assert f"\n{words}</textarea>" in page
    assert 'href="#words"' in page


def test_an_expired_form_keeps_the_text_of_the_appeal(client, refused, monkeypatch):
    receipt, _number = refused
    page = fetch_page(client, receipt)
    form = {
        "receipt_form": receipt_token(page),
        "decision": appealable_decision(page),
        "words": APPEAL_TEXT,
    }
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 3 * 3600)
    late = client.post(f"{receipt}/appeal", data=form)
    assert late.status_code == 422
    assert APPEAL_TEXT in late.text
    form["receipt_form"] = receipt_token(late.text)
    assert client.post(f"{receipt}/appeal", data=form).status_code == 303


def test_a_decision_can_be_appealed_only_once(client, refused):
    receipt, _number = refused
    assert file_appeal(client, receipt).status_code == 303
    again = file_appeal(client, receipt, words="I say the same again, and louder.")
    assert again.status_code == 409
    assert "I say the same again, and louder." in again.text


def test_spam_cannot_be_appealed_and_looks_like_an_undecided_comment(client, moderator, refused):
    waiting, _ = submit_and_identify(client, body="This one waits for a moderator.", name="Bo")
    hidden, number = submit_and_identify(client, body="This one is marked as spam.", name="Cy")
    decide(moderator, number, "spam")
    answers = []
    for receipt in (waiting, hidden):
        page = fetch_page(client, receipt)
        assert 'id="appeal"' not in page
        answers.append(file_appeal(client, receipt))
    assert [answer.status_code for answer in answers] == [409, 409]
    told = re.compile(r'<div class="summary.*?</div>', re.DOTALL)
    shown = [told.search(answer.text)[0] for answer in answers]
    assert shown[0] == shown[1]


def test_the_data_export_holds_the_appeal(client, second_moderator, refused):
    receipt, _number = refused
    file_appeal(client, receipt)
    rule_on_appeal(second_moderator, "upheld")
    (held,) = client.get(f"{receipt}/data.json").get_json()["appeals"]
    assert (held["state"], held["words"], held["reasons"]) == ("upheld", APPEAL_TEXT, RULING_FACTS)
    assert "Selma" not in str(held)
