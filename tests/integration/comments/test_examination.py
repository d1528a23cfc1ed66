"""The second between the storing of a comment and its examination by the worker, on both databases."""

import threading
import time

import pytest

from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.audit.models import AuditEntry
from commentsite.audit.queries import has_pending_entries
from commentsite.audit.services import (
    Event,
    enqueue_events,
    number_pending_entries,
    record_event,
)
from commentsite.comments import examination, shared_commit
from commentsite.comments.author_actions import withdraw_comment
from commentsite.comments.auto_publish import lock_letter_and_comments
from commentsite.comments.emails.confirmation import confirm_selected
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.screening.checks import CheckCode
from commentsite.comments.states import CommentState
from commentsite.db.session import db, session, transaction
from commentsite.errors import Conflict
from commentsite.moderation.transparency.queries import load_transparency_report
from commentsite.moderation.transparency.verification import find_inconsistencies
from commentsite.site.queries import get_settings_for_update
from commentsite.worker import tasks
from tests.support.audit import verify_records
from tests.support.clients import (
    add_and_sign_in,
    fetch_page,
    fill_comment_form,
    submit_for_receipt,
)
from tests.support.factories import (
    comment_states,
    encryption_of,
    examine_at_once,
    examine_received,
    outbox_kinds,
    submission,
    submit_by_service,
)


@pytest.fixture
def site(any_app):
    """A site whose worker has not looked at new comments yet."""
    any_app.after_request_funcs[None].remove(examine_at_once)
    return any_app


def store_received(app, number: int = 0) -> int:
    """Store a comment without its examination, and return its id."""
    sent = submission(body=f"Text number {number}", email=f"n{number}@example.org")
    with transaction():
        return submit_by_service(sent, encryption_of(app), examine=False).comment.id


def submitted(number: int, **details) -> Event:
    return Event(
        "reader", "comment.submitted", f"comment:{number}", {"state": "received"} | details
    )


def list_log() -> list[str]:
    session().rollback()
    query = session().query(AuditEntry).filter(AuditEntry.object.like("comment:%"))
    return [f"{entry.action} {entry.object}" for entry in query.order_by(AuditEntry.seq)]


def test_a_comment_is_received_first_and_waits_for_a_moderator_when_it_is_examined(site):
    client, moderator = (
        site.test_client(),
        add_and_sign_in(site, "moderator", "mo@staff.example", "Mo"),
    )
    receipt = submit_for_receipt(client, body="Words that nobody has examined.")
    assert "Your comment has been received." in fetch_page(client, receipt)
    assert "The log numbers it within seconds." in fetch_page(client, receipt)
    assert "Words that nobody" not in fetch_page(moderator, "/desk/moderation/")
    assert "Words that nobody" not in fetch_page(client)
    assert outbox_kinds() == []
    assert list_log() == []
    assert verify_records() == []
    assert find_inconsistencies(load_transparency_report()) == []

    examine_received(site)
    assert "Your comment is waiting for a moderator." in fetch_page(client, receipt)
    assert "Words that nobody" in fetch_page(moderator, "/desk/moderation/")
    assert outbox_kinds() == ["comment.received"]
    assert list_log() == ["comment.submitted comment:1", "comment.examined comment:1"]
    assert verify_records() == []
    assert find_inconsistencies(load_transparency_report()) == []


def test_a_comment_that_is_withdrawn_before_its_examination_stays_withdrawn(site):
    comment_id = store_received(site)
    with transaction():
        withdraw_comment(get_comment_for_update(comment_id), by=READER)
    examine_received(site)
    assert comment_states(site) == ["withdrawn"]
    assert list_log() == ["comment.submitted comment:1", "comment.withdrawn comment:1"]
    assert outbox_kinds() == []
    assert verify_records() == []


def test_a_comment_whose_checks_fail_goes_to_the_moderators_and_delays_no_other(site, monkeypatch):
    first, second = store_received(site, 1), store_received(site, 2)
    screen = examination.run_checks

    def fail(screening_input):
        if screening_input.body == "Text number 1":
            raise ValueError("a check does not understand this text")
        return screen(screening_input)

    monkeypatch.setattr(examination, "run_checks", fail)
    examine_received(site)
    assert comment_states(site) == ["pending", "pending"]
    held_by = {row.id: row.held_by_check for row in session().query(Comment)}
    assert held_by == {first: "not_examined", second: "first_reading"}
    moderator = add_and_sign_in(site, "moderator", "mo@staff.example", "Mo")
    assert "automatic checks failed" in fetch_page(moderator, f"/desk/moderation/{first}")
    assert verify_records() == []


def test_an_examination_that_is_interrupted_is_done_again(site, monkeypatch):
    """As when the worker is killed before its transaction is committed."""
    store_received(site)

    def stop(*_args, **_kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(examination, "send_confirmation_request", stop)
        with pytest.raises(KeyboardInterrupt):
            tasks.run_pass(site)
    assert comment_states(site) == ["received"]
    examine_received(site)
    assert comment_states(site) == ["pending"]
    assert list_log() == ["comment.submitted comment:1", "comment.examined comment:1"]
    assert verify_records() == []


def send_all(app, *sent: tuple[str, str, str]) -> list[int]:
    """Store received comments from (email, network address, text)."""
    ids = []
    for email, network, body in sent:
        entry = submission(body=body, email=email, network_address=network)
        with transaction():
            ids.append(submit_by_service(entry, encryption_of(app), examine=False).comment.id)
    return ids


def test_comments_examined_together_are_compared_and_limited_like_those_examined_apart(site):
    text = "The same words from two people about the second part of the letter."
    first, second, third, fourth = send_all(
        site,
        ("ann@example.org", "10.0.0.1", text),
        ("bob@example.org", "10.0.0.2", text),
        ("ann@example.org", "10.0.0.1", "Another thought by the first of them."),
        ("cy@example.org", "10.0.0.3", "A text that nobody else has sent so far."),
    )
    examine_received(site)
    with site.app_context():
        comments = {n: session().get(Comment, n) for n in (first, second, third, fourth)}
        rules = {n: [reason["rule"] for reason in c.hold_reasons] for n, c in comments.items()}
        assert CheckCode.DUPLICATE_TEXT in rules[second]
        assert not any(CheckCode.DUPLICATE_TEXT in rules[n] for n in (first, third, fourth))
        assert comments[second].campaign_id == comments[first].campaign_id == first
        assert comments[first].state == comments[second].state == "pending"
        # An address that was never confirmed gets one email a day.
        assert len(outbox_kinds()) == 3
        assert [n for n, c in comments.items() if c.confirmation_due_at] == [third]
        assert verify_records() == []


@pytest.mark.parametrize("at_once", [2, 3, 32])
def test_the_similar_comments_do_not_depend_on_how_many_are_examined_together(
    site, monkeypatch, at_once
):
    monkeypatch.setattr(tasks, "EXAMINED_AT_ONCE", at_once)
    monkeypatch.setattr(tasks, "EXAMINED_AT_ONCE_ON_POSTGRESQL", at_once)

    def find_similar(word, *, examine_each):
        """Send copies and variants of texts, and return for each the place of what it resembles."""
        copy = " ".join(f"{word}{n}" for n in range(30))
        variant, other = f"{copy} and some more words", copy.replace("5", "9")
        ids = []
        for n, body in enumerate([copy, variant, other, copy, "Too short.", other, variant, copy]):
            ids += send_all(site, (f"{word}{n}@example.org", f"10.0.0.{n}", body))
            if examine_each:
                examine_received(site)
        examine_received(site)
        session().rollback()
        places = {comment_id: place for place, comment_id in enumerate(ids)} | {None: None}
        comments = [session().get(Comment, comment_id) for comment_id in ids]
        return [
            (places[c.similar_comment_id], c.similarity_percent, places[c.campaign_id])
            for c in comments
        ]

    together = find_similar("north", examine_each=False)
    assert together == find_similar("south", examine_each=True)
    assert [place for place, _percent, _campaign in together] == [None, 0, 0, 0, None, 2, 1, 0]


def test_two_workers_examine_each_comment_once(site):
    for number in range(12):
        store_received(site, number)
    session().rollback()
    threads = [threading.Thread(target=examine_received, args=(site,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    examine_received(site)
    assert comment_states(site) == ["pending"] * 12
    assert outbox_kinds() == ["comment.received"] * 12
    assert len(list_log()) == 24
    assert verify_records() == []


def test_of_two_equal_comments_sent_at_once_one_is_stored(site):
    client = site.test_client()
    form = fill_comment_form(client, body="Sent by a double click.")
    statuses = []

    def send():
        with site.app_context():
            answer = site.test_client().post("/letters/hello/comments", data=form)
            statuses.append(answer.status_code)
            db.session.remove()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 409]
    assert comment_states(site) == ["received"]


def test_requests_that_wait_for_one_another_are_stored_together_and_answered_apart(
    site, monkeypatch
):
    """Three requests arrive while a comment is stored. One of them repeats another."""
    client = site.test_client()
    form = fill_comment_form(client)
    arrived, batches = threading.Semaphore(0), []
    store = shared_commit.store_submissions

    def store_slowly(connection, submissions, **kwargs):
        if not batches:
            for _ in range(4):
                arrived.acquire(timeout=20)
        batches.append(len(submissions))
        return store(connection, submissions, **kwargs)

    class Arrivals(list):
        def append(self, item):
            super().append(item)
            arrived.release()

    monkeypatch.setattr(shared_commit, "store_submissions", store_slowly)
    answers = {}

    def send(number, text):
        sent = {**form, "email": f"n{text}@example.org", "body": f"Text number {text}"}
        with site.app_context():
            answers[number] = site.test_client().post("/letters/hello/comments", data=sent)
            db.session.remove()

    monkeypatch.setattr(site.extensions["commentsite"].shared_commit, "_waiting", Arrivals())
    threads = [threading.Thread(target=send, args=(n, text)) for n, text in enumerate([0, 1, 2, 2])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(batches) == 4
    assert len(batches) <= 2
    assert sorted(a.status_code for a in answers.values()) == [303] * 3 + [409]
    for number in range(2):
        page = client.get(answers[number].headers["Location"]).text
        assert f"Text number {number}" in page
    assert comment_states(site) == ["received"] * 3


def test_a_published_text_can_be_sent_again_under_the_same_address(site):
    """A refusal would tell a stranger who wrote the text."""
    comment_id = store_received(site)
    with pytest.raises(Conflict):
        store_received(site)
    examine_received(site)
    with transaction():
        get_comment_for_update(comment_id).published_at = get_comment_for_update(
            comment_id
        ).changed_at
    again = store_received(site)
    examine_received(site)
    session().rollback()
    assert session().get(Comment, again).held_by_check == "repeat"


@pytest.mark.parametrize("banned_words", ["", "[fr]\nloterie"])
def test_a_pass_without_time_left_still_examines_some_comments(site, monkeypatch, banned_words):
    monkeypatch.setattr(tasks, "MAX_EXAMINATION_TIME", 0)
    monkeypatch.setattr(tasks, "EXAMINED_AT_ONCE", 1)
    monkeypatch.setattr(tasks, "EXAMINED_AT_ONCE_ON_POSTGRESQL", 1)
    with transaction():
        get_settings_for_update().banned_words = banned_words
    for number in range(3):
        store_received(site, number)
    left = 3
    while left:
        examine_received(site)
        assert comment_states(site).count("received") < left
        left = comment_states(site).count("received")


def test_an_author_confirms_an_address_while_the_worker_examines_its_other_comment(site):
    published, received = store_received(site), store_received(site, 1)
    with transaction():
        comment = get_comment_for_update(published)
        comment.state, comment.published_at = CommentState.PUBLISHED, comment.submitted_at
        get_comment_for_update(received).email_hash = comment.email_hash
    has_letter, failed = threading.Event(), []

    def examine():
        try:
            with site.app_context(), transaction():
                lock_letter_and_comments(comment.letter_id)
                has_letter.set()
                time.sleep(0.5)  # in which the confirmation comes
                get_comment_for_update(received)
        except Exception as error:  # noqa: BLE001  # shown below
            failed.append(error)

    thread = threading.Thread(target=examine)
    thread.start()
    assert has_letter.wait(10)
    with transaction():
        confirm_selected(published, {published}, by=READER, encryption=encryption_of(site))
    thread.join()
    assert failed == []


def test_entries_that_wait_for_a_number_come_before_those_recorded_later(any_app):
    with transaction():
        enqueue_events(session().connection(), [submitted(7)])
    with transaction():
        enqueue_events(session().connection(), [submitted(8)])
    with transaction():
        record_event(SYSTEM.label, "comment.examined", "comment:7", state="pending")
    assert list_log() == [
        "comment.submitted comment:7", "comment.submitted comment:8", "comment.examined comment:7",
    ]  # fmt: skip
    assert not has_pending_entries()


def test_entries_whose_numbering_is_interrupted_are_neither_lost_nor_numbered_twice(any_app):
    with transaction():
        enqueue_events(session().connection(), [submitted(7)])
    with transaction() as current:
        number_pending_entries()
        current.rollback()
    assert list_log() == []
    with transaction():
        assert number_pending_entries() == 1
    with transaction():
        assert number_pending_entries() == 0
    assert list_log() == ["comment.submitted comment:7"]


def test_an_entry_that_waits_for_a_number_holds_codes_only(any_app):
    with pytest.raises(ValueError, match="codes and numbers only"), transaction():
        enqueue_events(session().connection(), [submitted(7, name="Ada Reader")])


def test_a_verification_names_entries_that_wait_and_finds_changed_words_of_their_comments(site):
    comment_id = store_received(site)
    session().rollback()
    done = site.test_cli_runner().invoke(args=["verify"])
    assert done.exit_code == 0, done.output
    assert "wait for the worker to number them: 1." in done.output
    with transaction():
        get_comment_for_update(comment_id).body = "Words that the author did not write."
    done = site.test_cli_runner().invoke(args=["verify"])
    assert done.exit_code == 1
    assert f"The words of comment:{comment_id} are not those that the audit log committed to." in (
        done.output
    )
