"""Editors say what became of comments, ask holders, and answer inquiries; the people learn it."""

import re
from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.db.session import session, transaction
from commentsite.summaries.compilation.queries import map_uses
from commentsite.summaries.models import (
    CommentUseRecord,
    Inquiry,
    Position,
    PositionComment,
    PositionHolder,
)
from commentsite.summaries.states import CommentUse
from commentsite.web.http.form_tokens import sign_receipt_form
from tests.support.audit import verify_records
from tests.support.clients import (
    confirm_email,
    fetch_page,
    post_form,
    post_receipt_form,
    publish,
    receipt_token,
    sign_in,
    submit_and_identify,
)
from tests.support.pages import visible_text
from tests.support.records import (
    BARE_TEXTS,
    INQUIRIES,
    ask_for_correction,
    store_holder,
    store_record,
    store_version,
)
from tests.support.smtp import read_mail, text_of

DESK = "/desk/letters/hello/positions"


@pytest.fixture
def record(app):
    """The number of a record with two positions."""
    with app.app_context():
        return store_record().id


def mails_about(app, words, to=""):
    return [mail for mail in read_mail(app, to) if words in mail["Subject"]]


# Uses of comments


@pytest.fixture
def commented(app, client, moderator):
    """Two published comments of one confirmed address, and one that asked only to be counted."""
    sent = [
        submit_and_identify(client, body="A first thought."),
        submit_and_identify(client, body="A second thought."),
        submit_and_identify(client, body="Count me.", quote_as="count", email="c@x.example"),
    ]
    for _receipt, number in sent:
        publish(moderator, number)
    confirm_email(app, client, receipt=sent[0][0])
    return sent


def test_an_author_is_told_once_what_became_of_their_comments(
    app, client, editor, record, commented
):
    (first, one), (second, two), _counted = commented
    page = f"{DESK}/uses"
    reason = "It is about another letter."
    assert post_form(editor, page, comment=str(one), use="quoted").status_code == 303
    assert (
        post_form(editor, page, comment=str(two), use="not_used", reason=reason).status_code == 303
    )
    assert reason not in fetch_page(client, second)  # before the record is published
    assert not mails_about(app, "What became of")
    with app.app_context():
        store_version(record)
    [mail] = mails_about(app, "What became of your 2 comments", "ada@example.org")
    for part in (text_of(mail), mail.get_body(("html",)).get_content()):
        assert "The record quotes your comment." in part
        assert reason in part
        assert f"{second}#record" in part
    assert "quoted your comment in the record" in fetch_page(client, first)
    assert reason in fetch_page(client, second)
    data = client.get(f"{second}/data.json").get_json()
    assert data["uses_in_records_of_positions"] == [
        {"letter": "hello", "use": "not_used", "reason": reason}
    ]
    answer = "The fee was set in the spring."
    post_form(editor, page, comment=str(two), use="answered", reason=answer)
    with app.app_context():
        store_version(record)
    assert answer in fetch_page(client, second)
    assert len(mails_about(app, "What became of")) == 1
    clear = re.search(r'value="([^"]+)">take the mark away', fetch_page(editor, DESK))[1]
    assert post_form(editor, page, comment=str(two), use=clear).status_code == 409
    post_receipt_form(client, second, "erase")
    read_mail(app)
    with app.app_context():
        assert session().query(CommentUseRecord).filter_by(comment_id=two).one().reason == ""
        assert verify_records() == []


def test_a_comment_in_a_position_counts_as_quoted_and_its_author_is_told(
    app, client, editor, record, commented
):
    receipt, number = commented[0]
    with app.app_context():
        with transaction():
            position = session().query(Position).first()
            session().add(
                PositionComment(
                    position_id=position.id, comment_id=number, comment_version=1,
                    quotation="A first thought.", added_at=clock.now(),
                )
            )  # fmt: skip
        store_version(record)
    assert "in a position" in fetch_page(editor, f"{DESK}/uses?use=quoted")
    [mail] = mails_about(app, "What became of your comment")
    assert "The record quotes your comment." in text_of(mail)
    assert "quoted your comment" in fetch_page(client, receipt)
    with app.app_context():
        with transaction():
            session().query(PositionComment).one().quotation = ""
        assert map_uses(record) == {number: (CommentUse.MERGED, "")}  # of the next version
    assert "is part of a position in the record" in fetch_page(client, receipt)
    assert len(mails_about(app, "What became of")) == 1  # the author was told once
    with app.app_context():
        assert session().query(CommentUseRecord).one().use == CommentUse.MERGED


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"comment": "1", "use": "answered"}, "Write the answer"),
        ({"comment": "1", "use": "not_used", "reason": " "}, "Write the answer"),
        ({"comment": "1", "use": ""}, "Choose what became"),
        ({"use": "merged"}, "Choose at least one comment"),
        ({"comment": "3", "use": "quoted"}, "asked only to be counted"),
        ({"comment": "99", "use": "merged"}, "Only published comments"),
    ],
)
def test_a_mark_that_is_not_possible_is_explained_and_nothing_is_lost(
    editor, record, commented, fields, sentence
):
    kept = {"reason": "Typed words."} if fields.get("use") == "quoted" else {}
    answer = post_form(editor, f"{DESK}/uses", **kept | fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert all(text in answer.text for text in kept.values())
    has_input = bool(kept or fields["use"])
    assert ("Your input is still in the form." in answer.text) == has_input


# Holders


def ask(app, editor, holder, **fields):
    answer = post_form(editor, f"{DESK}/holders/{holder}/ask", f"{DESK}/holders", **fields)
    assert answer.status_code == 303
    mail = read_mail(app, "head@open.example")[-1]
    return re.search(r"/positions/[\w-]+", text_of(mail))[0]


def reply(client, link, **fields):
    page = fetch_page(client, link)
    hidden = {
        "receipt_form": receipt_token(page),
        "text_hash": re.search(r'name="text_hash" value="(\w+)"', page)[1],
    }
    return client.post(link, data=hidden | fields)


def test_a_holder_says_whether_the_text_is_fair_until_it_is_published(app, client, editor, record):
    with app.app_context():
        holder = store_holder(session().query(Position).first())
    link = ask(app, editor, holder, email="head@open.example", contact_name="Hanna Head")
    shown = client.get(link)
    assert all(text in shown.text for text in BARE_TEXTS)
    assert shown.headers["Cache-Control"] == "private, no-store"
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in shown.headers["X-Robots-Tag"]
    silent = reply(client, link, sign_off="unfair", note=" ")
    assert silent.status_code == 422
    assert "Say in a sentence" in silent.text
    assert reply(client, link, sign_off="unfair", note="The fee is not small.").status_code == 303
    desk = fetch_page(editor, f"{DESK}/holders")
    assert "Says that the text is not fair" in desk
    assert "The fee is not small." in desk
    assert "head@open.example" not in desk
    before = fetch_page(client, link)
    change_text(app, "The room stays free. The library pays for it out of its own budget.")
    stale = client.post(
        link,
        data={
            "receipt_form": receipt_token(before),
            "text_hash": re.search(r'name="text_hash" value="(\w+)"', before)[1],
            "sign_off": "fair",
            "note": "Typed for the old text.",
        },
    )
    assert stale.status_code == 409
    assert "Typed for the old text." in stale.text
    assert "Answered about an earlier text" in fetch_page(editor, f"{DESK}/holders")
    assert ask(app, editor, holder) == link
    assert reply(client, link, sign_off="fair").status_code == 303
    with app.app_context():
        store_version(record)
    assert reply_closed(client, link).status_code == 409
    with app.app_context():
        assert verify_records() == []


def reply_closed(client, link):
    page = fetch_page(client, link)
    assert "cannot be changed any more" in page
    assert 'name="receipt_form"' not in page
    with client.application.test_request_context():
        signed = sign_receipt_form(link.rpartition("/")[2])
    return client.post(link, data={"receipt_form": signed, "sign_off": "unfair", "note": "No."})


def change_text(app, body):
    with app.app_context(), transaction():
        session().query(Position).first().body = body


def test_an_answer_after_publication_is_shown_beside_the_record(app, client, editor, record):
    with app.app_context():
        holder = store_holder(session().query(Position).first())
        store_version(record)
    link = ask(app, editor, holder, email="head@open.example")
    reminded = post_form(editor, f"{DESK}/holders/{holder}/remind", f"{DESK}/holders")
    assert reminded.status_code == 303
    assert len(read_mail(app, "head@open.example")) == 2
    again = post_form(editor, f"{DESK}/holders/{holder}/remind", f"{DESK}/holders")
    assert again.status_code == 409
    assert (
        reply(client, link, sign_off="unfair", note="It leaves out the wardens.").status_code == 303
    )
    page = visible_text(fetch_page(client, INQUIRIES))
    assert "Answers of holders after version 1" in page
    assert "It leaves out the wardens." in page
    change_text(app, "Another text.")
    assert "It leaves out the wardens." in fetch_page(client, INQUIRIES)  # of the version


def test_a_person_is_asked_at_the_address_of_their_comment(app, client, editor, record, commented):
    with app.app_context():
        position = session().query(Position).first()
        ada = store_holder(position, "person", name="Ada Reader", comment_id=commented[0][1])
        stranger = store_holder(position, "person", name="C", comment_id=commented[2][1])
    post_form(editor, f"{DESK}/holders/{ada}/ask", f"{DESK}/holders")
    [mail] = mails_about(app, "stated fairly", "ada@example.org")
    link = re.search(r"/positions/[\w-]+", text_of(mail))[0]
    assert reply(client, link, sign_off="fair", print_name="1").status_code == 303
    with app.app_context():
        assert session().get(PositionHolder, ada).is_name_agreed
    refused = post_form(editor, f"{DESK}/holders/{stranger}/ask", f"{DESK}/holders")
    assert refused.status_code == 409
    assert "no confirmed email address" in refused.text
    post_receipt_form(client, commented[0][0], "erase")
    read_mail(app)
    with app.app_context():
        assert session().get(PositionHolder, ada).name == ""


# Inquiries


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "\u200b"},
        {"email": "nowhere"},
        {"stakeholder_group": "XYZ"},
        {"body": "x" * 5_001},
        {"form_token": "forged"},
        {"age": 0},
        {"organisation": "o" * 121},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_mistake_in_an_inquiry_keeps_what_was_typed(app, client, record, changes):
    with app.app_context():
        store_version(record)
    answer = ask_for_correction(client, **changes)
    assert answer.status_code == 422
    assert changes.get("body", "is not what paragraph 3 says") in answer.text
    with app.app_context():
        assert session().query(Inquiry).count() == 0


def test_an_inquiry_is_read_published_and_answered_by_a_new_version(app, client, editor, record):
    assert client.get(INQUIRIES).status_code == 404
    with app.app_context():
        store_version(record)
    assert ask_for_correction(client).status_code == 303
    assert ask_for_correction(client).status_code == 409  # the same again
    assert ask_for_correction(client, nickname="x", email="bot@x.example").status_code == 303
    assert "is not what paragraph 3 says" not in fetch_page(client, INQUIRIES)
    home = visible_text(fetch_page(editor, "/desk/"))
    assert "1 Inquiries that wait" in home
    page = f"{DESK}/inquiries"
    shown = fetch_page(editor, page)
    assert "not read yet" in shown
    assert "ines@example.org" not in shown
    assert post_form(editor, f"{page}/1/publish", page).status_code == 303
    public = fetch_page(client, INQUIRIES)
    assert "is not what paragraph 3 says" in public
    assert "ines@example.org" not in public
    assert len(mails_about(app, "is public", "ines@example.org")) == 1
    fields = {"result": "changed", "answer": "You are right about paragraph 3."}
    early = post_form(editor, f"{page}/1/answer", page, **fields)
    assert early.status_code == 409
    assert fields["answer"] in early.text
    with app.app_context():
        assert store_version(record) == 2
    assert post_form(editor, f"{page}/1/answer", page, **fields).status_code == 303
    public = fetch_page(client, INQUIRIES)
    assert fields["answer"] in public
    assert "/letters/hello/summary/versions/2" in public
    assert post_form(editor, f"{page}/1/answer", page, **fields).status_code == 409
    # An address that was never confirmed gets one email a day.
    assert not mails_about(app, "Answer to your request", "ines@example.org")
    with clock.freeze_at(clock.now() + timedelta(days=1, minutes=1)):
        [mail] = mails_about(app, "Answer to your request", "ines@example.org")
    assert "/letters/hello/summary/versions/2" in text_of(mail)
    assert "You are right" in mail.get_body(("html",)).get_content()
    with clock.freeze_at(clock.now() + timedelta(days=31)):
        late = ask_for_correction(client, body="Too late, and still here.")
        assert late.status_code == 403
        assert "Too late, and still here." in late.text
        assert 'id="ask-h"' not in fetch_page(client, INQUIRIES)
        read_mail(app)
        with app.app_context():
            [kept] = session().query(Inquiry).all()  # spam is gone
            assert (kept.email_sealed, kept.email_hash, kept.name) == (None, None, "Ines Inquirer")
            assert verify_records() == []


def test_a_late_answer_is_said_to_readers_and_at_the_desk(app, client, editor, record):
    with app.app_context():
        store_version(record)
    ask_for_correction(client)
    page = f"{DESK}/inquiries"
    with clock.freeze_at(clock.now() + timedelta(days=31)):
        editor = sign_in(app, "ed@staff.example")
        assert "Overdue since" in fetch_page(editor, page)
        assert "late" in visible_text(fetch_page(editor, "/desk/"))
        post_form(editor, f"{page}/1/publish", page)
        assert "The answer was due on" in fetch_page(client, INQUIRIES)
        post_form(editor, f"{page}/1/answer", page, result="not_changed", answer="It does.")
        assert "The record was not changed." in fetch_page(client, INQUIRIES)
        post_form(editor, f"{page}/1/erase-name", page)
        assert "Ines" not in fetch_page(client, INQUIRIES)
