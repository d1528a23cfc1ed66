"""Commenters choose on their receipt which messages they get, and get none before they confirm."""

import re
from datetime import UTC, datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.emails.models import PendingNotification
from commentsite.comments.emails.subscriptions import next_digest_at
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import session, transaction
from commentsite.letters.comment_window import set_comment_window
from tests.support.audit import verify_records
from tests.support.clients import csrf_token, publish, receipt_token, sign_in
from tests.support.factories import (
    add_staff_member,
    count_comments_by_state,
    require_email_confirmation,
)
from tests.support.smtp import text_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_the_chosen_notifications_are_stored_shown_and_exported(app, make_commenter):
    ada = make_commenter("ada").submit(notify="1")
    assert 'name="follow" value="answers" checked' in ada.page(ada.receipts[0])
    assert "You get no emails about your comment until you confirm your address" in ada.page(
        ada.receipts[0]
    )
    ada.confirm().choose_messages(follow="thread", daily="1", closing="1")
    held = ada.client.get(f"{ada.receipts[0]}/data.json").json
    assert (held["follow"], held["follow_daily"], held["follow_closing"]) == ("thread", True, True)
    page = ada.page(ada.receipts[0])
    for field in ('name="follow" value="thread"', 'name="daily" value="1"', 'name="closing" value="1"'):  # fmt: skip
        assert f"{field} checked" in page
    assert ada.post(ada.receipts[0], f"{ada.receipts[0]}/follow", follow="all").status_code == 422
    assert ada.client.post(f"{ada.receipts[0]}/follow", data={"follow": ""}).status_code == 400
    with app.app_context():
        assert verify_records() == []


def test_each_follower_of_a_thread_is_notified_once_and_an_author_never_of_their_own_reply(
    make_commenter, moderator
):
    ada, bo, cy, eve = (make_commenter(name) for name in ("ada", "bo", "cy", "eve"))
    ada.submit(notify="1").confirm()
    publish(moderator, 1)
    bo.submit(parent="1").confirm().choose_messages(follow="thread")
    publish(moderator, 2)
    bo.submit(parent="1").confirm().choose_messages(1, follow="thread")
    publish(moderator, 3)
    eve.submit(parent="1").choose_messages(follow="thread")  # never confirms
    publish(moderator, 4)
    assert len(ada.mail("reply to your comment")) == 3
    told = len(bo.mail("thread"))
    cy.submit(parent="2")
    publish(moderator, 5)
    assert len(bo.mail("reply to your comment")) == 1  # of the answer to the second comment, once
    assert len(bo.mail("thread")) == told
    assert (
        len(ada.mail("reply to your comment")) == 3
    )  # deeper in the thread; answers only were asked for
    assert eve.mail("thread") == []
    bo.submit(parent="2")
    publish(moderator, 6)
    assert (len(bo.mail("thread")), len(bo.mail("reply to your comment"))) == (told, 1)


def test_a_daily_digest_is_one_email_and_its_link_ends_all_notifications(
    app, make_commenter, moderator
):
    with clock.freeze_at(NOON):
        ada, bo = make_commenter("ada"), make_commenter("bo")
        ada.submit().confirm().choose_messages(follow="answers", daily="1")
        publish(moderator, 1)
        ada.submit().choose_messages(1, follow="thread", daily="1")
        publish(moderator, 2)
        for parent in ("1", "2"):
            bo.submit(parent=parent)
            publish(moderator, int(parent) + 2)
        assert ada.mail("threads you follow") == []
    assert next_digest_at(NOON) == datetime(2026, 3, 3, 6, tzinfo=UTC)
    with clock.freeze_at(next_digest_at(NOON)):
        [digest] = ada.mail("threads you follow")
    text = text_of(digest)
    assert text.count("“Hello”") == 1
    assert "/letters/hello/comments/3" in text
    assert "/letters/hello/comments/4" in text
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = re.search(r"<http://127.0.0.1:8000(/unsubscribe/all/\S+)>", digest["List-Unsubscribe"])[
        1
    ]
    assert "ada" not in re.split(r"[^a-z]+", link)  # by chance it can be part of a token
    scanner = app.test_client()
    assert scanner.head(link).status_code == scanner.get(link).status_code == 200
    with app.app_context():
        assert get_comment_for_update(1).subscription_scope == "answers"
    assert (
        scanner.post(link[:-9] + ("0" if link[-9] != "0" else "1") + link[-8:]).status_code == 404
    )
    assert scanner.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    with app.app_context():
        session().expire_all()
        assert [get_comment_for_update(n).subscription_scope for n in (1, 2)] == ["", ""]
        assert verify_records() == []
    bo.submit(parent="1")
    publish(moderator, 5)
    with clock.freeze_at(clock.now() + timedelta(days=2)):
        assert ada.mail("threads you follow") == []  # none since; the old one was kept for a week


def test_notifications_beyond_the_daily_limit_come_in_the_digest(app, make_commenter, moderator):
    with clock.freeze_at(NOON):
        ada, bo = make_commenter("ada"), make_commenter("bo")
        ada.submit(notify="1").confirm()
        publish(moderator, 1)
        for n in range(12):
            bo.submit(parent="1")
            publish(moderator, n + 2)
        assert len(ada.mail("reply to your comment")) == 10
    with clock.freeze_at(next_digest_at(NOON)):
        [digest] = ada.mail("threads you follow")
    assert re.findall(r"/comments/(\d+)", text_of(digest)) == ["12", "13"]
    with app.app_context():
        assert session().query(PendingNotification).count() == 0


def test_no_follower_is_notified_of_a_reply_erased_or_withdrawn_before(
    app, make_commenter, moderator
):
    with clock.freeze_at(NOON):
        ada, bo = make_commenter("ada"), make_commenter("bo")
        ada.submit(notify="1").confirm().choose_messages(follow="answers", daily="1")
        publish(moderator, 1)
        for n in range(3):
            bo.submit(parent="1")
            publish(moderator, n + 2)
        bo.post(bo.receipts[0], f"{bo.receipts[0]}/erase")
        bo.post(bo.receipts[1], f"{bo.receipts[1]}/withdraw")
        with app.app_context():
            assert [n.reply_id for n in session().query(PendingNotification)] == [3, 4]
    with clock.freeze_at(next_digest_at(NOON)):
        [digest] = ada.mail("threads you follow")
        assert re.findall(r"/comments/(\d+)", text_of(digest)) == ["4"]
        ada.post(ada.receipts[0], f"{ada.receipts[0]}/erase")
    with app.app_context():
        assert session().query(PendingNotification).count() == 0


def test_a_commenter_is_notified_once_that_a_letter_closes_and_again_when_the_time_moves(
    app, make_commenter
):
    closes = NOON + timedelta(days=4)

    def set_closing(at):
        with app.app_context(), transaction():
            set_comment_window("hello", None, at, 0, by=SYSTEM)

    with clock.freeze_at(NOON):
        set_closing(closes)
        ada = make_commenter("ada").submit().confirm().choose_messages(closing="1")
        ada.submit().choose_messages(1, closing="1")
        make_commenter("bo").submit().choose_messages(closing="1")  # never confirms
        assert ada.mail("close soon") == []
    with clock.freeze_at(closes - timedelta(hours=48)):
        [told] = ada.mail("close soon")
        assert "accepts comments until 6 March 2026, 12:00 UTC" in text_of(told)
        assert told["List-Unsubscribe"]
        assert len(ada.mail("close soon")) == 1
        set_closing(closes + timedelta(days=3))
        assert len(ada.mail("close soon")) == 1
    with clock.freeze_at(closes + timedelta(days=2)):
        assert "until 9 March 2026" in text_of(ada.mail("close soon")[-1])
        assert len(ada.mail("close soon")) == 2
        assert make_commenter("bo").mail("close soon") == []


def test_the_confirmation_page_lists_waiting_comments_and_a_mail_scanner_changes_nothing(
    app, make_commenter
):
    require_email_confirmation(app, "hello", "before_queue")
    ada = make_commenter("ada").submit(body="The first of mine.").submit(body="Typed by another.")
    for receipt in ada.receipts:
        assert "Open our email and press the button" in ada.page(receipt)
    link, scanner = ada.confirmation_link(), app.test_client()
    for method in (scanner.get, scanner.head, scanner.get):
        assert method(link).status_code == 200
    with app.app_context():
        assert count_comments_by_state()["awaiting_email"] == 2
    page = ada.page(link)
    assert "The first of mine." in page
    assert "Typed by another." in page
    assert re.findall(r'name="comment" value="(\d+)"( checked)?', page) == [("1", " checked"), ("2", "")]  # fmt: skip
    assert ada.post(link, link).status_code == 422
    assert ada.client.post(link, data={"comment": "1"}).status_code == 400
    assert ada.post(link, link, comment="1").status_code == 303
    with app.app_context():
        assert (
            count_comments_by_state()["pending"],
            count_comments_by_state()["awaiting_email"],
        ) == (1, 1)
    assert ada.post(link, link, act="not_mine").status_code == 409  # it was confirmed
    assert ada.post(link, link, comment=["2", "99", "x"]).status_code == 303
    with app.app_context():
        assert (
            count_comments_by_state()["pending"],
            count_comments_by_state()["awaiting_email"],
        ) == (2, 0)
        assert verify_records() == []


def test_the_owner_of_an_address_reports_a_comment_as_not_theirs(app, make_commenter, moderator):
    require_email_confirmation(app, "hello", "before_queue")
    victim = make_commenter("victim").submit(notify="1")
    link = victim.confirmation_link()
    assert "I did not send this" in victim.page(link)
    assert victim.post(link, link, act="not_mine").status_code == 303
    assert "You reported that you did not send this comment." in victim.page(link)
    assert "<form" not in victim.page(link).partition("<main")[2]
    assert "reported that they did not send it" in victim.page(victim.receipts[0])
    queue = moderator.get("/desk/moderation/1").text
    assert "reported as not sent by the owner of the email address" in queue
    publish(moderator, 1, version=2)
    with clock.freeze_at(clock.now() + timedelta(days=3)):
        assert victim.mail() == []  # none since; the first went with the address
    with app.app_context():
        comment = get_comment_for_update(1)
        assert (comment.email_hash, comment.email_sealed, comment.subscription_scope) == (
            None,
            None,
            "",
        )
        assert verify_records() == []
    assert victim.post(victim.receipts[0], f"{victim.receipts[0]}/follow", follow="thread").status_code == 409  # fmt: skip


def test_the_sender_of_a_disowned_comment_cannot_undo_its_withdrawal(app, make_commenter):
    victim = make_commenter("victim").submit(notify="1")
    link, receipt = victim.confirmation_link(), victim.receipts[0]
    assert victim.post(receipt, f"{receipt}/withdraw").status_code == 303
    form = receipt_token(app.test_client().get(receipt).text)
    assert victim.post(link, f"{link}/not-mine").status_code == 303
    undone = app.test_client().post(f"{receipt}/withdraw/undo", data={"receipt_form": form})
    assert undone.status_code == 409
    with app.app_context():
        assert get_comment_for_update(1).state == "withdrawn"


def test_the_form_on_the_confirmation_page_reports_at_an_address_of_its_own(app, make_commenter):
    victim = make_commenter("victim").submit(notify="1")
    link = victim.confirmation_link()
    assert f'action="{link}/not-mine"' in victim.page(link)
    assert app.test_client().post(f"{link}/not-mine").status_code == 400
    assert app.test_client().get(f"{link}/not-mine").status_code == 405
    answer = victim.post(link, f"{link}/not-mine")
    assert (answer.status_code, answer.headers["Location"]) == (303, link)
    assert "You reported that you did not send this comment." in victim.page(link)
    with app.app_context():
        assert get_comment_for_update(1).email_hash is None
        assert verify_records() == []


def test_a_letter_overrides_the_confirmation_setting_of_the_site(app, make_commenter):
    add_staff_member(app, "editor", "editor@staff.example", "Edda Editor")
    editor = sign_in(app, "editor@staff.example")
    there = "/desk/letters/hello/publish"

    def choose(how):
        page = editor.get(there).text
        sent = {"act": "confirmation", "email_confirmation": how, "csrf_token": csrf_token(page)}
        return editor.post(there, data=sent).status_code

    assert choose("before_queue") == 303
    make_commenter("ada").submit()
    assert choose("off") == 303
    make_commenter("bo").submit()
    assert choose("always") == 422
    with app.app_context():
        assert (
            count_comments_by_state()["awaiting_email"],
            count_comments_by_state()["pending"],
        ) == (1, 1)
    assert 'value="off" checked' in editor.get(there).text
    assert "letter.email_confirmation" in editor.get("/desk/audit/").text
