"""Invitations, sessions, scopes and sanctions on both databases, also concurrently."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.accounts import invitations, sessions
from commentsite.accounts.permissions import SYSTEM, RoleName
from commentsite.accounts.queries import build_actor, find_staff_by_email
from commentsite.accounts.services import change_role, limit_to_letters, set_active
from commentsite.comments.affiliation.services import (
    add_author_address,
    remove_author_address,
    revoke_delegation,
    verify_delegation,
)
from commentsite.comments.campaigns.services import add_to_campaign, remove_from_campaign
from commentsite.comments.hashing import hash_email
from commentsite.comments.queries import get_comment
from commentsite.comments.sanctions import queries as sanction_queries
from commentsite.comments.sanctions.models import Sanction
from commentsite.db.session import db, session, transaction
from commentsite.errors import NotAllowed, NotFound, SiteError
from commentsite.letters.publication.comment_settings import set_email_confirmation
from commentsite.letters.queries import get_any_letter
from commentsite.moderation.queue.queries import count_by_filter, load_queue_page
from commentsite.moderation.sanctions import purge_ended_sanctions, set_sanction
from tests.support.audit import list_latest_entries, verify_records
from tests.support.clients import fill_comment_form
from tests.support.factories import add_staff_member, publish_sample_letter

MOD = "mod@staff.example"


def run_concurrently(app, *functions):
    """Run each function in a thread and a transaction of its own; return the classes of the errors."""
    errors, ready = [], threading.Barrier(len(functions))

    def run(function):
        with app.app_context():
            try:
                ready.wait()
                with transaction():
                    function()
            except SiteError as error:
                errors.append(type(error).__name__)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_an_invitation_used_twice_at_once_adds_one_person(any_app, encryption, monkeypatch):
    token = "a-token-known-to-this-test"
    monkeypatch.setattr("commentsite.tokens.new_token", lambda: token)
    with transaction():
        invitations.invite_staff(
            "new@staff.example", RoleName.EDITOR, frozenset({1}), by=SYSTEM, encryption=encryption
        )
    monkeypatch.undo()
    joining = {"password_hash": "x", "group": "CIV", "organisation": "", "language": ""}
    joining |= {"encryption": encryption}
    errors = run_concurrently(
        any_app,
        lambda: invitations.accept_invitation(token, name="One", **joining),
        lambda: invitations.accept_invitation(token, name="Two", **joining),
    )
    assert errors == ["NotFound"]
    actor = build_actor(find_staff_by_email("new@staff.example"))
    assert actor.letter_ids == frozenset({1})
    with pytest.raises(NotFound):
        invitations.find_invitation(token)
    assert verify_records() == []


def test_a_session_ends_with_a_role_change_a_deactivation_and_its_expiry(any_app):
    add_staff_member(any_app)
    person = find_staff_by_email(MOD)

    def is_signed_in():
        session().rollback()
        return sessions.authenticate("key", find_staff_by_email(MOD).fs_uniquifier)[0] is not None

    def start_session():
        with transaction():
            sessions.create_session(person.id, "key", "Firefox, Linux")
        assert is_signed_in()

    start_session()
    with transaction():
        change_role(person.id, RoleName.EDITOR, by=SYSTEM)
    assert not is_signed_in()
    start_session()
    with transaction():
        set_active(person.id, is_active=False, by=SYSTEM)
        set_active(person.id, is_active=True, by=SYSTEM)
    assert not is_signed_in()
    start_session()
    with clock.freeze_at(clock.now() + timedelta(hours=12, minutes=1)):
        assert not is_signed_in()
        with transaction():
            assert sessions.purge_expired_sessions(clock.now()) == 1


@pytest.mark.parametrize(
    "action",
    [
        add_to_campaign,
        remove_from_campaign,
        revoke_delegation,
        lambda comment, **by: verify_delegation(comment, "A call.", **by, encryption=None),
        lambda _comment, **by: add_author_address(
            get_any_letter("hello"), "amina@author.example", **by, encryption=None
        ),
        lambda _comment, **by: remove_author_address(
            get_any_letter("hello"), 1, **by, encryption=None
        ),
        lambda _comment, **by: set_email_confirmation("hello", "off", **by),
    ],
)
def test_staff_limited_to_one_letter_change_nothing_of_another(any_app, client_comments, action):
    limited = replace(SYSTEM, letter_ids=frozenset({99}))
    with pytest.raises(NotAllowed, match="limited to certain letters"), transaction():
        action(get_comment(1), by=limited)


def test_a_limit_to_letters_narrows_the_queue_and_its_counts(any_app, client_comments):
    add_staff_member(any_app)
    with transaction():
        limit_to_letters(find_staff_by_email(MOD).id, frozenset({1}), by=SYSTEM)
    letter_ids = build_actor(find_staff_by_email(MOD)).letter_ids
    assert (
        load_queue_page(letter_ids=letter_ids).total == count_by_filter(letter_ids)["pending"] == 1
    )
    assert load_queue_page().total == count_by_filter()["pending"] == 2


def test_two_sanctions_on_one_address_at_once_leave_one_active(
    any_app, encryption, client_comments
):
    arguments = {"rule": "R2", "reason": "Sent by both at once.", "days": 10, "by": SYSTEM}
    errors = run_concurrently(
        any_app,
        lambda: set_sanction(1, level="hold", encryption=encryption, **arguments),
        lambda: set_sanction(2, level="suspended", encryption=encryption, **arguments),
    )
    assert errors == []
    session().rollback()
    assert len(sanction_queries.list_active_sanctions(clock.now())) == 1
    assert sanction_queries.find_active_sanction(
        hash_email(encryption, "ada@example.org"), clock.now()
    )
    assert "ada@" not in str([(e.object, e.details) for e in list_latest_entries(9)])
    with clock.freeze_at(clock.now() + timedelta(days=11)):
        assert sanction_queries.list_active_sanctions(clock.now()) == []
    with transaction():
        assert purge_ended_sanctions(clock.now() + timedelta(days=11)) == 2
    assert session().query(Sanction).count() == 0
    assert verify_records() == []


@pytest.fixture
def client_comments(any_app):
    """Two letters with a comment by the same person on each."""
    publish_sample_letter("other")
    client = any_app.test_client()
    for slug in ("hello", "other"):
        form = fill_comment_form(client, slug, body=f"About {slug}, at some length.")
        assert client.post(f"/letters/{slug}/comments", data=form).status_code == 303
