"""A stranger who types another person's address, or reads the log, learns nothing about them."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from commentsite import clock, retention
from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.emails.confirmation import CONFIRM_SPREAD
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.sanctions.queries import find_active_suspension
from commentsite.db.session import session, transaction
from commentsite.moderation.sanctions import set_sanction
from commentsite.worker import tasks
from tests.support.audit import list_entries, verify_records
from tests.support.clients import decide, publish, submit
from tests.support.factories import count_comments_by_state, require_email_confirmation
from tests.support.smtp import read_mail

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PSEUDONYM = {"name": "Nightingale", "body": "Said under a name that is not mine."}


def submit_for_status(reader, **changes):
    return submit(reader.client, email=reader.email, **changes).status_code


def test_a_stranger_who_resends_a_public_text_does_not_learn_who_wrote_it(
    make_commenter, moderator
):
    make_commenter("author").submit(**PSEUDONYM)
    publish(moderator)
    answers = [
        submit_for_status(make_commenter(name), **PSEUDONYM) for name in ("author", "somebody.else")
    ]
    assert answers == [303, 303]


def test_a_stranger_who_sends_a_text_under_many_addresses_does_not_learn_its_author(
    make_commenter,
):
    make_commenter("stranger").submit(**PSEUDONYM)  # a sender of the text knows it already
    make_commenter("author").submit(**PSEUDONYM)
    answers = [
        submit_for_status(make_commenter(name), **PSEUDONYM) for name in ("author", "somebody.else")
    ]
    assert answers == [303, 303]


def test_a_double_click_is_still_one_comment(app, make_commenter):
    ada = make_commenter("ada").submit(**PSEUDONYM)
    assert submit_for_status(ada, **PSEUDONYM) == 409
    with app.app_context():
        assert count_comments_by_state()["pending"] == 1


def test_the_receipt_is_the_same_for_a_known_address_and_a_new_one(make_commenter):
    make_commenter("before").submit().submit()
    known = make_commenter("known").submit().confirm()
    words = ("Rivers belong to nobody at all.", "Villages upstream were never asked.")
    known.submit(body=words[0], notify="1")
    new = make_commenter("other").submit(body=words[1], notify="1")
    seen = []
    for reader, said in zip((known, new), words, strict=True):
        receipt = reader.receipts[-1]
        page = reader.page(receipt).replace(receipt, "").replace(reader.email, "").replace(said, "")
        told = reader.client.get(f"{receipt}/data.json").json
        changing = {"id", "email", "submitted_at", "changed_at", "body", "body_html", "words_salt"}
        page = re.sub(r'value="[^"]*"|\d+', "", page)
        seen.append((page, {k: v for k, v in told.items() if k not in changing}))
    assert seen[0] == seen[1]


def test_comments_confirmed_together_are_not_adjacent_in_the_log(app, make_commenter):
    require_email_confirmation(app, "hello", "before_queue")
    with clock.freeze_at(NOON):
        ada = make_commenter("ada")
        for n in range(4):
            ada.submit(body=f"Words {n}.", name=f"Pseudonym {n}")
        link = ada.confirmation_link()
        assert "at a random time" in ada.page(link)
        assert ada.post(link, link, comment=["1", "2", "4"]).status_code == 303
        assert "will reach the moderators by" in ada.page(ada.receipts[1])
        tasks.run_pass(app)
        with app.app_context():
            session().expire_all()
            assert (
                count_comments_by_state()["pending"],
                count_comments_by_state()["awaiting_email"],
            ) == (1, 3)
            due = sorted(get_comment_for_update(n).confirmation_effective_at for n in (2, 4))
        assert all(NOON < moment <= NOON + CONFIRM_SPREAD for moment in due)
        assert 'value="2"' not in ada.page(link)
        assert 'value="3"' in ada.page(link)
    for moment in due:
        with clock.freeze_at(moment):
            tasks.run_pass(app)
    with app.app_context():
        session().expire_all()
        assert (
            count_comments_by_state()["pending"],
            count_comments_by_state()["awaiting_email"],
        ) == (3, 1)
        confirmed = [e.at for e in list_entries() if e.action == "comment.confirmed"]
        assert confirmed == [NOON, *due]
        assert verify_records() == []


def test_a_comment_confirmed_after_its_address_was_suspended_waits_again(
    app, make_commenter, encryption
):
    require_email_confirmation(app, "hello", "before_queue")
    with clock.freeze_at(NOON):
        ada = make_commenter("ada").submit().submit()
        ada.post(ada.confirmation_link(), ada.confirmation_link(), comment=["1", "2"])
        with app.app_context(), transaction():
            set_sanction(
                1, level="suspended", rule="R2", reason="Long enough.", days=3, by=SYSTEM,
                encryption=encryption,
            )  # fmt: skip
    with clock.freeze_at(NOON + CONFIRM_SPREAD):
        tasks.run_pass(app)
        with app.app_context():
            session().expire_all()
            comment = get_comment_for_update(2)
            assert find_active_suspension(comment.email_hash, clock.now())
            assert (str(comment.state), comment.confirmation_effective_at) == (
                "awaiting_email",
                None,
            )


def test_unsubscribing_from_all_does_not_reveal_in_the_log_which_comments_share_an_author(
    app, make_commenter
):
    with clock.freeze_at(NOON):
        ada, link = receive_digest(app, make_commenter)
        assert ada.client.post(link).status_code == 200
    with app.app_context():
        session().expire_all()
        assert [get_comment_for_update(n).subscription_scope for n in (1, 2)] == ["", ""]
        ended = [(e.object, e.details) for e in list_entries() if "unsubscribed" in e.action]
        assert ended == [("mailbox", {})]


def receive_digest(app, make_commenter):
    """Return a commenter with a daily digest of two threads, and the unsubscribe link of a digest."""
    ada, bo = make_commenter("ada"), make_commenter("bo")
    ada.submit().confirm().choose_messages(follow="answers", daily="1")
    ada.submit().choose_messages(1, follow="answers", daily="1")
    with app.app_context(), transaction():
        for n in (1, 2):
            get_comment_for_update(n).state = "published"
            get_comment_for_update(n).published_at = clock.now()
    bo.submit(parent="1").submit(parent="2")
    with app.app_context(), transaction():
        from commentsite.comments.emails.subscriptions import schedule_reply_notifications  # noqa: PLC0415

        for n in (3, 4):
            get_comment_for_update(n).state = "published"
            schedule_reply_notifications(get_comment_for_update(n))
    with clock.freeze_at(NOON + timedelta(days=1)):
        [digest] = ada.mail("threads you follow")
    return ada, re.search(r"(/unsubscribe/all/[^>\s]+)", digest["List-Unsubscribe"])[1]


def test_the_unsubscribe_link_of_a_digest_works_though_its_comment_is_erased(app, make_commenter):
    with clock.freeze_at(NOON):
        ada, link = receive_digest(app, make_commenter)
        ada.post(ada.receipts[1], f"{ada.receipts[1]}/erase")
        assert "Unsubscribe" in ada.page(link)
        assert ada.client.post(link).status_code == 200
        assert "You are unsubscribed" in ada.page(link)
    with app.app_context():
        session().expire_all()
        assert get_comment_for_update(1).subscription_scope == ""


@pytest.mark.parametrize("code", ["x", "é", "0" * 204, "gAAAAAB" + "x" * 190])
def test_a_forged_unsubscribe_link_changes_nothing(app, make_commenter, code):
    ada = make_commenter("ada").submit(notify="1")
    assert ada.client.post(f"/unsubscribe/all/{code}").status_code == 404
    with app.app_context():
        sealed = get_comment_for_update(1).receipt_sealed.decode()
    assert ada.client.post(f"/unsubscribe/all/{sealed}").status_code == 404  # of another purpose


def test_decisions_about_comments_by_impostors_do_not_flood_a_confirmed_address(
    make_commenter, moderator
):
    with clock.freeze_at(NOON):
        ada = make_commenter("ada").submit().confirm()
        for n in range(12):
            ada.submit(body=f"Typed by another, {n}.")
        before = len(ada.mail())
        for number in range(2, 14):
            decide(moderator, number, "refuse", reason="R5", note="n")
        assert len(ada.mail()) - before <= 6
        assert len(ada.mail()) <= 6
        decide(moderator, 1, "publish", reason="R5", note="n")  # the one that she confirmed
        assert len(ada.mail("is published")) == 1
    with clock.freeze_at(NOON + timedelta(days=1, hours=1)):
        ada.submit(body="The next day.")
        decide(moderator, 14, "refuse", reason="R5", note="n")
        assert ada.mail()[-1]["Date"].datetime > NOON + timedelta(days=1)


def recipients_on_disk(app):
    return sorted(str(message["To"]) for message in read_mail(app))


def test_messages_in_files_are_deleted_with_the_address_and_after_the_retention_time(
    app, make_commenter
):
    with clock.freeze_at(NOON):
        ada, bo, cy = (make_commenter(name).submit() for name in ("ada", "bo", "cy"))
        tasks.run_pass(app)
        assert recipients_on_disk(app) == ["ada@example.org", "bo@example.org", "cy@example.org"]
        ada.post(ada.receipts[0], f"{ada.receipts[0]}/erase")
        bo.post(bo.confirmation_link(), bo.confirmation_link(), act="not_mine")
        tasks.run_pass(app)
        assert recipients_on_disk(app) == ["cy@example.org"]
    with clock.freeze_at(NOON + retention.MESSAGE_TTL + timedelta(minutes=1)):
        tasks.run_pass(app)
        assert recipients_on_disk(app) == []
        assert cy.receipts
