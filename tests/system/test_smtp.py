"""Messages as a real mail server receives them: one recipient, intact headers, defanged links."""

import re
from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import session, transaction
from commentsite.letters.queries import get_letter_for_update
from commentsite.notifications.delivery import RETRY_DELAYS
from commentsite.notifications.models import Message
from commentsite.notifications.outbox import enqueue_message
from commentsite.worker import tasks
from tests.support.audit import verify_records
from tests.support.clients import (
    csrf_token,
    fill_comment_form,
    receipt_token,
    sign_in,
    submit_for_receipt,
)
from tests.support.factories import add_staff_member, encryption_of
from tests.support.smtp import text_of

BASE = "https://letters.internet-governance.example.org"


def promise(app, kind, to, **context):
    with app.app_context(), transaction():
        enqueue_message(kind, to, encryption=encryption_of(app), **context)


HOSTILE = [
    "Reset\r\nBcc: victim@example.net",
    "Reset\nBcc: victim@example.net\n\nNew body",
    "Reset%0d%0aBcc:victim@example.net",
    "Reset\u2028Bcc: victim@example.net\u0085Cc: other@example.net",
    "Reset " + "x" * 1200,
    "a@example.net, b@example.net; <c@example.net>",
]


@pytest.mark.parametrize("evil", HOSTILE)
def test_no_text_becomes_a_mail_header_or_a_recipient(mail_site, mailbox, evil):
    promise(
        mail_site, "staff.invitation", "mod@staff.example", inviter=evil, role="editor", token="t"
    )
    with mail_site.app_context(), transaction():
        get_letter_for_update("hello").title = evil[:300]
    promise(
        mail_site, "comment.answered", "ada@example.org", letter_title=evil, slug="hello", answer_id="3",
        unsubscribe="/unsubscribe/1/" + "0" * 32,
    )  # fmt: skip
    assert tasks.run_pass(mail_site) == 2
    for envelope, message in zip(mailbox.envelopes, mailbox.parsed(), strict=True):
        assert len(envelope.rcpt_tos) == 1
        assert {"bcc", "cc"}.isdisjoint(name.lower() for name in message)
        assert len(message.get_all("To")) == len(message.get_all("Subject")) == 1
        assert all(len(line) <= 998 for line in envelope.content.split(b"\r\n"))
        assert len(str(message["Subject"])) <= 200
        assert message.get_content_type() == "multipart/alternative"
        assert not message.defects


@pytest.mark.parametrize("evil", ["a@example.net, b@example.net", "a@example.net\r\nBcc: b@example.net"])  # fmt: skip
def test_no_email_is_sent_to_a_field_with_several_addresses(mail_site, mailbox, evil):
    promise(mail_site, "staff.password", evil)
    tasks.run_pass(mail_site)
    assert mailbox.envelopes == []


def test_two_spellings_of_an_international_host_are_one_mailbox(mail_site, mailbox):
    client = mail_site.test_client()
    for n, email in enumerate(("ada@bücher.example", "ada@xn--bcher-kva.example")):
        form = fill_comment_form(client, email=email, body=f"The same mailbox, comment {n}.")
        assert client.post("/letters/hello/comments", data=form).status_code == 303
    tasks.run_pass(mail_site)
    assert [e.rcpt_tos for e in mailbox.envelopes] == [["ada@xn--bcher-kva.example"]]


def test_links_of_users_are_defanged_in_emails_and_links_of_the_site_are_not(mail_site, mailbox):
    note = "Read https://evil.example/login\nor write to help@evil.example, www.evil.example."
    promise(
        mail_site, "comment.refused", "ada@example.org", letter_title="Go to //evil.example now",
        receipt_token="token", note=note, reason_number="5", reason_title="off the subject",
    )  # fmt: skip
    tasks.run_pass(mail_site)
    text = text_of(mailbox.parsed()[0])
    assert "evil.example" not in mailbox.envelopes[0].content.decode()
    assert "> Read hxxps[:]//evil[.]example/login\n> or write to help@evil[.]example" in text
    assert "\nhttp://127.0.0.1:8000/receipts/token\n" in text


def test_a_long_unsubscribe_link_arrives_whole(mail_site, mailbox):
    mail_site.extensions["commentsite"].settings.__dict__["base_url"] = BASE
    link = "/unsubscribe/all/1234567/" + "0123456789abcdef" * 2
    letters = [{"letter_title": "One.example", "slug": "hello", "answer_ids": ["3", "4"]}]
    promise(
        mail_site, "comment.digest", "ada@example.org", letters=letters, more="", unsubscribe=link
    )
    tasks.run_pass(mail_site)
    raw = mailbox.envelopes[0].content.decode()
    assert f"\r\nList-Unsubscribe: <{BASE}{link}>\r\n" in raw
    assert "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    text = text_of(mailbox.parsed()[0])
    assert "On “One[.]example”:\n" in text
    assert f"{BASE}/letters/hello/comments/3\n{BASE}/letters/hello/comments/4\n" in text


def test_the_desk_lists_failed_messages_and_a_moderator_retries_one(mail_site, mailbox):
    add_staff_member(mail_site)
    moderator, client = sign_in(mail_site), mail_site.test_client()
    form = fill_comment_form(client, email="ada@refused.example")
    client.post("/letters/hello/comments", data=form)
    assert "could not be sent" not in moderator.get("/desk/").text
    mailbox.refuses, now = True, clock.now()
    for pause in (timedelta(0), *RETRY_DELAYS):
        now += pause + timedelta(minutes=3)
        with clock.freeze_at(now):
            tasks.run_pass(mail_site)
    assert "Emails that could not be sent" in moderator.get("/desk/").text
    page = moderator.get("/desk/messages/").text
    for words in ("Comment received", "The mail server refused the recipient’s address.", "/desk/moderation/1"):  # fmt: skip
        assert words in page
    assert "refused.example" not in page
    with mail_site.app_context():
        message = session().query(Message).one()
        assert (message.state, message.attempts, message.last_error) == (
            "failed", 6, "SMTPRecipientsRefused",
        )  # fmt: skip
    mailbox.refuses = False
    again = re.search(r'action="(/desk/messages/\d+/retry)"', page)[1]
    assert moderator.post(again, data={"csrf_token": csrf_token(page)}).status_code == 303
    assert tasks.run_pass(mail_site) == 1
    assert mailbox.envelopes[0].rcpt_tos == ["ada@refused.example"]
    assert "could not be sent" not in moderator.get("/desk/").text
    assert moderator.post(again, data={"csrf_token": csrf_token(page)}).status_code == 409
    assert "message.retried" in moderator.get("/desk/audit/").text
    with mail_site.app_context():
        assert verify_records() == []


def test_a_failed_message_is_deleted_with_its_comment_or_after_a_week(mail_site, mailbox):
    client = mail_site.test_client()
    receipts = [
        submit_for_receipt(client, email=f"{n}@example.org", body=f"Words {n}.")
        for n in range(2)
    ]  # fmt: skip
    with mail_site.app_context(), transaction():
        session().query(Message).update({"state": "failed", "attempts": 6})
    page = client.get(receipts[0]).text
    signed = receipt_token(page)
    client.post(f"{receipts[0]}/erase", data={"receipt_form": signed})
    with mail_site.app_context():
        assert [m.about for m in session().query(Message)] == ["comment:2"]
        assert get_comment_for_update(1).erased_at
    with clock.freeze_at(clock.now() + timedelta(days=8)):
        tasks.run_pass(mail_site)
    with mail_site.app_context():
        session().expire_all()
        assert session().query(Message).count() == 0
        assert session().query(Comment).count() == 2
