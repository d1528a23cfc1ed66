"""Stewards edit the moderation rules; earlier decisions keep the wording they cited."""

import re

import pytest

from commentsite.site.rulebook import DEFAULT_CLAUSES
from tests.support.audit import list_latest_entries, verify_records
from tests.support.clients import (
    decide,
    fetch_csrf_token,
    fetch_page,
    post_form,
    receipt_token,
    sign_in,
    submit_for_receipt,
)
from tests.support.clock import after_undo_window
from tests.support.factories import add_staff_member
from tests.support.smtp import read_mail, read_mail_text

RULES = "/desk/rules/"
SUMMARY = "Rule 5 says what the subject is, since readers asked."
NEW_WORDS = "Speak to the letter, or to a comment on it."


def rule_rows(**changed):
    """Return the form of the first version of the rules; `R5={"text": …}` changes one."""
    return [
        {"code": c.code, "number": str(c.number), "title": c.title, "text": c.text}
        | changed.get(c.code, {})
        for c in DEFAULT_CLAUSES
    ]


def rules_form(typed, *, act="publish", version=1, summary=SUMMARY, retired=()):
    columns = {name: [row[name] for row in typed] for name in ("code", "number", "title", "text")}
    return columns | {
        "act": act, "version": str(version), "summary": summary, "retired": list(retired),
    }  # fmt: skip


def post_rules(steward, typed, **more):
    return post_form(steward, RULES, **rules_form(typed, **more))


def decide_by_rule_5(moderator, verdict="refuse", number=1, version=1, **more):
    return decide(moderator, number, verdict, version, **{"reason": "R5", "note": ""} | more)


def test_a_steward_previews_changed_rules_word_by_word(steward, client):
    shown = post_rules(steward, rule_rows(R5={"text": NEW_WORDS}), act="preview").text
    assert "Speak to the letter, <del>to what it leaves out, </del>or to a comment on it." in shown
    assert "1 rule changes" in shown
    # The page keeps line breaks of a rule, so none may come from the template.
    assert '<p class="wording" dir="auto"><b>Off the subject.</b> Speak to' in shown
    assert "Publish version 2" in shown
    assert "Version 1," in fetch_page(client, "/rules")


def test_a_new_version_is_in_force_and_the_old_one_stays(app, steward, client):
    client.get("/rules")
    assert post_rules(steward, rule_rows(R5={"text": NEW_WORDS})).status_code == 303
    now = fetch_page(client, "/rules")
    assert "Version 2, in force since" in now
    assert NEW_WORDS in now
    assert SUMMARY in now
    old = fetch_page(client, "/rules/1")
    assert "no longer in force" in old
    assert DEFAULT_CLAUSES[4].text in old
    assert "Changes in version 2" in old
    assert "<del>" in old
    assert client.get("/rules/3").status_code == 404
    with app.app_context():
        (entry,) = [e for e in list_latest_entries(3) if e.action == "rules.published"]
        assert entry.details == {"version": 2, "reworded": ["R5"]}
        assert verify_records() == []


def test_pages_of_rules_are_kept_by_caches_until_the_rules_change(steward, client):
    first = client.get("/rules")
    assert "Set-Cookie" not in first.headers
    asked = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/rules", headers=asked).status_code == 304
    post_rules(steward, rule_rows(R5={"text": NEW_WORDS}))
    assert client.get("/rules", headers=asked).status_code == 200


def test_an_author_reads_the_rule_as_it_was_when_it_was_decided(app, steward, moderator, client):
    receipt = submit_for_receipt(client)
    assert decide_by_rule_5(moderator).status_code == 303
    post_rules(
        steward, rule_rows(R5={"text": NEW_WORDS, "title": "beside the point", "number": "15"})
    )
    shown = fetch_page(client, receipt)
    assert "Rule 5, off the subject" in shown
    assert DEFAULT_CLAUSES[4].text in shown
    assert "beside the point" not in shown
    assert "/rules/1#rule-5" in shown
    desk = fetch_page(moderator, "/desk/moderation/1")
    assert "/rules/1#rule-5" in desk
    held = client.get(f"{receipt}/data.json").get_json()["decisions"][0]
    assert (held["rules_version"], held["rule_as_it_read"]) == (1, DEFAULT_CLAUSES[4].text)
    decided = (
        decide_by_rule_5(moderator, number=2)
        if submit_for_receipt(client, body="Another text.")
        else None
    )
    assert decided.status_code == 303
    books = fetch_page(client, "/transparency")
    assert "Rule 15, beside the point" in books
    assert re.search(r'Rule 15.*?<td class="num-cell">2</td>', books, re.DOTALL)


def test_the_message_names_the_version_it_rests_on(app, steward, moderator, client):
    receipt = submit_for_receipt(client)
    link = re.search(r"/receipts/\S+/confirm/\S+", read_mail_text(app))[0]
    signed = receipt_token(fetch_page(client, link))
    assert client.post(link, data={"receipt_form": signed, "comment": "1"}).status_code == 303
    post_rules(steward, rule_rows(R5={"text": NEW_WORDS}))
    assert decide_by_rule_5(moderator).status_code == 303
    with after_undo_window():
        told = read_mail_text(app)
    assert "/rules/2#rule-5" in told
    assert receipt in told


def test_two_stewards_at_once_lose_nothing(steward):
    typed = rule_rows(R2={"text": "Words of the one who comes later, kept."})
    post_rules(
        steward,
        [*rule_rows(), {"code": "", "number": "10", "title": "too long", "text": "Be brief."}],
    )
    answer = post_rules(steward, typed, version=1)
    assert answer.status_code == 409
    shown = answer.text
    assert "Another steward published version 2" in shown
    assert "Words of the one who comes later, kept." in shown
    assert 'value="R10"' in shown  # what the other added stays in the form
    assert 'name="version" value="2"' in shown


@pytest.mark.parametrize(
    ("typed", "more", "sentence"),
    [
        (rule_rows(), {}, "Nothing is different"),
        (rule_rows(R5={"text": NEW_WORDS}), {"summary": ""}, "Summarise the changes"),
        (rule_rows(R5={"title": ""}), {}, "from 2 to 80 characters"),
        (rule_rows(R5={"title": "x" * 81}), {}, "from 2 to 80 characters"),
        (rule_rows(R5={"text": "x" * 1001}), {}, "from 2 to 1000 characters"),
        (rule_rows(R5={"number": "4"}), {}, "Two rules have the number 4"),
        (rule_rows(R5={"number": "0"}), {}, "Choose a number from 1 to 99"),
        (rule_rows(R5={"number": "many"}), {}, "Choose a number from 1 to 99"),
        (rule_rows()[1:], {}, "A rule cannot be deleted"),
        ([*rule_rows(), rule_rows()[0] | {"number": "11"}], {}, "A rule cannot be deleted"),
        (rule_rows(R5={"code": "R77"}), {}, "no rule with the code R77"),
        (rule_rows(R5={"title": "disagreement with the author"}), {}, "Disagreement is never a rule"),
        ([*rule_rows(), {"code": "R0", "number": "10", "title": "wrong", "text": "A wrong view."}], {},
         "Disagreement is never a rule"),
        (rule_rows(R5={"text": "Write to ada@example.org first."}), {}, "Remove the email address"),
        (rule_rows(), {"retired": [f"R{n}" for n in range(1, 10)]}, "Leave at least one rule"),
    ],
)  # fmt: skip
def test_an_invalid_rule_is_refused_and_the_stewards_input_stays(
    steward, client, typed, more, sentence
):
    answer = post_rules(steward, typed, **more)
    assert answer.status_code == 422
    shown = answer.text
    assert sentence in shown
    assert 'role="alert"' in shown
    for row in typed:
        assert row["text"] in shown
    assert "Version 1," in fetch_page(client, "/rules")


def test_a_retired_rule_keeps_its_number_and_nothing_new_rests_on_it(steward, moderator, client):
    submit_for_receipt(client)
    assert post_rules(steward, rule_rows(), retired=["R5"]).status_code == 303
    shown = fetch_page(client, "/rules")
    assert "Retired" in shown
    assert 'id="rule-5"' in shown
    assert "Rule 5" not in fetch_page(moderator, "/desk/moderation/1")
    answer = decide_by_rule_5(moderator)
    assert answer.status_code == 422
    assert "Choose the rule that the comment breaks" in answer.text
    new = {"code": "", "number": "5", "title": "another", "text": "Another rule of that number."}
    answer = post_rules(steward, [*rule_rows(), new], version=2, retired=["R5"])
    assert "Two rules have the number 5" in answer.text


def test_whoever_chose_a_rule_that_reads_otherwise_now_is_asked_again(steward, moderator, client):
    submit_for_receipt(client)
    post_rules(steward, rule_rows(R5={"text": NEW_WORDS}))
    answer = decide_by_rule_5(moderator, rules="1", facts="It speaks of football.")
    assert answer.status_code == 409
    shown = answer.text
    assert "The rules have changed since you opened this page" in shown
    assert "It speaks of football." in shown
    assert (
        decide_by_rule_5(moderator, rules="1", reason="R2").status_code == 303
    )  # that one reads as it did


def test_a_reader_who_reports_is_asked_again_too(steward, moderator, client):
    submit_for_receipt(client)
    decide_by_rule_5(moderator, "publish", reason="")
    address = "/letters/hello/comments/1/report"
    shown = fetch_page(client, address)
    signed = re.search(r'name="report_form" value="([^"]+)"', shown)[1]
    said = {"rule": "R5", "words": "It speaks of football.", "report_form": signed, "rules": "1"}
    post_rules(steward, rule_rows(R5={"text": NEW_WORDS}))
    answer = client.post(address, data=said)
    assert answer.status_code == 409
    assert "It speaks of football." in answer.text
    sent = client.post(address, data=said | {"rules": "2"})
    assert sent.status_code == 303
    assert "/rules/2#rule-5" in fetch_page(client, sent.headers["Location"])


def test_the_desk_says_when_a_comment_was_sent_under_other_rules(steward, moderator, client):
    submit_for_receipt(client)
    assert "sent under other rules" not in fetch_page(moderator, "/desk/moderation/1")
    post_rules(steward, rule_rows(R5={"text": NEW_WORDS}))
    assert "sent under other rules" in fetch_page(moderator, "/desk/moderation/1")


def test_words_of_a_rule_are_only_words_wherever_they_show(steward, moderator, client):
    nasty = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
    typed = rule_rows(R5={"title": nasty[:80], "text": nasty})
    assert post_rules(steward, typed, summary=nasty, act="preview").status_code == 200
    assert post_rules(steward, typed, summary=nasty).status_code == 303
    receipt = submit_for_receipt(client)
    decide_by_rule_5(moderator)
    submit_for_receipt(client, body="Another text, to be published.")
    decide_by_rule_5(moderator, "publish", 2, reason="")
    for who, address in (
        (client, "/rules"), (client, "/rules/1"), (client, "/rules/2"), (client, receipt),
        (client, "/transparency"), (client, "/letters/hello/comments/2/report"),
        (moderator, "/desk/moderation/1"), (moderator, "/desk/moderation/?state=refused"),
        (steward, RULES), (steward, "/desk/moderation/1/author"),
        (steward, "/desk/reasons/?first=2026-01-01&last=2026-12-31"),
    ):  # fmt: skip
        shown = fetch_page(who, address)
        assert "<script>alert" not in shown, address
        assert "<img src=x" not in shown, address
        assert ">49" not in shown, address


def test_nobody_but_stewards_edits_the_rules(app, moderator, client, steward):
    add_staff_member(app, "editor", "edi@staff.example", "Edith Editor")
    for who in (moderator, sign_in(app, "edi@staff.example")):
        assert who.get(RULES).status_code == 403
        said = rules_form(rule_rows(R5={"text": NEW_WORDS})) | {
            "csrf_token": fetch_csrf_token(who, "/desk/moderation/")
        }
        assert who.post(RULES, data=said).status_code == 403
    assert client.post(RULES, data=rules_form(rule_rows())).status_code in {302, 303, 400}
    assert (
        steward.post(RULES, data=rules_form(rule_rows(R5={"text": NEW_WORDS}))).status_code == 400
    )
    assert "Version 1," in fetch_page(client, "/rules")


def test_a_damaged_form_is_reported_to_its_sender(steward):
    said = rules_form(rule_rows()) | {"csrf_token": fetch_csrf_token(steward, RULES)}
    said["text"] = said["text"][1:]
    assert steward.post(RULES, data=said).status_code == 422


def test_the_words_of_a_rule_do_nothing_on_a_page_in_a_message_or_in_a_file(
    app, steward, moderator, client
):
    nasty = {
        "title": "=1+1\r\nBcc\u2028: <b>all</b>",
        "text": "<script>alert(1)</script>, =2+2, {{ 7*7 }}.",
    }
    assert post_rules(steward, rule_rows(R5=nasty)).status_code == 303
    submit_for_receipt(client)
    link = re.search(r"/receipts/\S+/confirm/\S+", read_mail_text(app))[0]
    signed = receipt_token(fetch_page(client, link))
    client.post(link, data={"receipt_form": signed, "comment": "1"})
    assert decide_by_rule_5(moderator).status_code == 303
    with after_undo_window():
        told = read_mail_text(app)
    assert all("bcc" not in {name.lower() for name in message} for message in read_mail(app))
    assert "Rule 5: =1+1 Bcc: <b>all</b>." in told  # plain text, in one line
    for address in ("/rules", "/rules/2", "/desk/rules/", "/desk/moderation/1", "/transparency"):
        shown = fetch_page(moderator if address.startswith("/desk/mod") else steward, address)
        assert "<script>alert" not in shown
        assert "<b>all</b>" not in shown
        assert "49" not in re.findall(r"=2\+2, ([^.]*)\.", shown)
    rows_of = fetch_page(client, "/transparency.csv").splitlines()
    assert not [cell for row in rows_of for cell in row.split(",") if cell.startswith("=")]
