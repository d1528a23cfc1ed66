"""Whoever types somebody else's address learns nothing by it, and causes next to nothing; nor does who reads the log."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from commentsite import clock, jobs, retention
from commentsite.accounts.permissions import SYSTEM
from commentsite.audit.queries import entries
from commentsite.comments.confirming import APART
from commentsite.comments.queries import books, comment_for_update
from commentsite.comments.sanctioned import suspension_on
from commentsite.db import session, transaction
from commentsite.moderation.sanctions import set_sanction
from commentsite.moderation.transparency import verify
from tests.functional.test_messages_as_chosen import Reader, ask
from tests.security.test_cases import publish
from tests.security.test_v28_one_message_a_day import decide

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PSEUDONYM = {"name": "Nightingale", "body": "Said under a name that is not mine."}


@pytest.fixture
def person(app, later):
    return lambda name: Reader(app, later, f"{name}@example.org")


def posted(reader, **changes):
    form = reader.later.form(reader.client, email=reader.email, **changes)
    return reader.client.post("/letters/hello/comments", data=form).status_code


def test_v08_public_words_sent_again_do_not_say_who_wrote_them(person, moderator):
    person("author").send(**PSEUDONYM)
    publish(moderator)
    answers = [posted(person(name), **PSEUDONYM) for name in ("author", "somebody.else")]
    assert answers == [303, 303]


def test_v08_words_that_somebody_tries_under_many_addresses_do_not_say_whose_they_are(person):
    person("stranger").send(**PSEUDONYM)  # whoever can type them knows them
    person("author").send(**PSEUDONYM)
    answers = [posted(person(name), **PSEUDONYM) for name in ("author", "somebody.else")]
    assert answers == [303, 303]


def test_a_double_click_is_still_one_comment(app, person):
    ada = person("ada").send(**PSEUDONYM)
    assert posted(ada, **PSEUDONYM) == 409
    with app.app_context():
        assert books()["pending"] == 1


def test_v08_the_private_page_is_the_same_for_a_known_address_and_a_new_one(person):
    person("before").send().send()
    known = person("known").send().confirm()
    words = ("Rivers belong to nobody at all.", "Villages upstream were never asked.")
    known.send(body=words[0], notify="1")
    new = person("other").send(body=words[1], notify="1")
    seen = []
    for reader, said in zip((known, new), words, strict=True):
        receipt = reader.receipts[-1]
        page = reader.page(receipt).replace(receipt, "").replace(reader.email, "").replace(said, "")
        told = reader.client.get(f"{receipt}/data.json").json
        changing = {"id", "email", "submitted_at", "changed_at", "body", "body_html"}
        page = re.sub(r'value="[^"]*"|\d+', "", page)
        seen.append((page, {k: v for k, v in told.items() if k not in changing}))
    assert seen[0] == seen[1]


def test_comments_confirmed_together_do_not_stand_together_in_the_log(app, person):
    ask(app, "hello", "before_queue")
    with clock.at(NOON):
        ada = person("ada")
        for n in range(4):
            ada.send(body=f"Words {n}.", name=f"Pseudonym {n}")
        link = ada.link()
        assert "at a moment of its own" in ada.page(link)
        assert ada.post(link, link, comment=["1", "2", "4"]).status_code == 303
        assert "goes to the moderators by" in ada.page(ada.receipts[1])
        jobs.run_once(app)
        with app.app_context():
            session().expire_all()
            assert (books()["pending"], books()["awaiting_email"]) == (1, 3)
            due = sorted(comment_for_update(n).confirms_at for n in (2, 4))
        assert all(NOON < moment <= NOON + APART for moment in due)
        assert 'value="2"' not in ada.page(link)
        assert 'value="3"' in ada.page(link)
    for moment in due:
        with clock.at(moment):
            jobs.run_once(app)
    with app.app_context():
        session().expire_all()
        assert (books()["pending"], books()["awaiting_email"]) == (3, 1)
        confirmed = [e.at for e in entries() if e.action == "comment.confirmed"]
        assert confirmed == [NOON, *due]
        assert verify() == []


def test_what_was_confirmed_with_another_waits_again_when_the_address_is_suspended_meanwhile(
    app, person
):
    ask(app, "hello", "before_queue")
    with clock.at(NOON):
        ada = person("ada").send().send()
        ada.post(ada.link(), ada.link(), comment=["1", "2"])
        with app.app_context(), transaction():
            set_sanction(
                1, level="suspended", clause="R2", reason="Long enough.", days=3, by=SYSTEM,
                vault=app.extensions["commentsite"].vault,
            )  # fmt: skip
    with clock.at(NOON + APART):
        jobs.run_once(app)
        with app.app_context():
            session().expire_all()
            comment = comment_for_update(2)
            assert suspension_on(comment.email_hash, clock.now())
            assert (str(comment.state), comment.confirms_at) == ("awaiting_email", None)


def test_ending_all_messages_does_not_say_in_the_log_whose_comments_are_one_persons(app, person):
    with clock.at(NOON):
        ada, link = digest_of(app, person)
        assert ada.client.post(link).status_code == 200
    with app.app_context():
        session().expire_all()
        assert [comment_for_update(n).follow for n in (1, 2)] == ["", ""]
        ended = [(e.object, e.details) for e in entries() if "unsubscribed" in e.action]
        assert ended == [("mailbox", {})]


def digest_of(app, person):
    """Somebody who follows two of their comments once a day, and the link of that message."""
    ada, bo = person("ada"), person("bo")
    ada.send().confirm().choose(follow="answers", daily="1")
    ada.send().choose(1, follow="answers", daily="1")
    with app.app_context(), transaction():
        for n in (1, 2):
            comment_for_update(n).state = "published"
            comment_for_update(n).published_at = clock.now()
    bo.send(parent="1").send(parent="2")
    with app.app_context(), transaction():
        from commentsite.comments.following import note_published  # noqa: PLC0415

        for n in (3, 4):
            comment_for_update(n).state = "published"
            note_published(comment_for_update(n))
    with clock.at(NOON + timedelta(days=1)):
        [digest] = ada.mail("threads you follow")
    return ada, re.search(r"(/unsubscribe/all/[^>\s]+)", digest["List-Unsubscribe"])[1]


def test_the_link_that_ends_all_messages_works_though_the_comment_behind_it_is_erased(app, person):
    with clock.at(NOON):
        ada, link = digest_of(app, person)
        ada.post(ada.receipts[1], f"{ada.receipts[1]}/erase")
        assert "Stop the messages" in ada.page(link)
        assert ada.client.post(link).status_code == 200
        assert "You get no more" in ada.page(link)
    with app.app_context():
        session().expire_all()
        assert comment_for_update(1).follow == ""


@pytest.mark.parametrize("code", ["x", "é", "0" * 204, "gAAAAAB" + "x" * 190])
def test_a_forged_link_ends_no_messages(app, person, code):
    ada = person("ada").send(notify="1")
    assert ada.client.post(f"/unsubscribe/all/{code}").status_code == 404
    with app.app_context():
        sealed = comment_for_update(1).receipt_sealed.decode()
    assert ada.client.post(f"/unsubscribe/all/{sealed}").status_code == 404  # of another purpose


def test_v28_decisions_about_what_others_sent_in_its_name_do_not_flood_a_confirmed_address(
    person, moderator
):
    with clock.at(NOON):
        ada = person("ada").send().confirm()
        for n in range(12):
            ada.send(body=f"Typed by another, {n}.")
        before = len(ada.mail())
        for number in range(2, 14):
            decide(moderator, number, "refuse")
        assert len(ada.mail()) - before <= 6
        assert len(ada.mail()) <= 6
        decide(moderator, 1, "publish")  # the one that she confirmed
        assert len(ada.mail("is published")) == 1
    with clock.at(NOON + timedelta(days=1, hours=1)):
        ada.send(body="The next day.")
        decide(moderator, 14, "refuse")
        assert ada.mail()[-1]["Date"].datetime > NOON + timedelta(days=1)


def kept(app):
    folder = app.extensions["commentsite"].settings.instance / "mail"
    read = [message_from_bytes(f.read_bytes(), policy=default) for f in folder.glob("*.eml")]
    return sorted(str(message["To"]) for message in read)


def test_v32_messages_kept_as_files_go_with_the_address_and_after_their_time(app, person):
    with clock.at(NOON):
        ada, bo, cy = (person(name).send() for name in ("ada", "bo", "cy"))
        jobs.run_once(app)
        assert kept(app) == ["ada@example.org", "bo@example.org", "cy@example.org"]
        ada.post(ada.receipts[0], f"{ada.receipts[0]}/erase")
        bo.post(bo.link(), bo.link(), act="not_mine")
        jobs.run_once(app)
        assert kept(app) == ["cy@example.org"]
    with clock.at(NOON + retention.MESSAGES + timedelta(minutes=1)):
        jobs.run_once(app)
        assert kept(app) == []
        assert cy.receipts
