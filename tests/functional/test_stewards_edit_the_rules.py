"""Stewards change the rules in the open: word by word, with a summary, and nothing decided before changes its words."""

import re
from email import message_from_bytes, policy

import pytest

from commentsite import jobs
from commentsite.audit.queries import latest_entries
from commentsite.moderation.transparency import verify
from commentsite.site.rulebook import FIRST
from tests.conftest import a_moment_later, add_person, sign_in

RULES = "/desk/rules/"
SUMMARY = "Rule 5 says what the subject is, since readers asked."
NEW_WORDS = "Speak to the letter, or to a comment on it."


@pytest.fixture
def steward(app):
    add_person(app, "steward", "stew@staff.example", "Stella Steward")
    return sign_in(app, "stew@staff.example")


def token(client, address=RULES) -> str:
    page = client.get(address).get_data(as_text=True)
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


def rows(**changed):
    """The form as it is filled for the first version; `R5={"text": …}` says what is typed instead."""
    return [
        {"code": c.code, "number": str(c.number), "title": c.title, "text": c.text}
        | changed.get(c.code, {})
        for c in FIRST
    ]


def form(typed, *, act="publish", version=1, summary=SUMMARY, retired=()):
    columns = {name: [row[name] for row in typed] for name in ("code", "number", "title", "text")}
    return columns | {
        "act": act, "version": str(version), "summary": summary, "retired": list(retired),
    }  # fmt: skip


def send(steward, typed, **more):
    return steward.post(RULES, data=form(typed, **more) | {"csrf_token": token(steward)})


def page_of(client, address) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def comment(client, later, **changes) -> str:
    answer = client.post("/letters/hello/comments", data=later.form(client, **changes))
    assert answer.status_code == 303
    return answer.headers["Location"]


def decide(moderator, verdict="refuse", number=1, version=1, **more):
    said = {"comment": f"{number}@{version}", "verdict": verdict, "reason": "R5", "note": ""} | more
    said |= {"csrf_token": token(moderator, "/desk/moderation/")}
    return moderator.post("/desk/moderation/decisions", data=said)


def mail(app) -> str:
    jobs.run_once(app)
    folder = app.extensions["commentsite"].settings.instance / "mail"
    read = [message_from_bytes(f.read_bytes(), policy=policy.default) for f in folder.glob("*.eml")]
    return "\n".join(message.get_content() for message in read)


def test_what_would_change_is_shown_word_by_word_before_it_does(steward, client):
    shown = send(steward, rows(R5={"text": NEW_WORDS}), act="preview").get_data(as_text=True)
    assert "<del>to what it leaves out, </del>" in shown or "<del>" in shown
    assert "1 rule changes" in shown
    assert "Publish version 2" in shown
    assert "Version 1," in page_of(client, "/rules")


def test_a_new_version_is_in_force_and_the_old_one_stays(app, steward, client):
    client.get("/rules")
    assert send(steward, rows(R5={"text": NEW_WORDS})).status_code == 303
    now = page_of(client, "/rules")
    assert "Version 2, in force since" in now
    assert NEW_WORDS in now
    assert SUMMARY in now
    old = page_of(client, "/rules/1")
    assert "no longer in force" in old
    assert FIRST[4].text in old
    assert "What changed with version 2" in old
    assert "<del>" in old
    assert client.get("/rules/3").status_code == 404
    with app.app_context():
        (entry,) = [e for e in latest_entries(3) if e.action == "rules.published"]
        assert entry.details == {"version": 2, "reworded": ["R5"]}
        assert verify() == []


def test_pages_of_rules_are_kept_by_caches_until_the_rules_change(steward, client):
    first = client.get("/rules")
    assert "Set-Cookie" not in first.headers
    asked = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/rules", headers=asked).status_code == 304
    send(steward, rows(R5={"text": NEW_WORDS}))
    assert client.get("/rules", headers=asked).status_code == 200


def test_an_author_reads_the_rule_as_it_was_when_it_was_decided(
    app, steward, moderator, client, later
):
    receipt = comment(client, later)
    assert decide(moderator).status_code == 303
    send(steward, rows(R5={"text": NEW_WORDS, "title": "beside the point", "number": "15"}))
    shown = page_of(client, receipt)
    assert "Rule 5, off the subject" in shown
    assert FIRST[4].text in shown
    assert "beside the point" not in shown
    assert "/rules/1#rule-5" in shown
    desk = page_of(moderator, "/desk/moderation/1")
    assert "/rules/1#rule-5" in desk
    held = client.get(f"{receipt}/data.json").get_json()["decisions"][0]
    assert (held["rules_version"], held["rule_as_it_read"]) == (1, FIRST[4].text)
    decided = decide(moderator, number=2) if comment(client, later, body="Another text.") else None
    assert decided.status_code == 303
    books = page_of(client, "/transparency")
    assert "Rule 15, beside the point" in books
    assert re.search(r'Rule 15.*?<td class="num-cell">2</td>', books, re.DOTALL)


def test_the_message_names_the_version_it_rests_on(app, steward, moderator, client, later):
    receipt = comment(client, later)
    link = re.search(r"/receipts/\S+/confirm/\S+", mail(app))[0]
    signed = re.search(r'name="receipt_form" value="([^"]+)"', page_of(client, link))[1]
    assert client.post(link, data={"receipt_form": signed, "comment": "1"}).status_code == 303
    send(steward, rows(R5={"text": NEW_WORDS}))
    assert decide(moderator).status_code == 303
    with a_moment_later():
        told = mail(app)
    assert "/rules/2#rule-5" in told
    assert receipt in told


def test_two_stewards_at_once_lose_nothing(steward):
    typed = rows(R2={"text": "Words of the one who comes later, kept."})
    send(steward, [*rows(), {"code": "", "number": "10", "title": "too long", "text": "Be brief."}])
    answer = send(steward, typed, version=1)
    assert answer.status_code == 409
    shown = answer.get_data(as_text=True)
    assert "Somebody published version 2" in shown
    assert "Words of the one who comes later, kept." in shown
    assert 'value="R10"' in shown  # what the other added stays in the form
    assert 'name="version" value="2"' in shown


@pytest.mark.parametrize(
    ("typed", "more", "sentence"),
    [
        (rows(), {}, "Nothing is different"),
        (rows(R5={"text": NEW_WORDS}), {"summary": ""}, "Say in a sentence or two"),
        (rows(R5={"title": ""}), {}, "from 2 to 80 characters"),
        (rows(R5={"title": "x" * 81}), {}, "from 2 to 80 characters"),
        (rows(R5={"text": "x" * 1001}), {}, "from 2 to 1000 characters"),
        (rows(R5={"number": "4"}), {}, "Two rules have the number 4"),
        (rows(R5={"number": "0"}), {}, "Choose a number from 1 to 99"),
        (rows(R5={"number": "many"}), {}, "Choose a number from 1 to 99"),
        (rows()[1:], {}, "Each rule there was stays"),
        ([*rows(), rows()[0] | {"number": "11"}], {}, "Each rule there was stays"),
        (rows(R5={"code": "R77"}), {}, "no rule with the code R77"),
        (rows(R5={"title": "disagreement with the author"}), {}, "Disagreement is never a rule"),
        ([*rows(), {"code": "R0", "number": "10", "title": "wrong", "text": "A wrong view."}], {},
         "Disagreement is never a rule"),
        (rows(R5={"text": "Write to ada@example.org first."}), {}, "Leave addresses out"),
        (rows(), {"retired": [f"R{n}" for n in range(1, 10)]}, "One rule at least"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_rule_is_told_and_nothing_typed_is_lost(
    steward, client, typed, more, sentence
):
    answer = send(steward, typed, **more)
    assert answer.status_code == 422
    shown = answer.get_data(as_text=True)
    assert sentence in shown
    assert 'role="alert"' in shown
    for row in typed:
        assert row["text"] in shown
    assert "Version 1," in page_of(client, "/rules")


def test_a_retired_rule_keeps_its_number_and_nothing_new_rests_on_it(
    steward, moderator, client, later
):
    comment(client, later)
    assert send(steward, rows(), retired=["R5"]).status_code == 303
    shown = page_of(client, "/rules")
    assert "Retired" in shown
    assert 'id="rule-5"' in shown
    assert "Rule 5" not in page_of(moderator, "/desk/moderation/1")
    answer = decide(moderator)
    assert answer.status_code == 422
    assert "Choose the rule it rests on" in answer.get_data(as_text=True)
    new = {"code": "", "number": "5", "title": "another", "text": "Another rule of that number."}
    answer = send(steward, [*rows(), new], version=2, retired=["R5"])
    assert "Two rules have the number 5" in answer.get_data(as_text=True)


def test_whoever_chose_a_rule_that_reads_otherwise_now_is_asked_again(
    steward, moderator, client, later
):
    comment(client, later)
    send(steward, rows(R5={"text": NEW_WORDS}))
    answer = decide(moderator, rules="1", facts="It speaks of football.")
    assert answer.status_code == 409
    shown = answer.get_data(as_text=True)
    assert "The rules have changed since you opened this page" in shown
    assert "It speaks of football." in shown
    assert decide(moderator, rules="1", reason="R2").status_code == 303  # that one reads as it did


def test_a_reader_who_reports_is_asked_again_too(steward, moderator, client, later):
    comment(client, later)
    decide(moderator, "publish", reason="")
    address = "/letters/hello/comments/1/report"
    shown = page_of(client, address)
    signed = re.search(r'name="report_form" value="([^"]+)"', shown)[1]
    said = {"rule": "R5", "words": "It speaks of football.", "report_form": signed, "rules": "1"}
    send(steward, rows(R5={"text": NEW_WORDS}))
    answer = client.post(address, data=said)
    assert answer.status_code == 409
    assert "It speaks of football." in answer.get_data(as_text=True)
    sent = client.post(address, data=said | {"rules": "2"})
    assert sent.status_code == 303
    assert "/rules/2#rule-5" in page_of(client, sent.headers["Location"])


def test_the_desk_says_when_a_comment_was_sent_under_other_rules(steward, moderator, client, later):
    comment(client, later)
    assert "sent under other rules" not in page_of(moderator, "/desk/moderation/1")
    send(steward, rows(R5={"text": NEW_WORDS}))
    assert "sent under other rules" in page_of(moderator, "/desk/moderation/1")


def test_words_of_a_rule_are_only_words_wherever_they_show(steward, moderator, client, later):
    nasty = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
    typed = rows(R5={"title": nasty[:80], "text": nasty})
    assert send(steward, typed, summary=nasty, act="preview").status_code == 200
    assert send(steward, typed, summary=nasty).status_code == 303
    receipt = comment(client, later)
    decide(moderator)
    comment(client, later, body="Another text, to be published.")
    decide(moderator, "publish", 2, reason="")
    for who, address in (
        (client, "/rules"), (client, "/rules/1"), (client, "/rules/2"), (client, receipt),
        (client, "/transparency"), (client, "/letters/hello/comments/2/report"),
        (moderator, "/desk/moderation/1"), (moderator, "/desk/moderation/?state=refused"),
        (steward, RULES), (steward, "/desk/moderation/1/author"),
        (steward, "/desk/reasons/?first=2026-01-01&last=2026-12-31"),
    ):  # fmt: skip
        shown = page_of(who, address)
        assert "<script>alert" not in shown, address
        assert "<img src=x" not in shown, address
        assert ">49" not in shown, address


def test_nobody_but_stewards_edits_the_rules(app, moderator, client, steward):
    add_person(app, "editor", "edi@staff.example", "Edith Editor")
    for who in (moderator, sign_in(app, "edi@staff.example")):
        assert who.get(RULES).status_code == 403
        said = form(rows(R5={"text": NEW_WORDS})) | {"csrf_token": token(who, "/desk/moderation/")}
        assert who.post(RULES, data=said).status_code == 403
    assert client.post(RULES, data=form(rows())).status_code in {302, 303, 400}
    assert steward.post(RULES, data=form(rows(R5={"text": NEW_WORDS}))).status_code == 400
    assert "Version 1," in page_of(client, "/rules")


def test_a_form_that_was_damaged_on_its_way_is_told(steward):
    said = form(rows()) | {"csrf_token": token(steward)}
    said["text"] = said["text"][1:]
    assert steward.post(RULES, data=said).status_code == 422


def test_the_words_of_a_rule_do_nothing_on_a_page_in_a_message_or_in_a_file(
    app, steward, moderator, client, later
):
    nasty = {
        "title": "=1+1\r\nBcc\u2028: <b>all</b>",
        "text": "<script>alert(1)</script>, =2+2, {{ 7*7 }}.",
    }
    assert send(steward, rows(R5=nasty)).status_code == 303
    comment(client, later)
    link = re.search(r"/receipts/\S+/confirm/\S+", mail(app))[0]
    signed = re.search(r'name="receipt_form" value="([^"]+)"', page_of(client, link))[1]
    client.post(link, data={"receipt_form": signed, "comment": "1"})
    assert decide(moderator).status_code == 303
    with a_moment_later():
        told = mail(app)
    folder = app.extensions["commentsite"].settings.instance / "mail"
    sent = [message_from_bytes(f.read_bytes(), policy=policy.default) for f in folder.glob("*.eml")]
    assert all("bcc" not in {name.lower() for name in message} for message in sent)
    assert "Rule 5, =1+1 Bcc: <b>all</b>." in told  # plain text, in one line
    for address in ("/rules", "/rules/2", "/desk/rules/", "/desk/moderation/1", "/transparency"):
        shown = page_of(moderator if address.startswith("/desk/mod") else steward, address)
        assert "<script>alert" not in shown
        assert "<b>all</b>" not in shown
        assert "49" not in re.findall(r"=2\+2, ([^.]*)\.", shown)
    rows_of = page_of(client, "/transparency.csv").splitlines()
    assert not [cell for row in rows_of for cell in row.split(",") if cell.startswith("=")]
