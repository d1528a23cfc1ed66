"""A change of published words or of a verdict in the database is found by the audit log."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from commentsite import clock
from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.audit.models import AuditEntry
from commentsite.audit.services import record_event
from commentsite.comments.author_actions import revise_comment
from commentsite.comments.models import Comment
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.transitions import record_unchanged
from commentsite.db.session import session, transaction
from commentsite.moderation.transparency.records.queries import describe_uncovered_words
from commentsite.site.queries import load_site
from tests.support.audit import verify_records
from tests.support.clients import decide, publish, sign_in, submit
from tests.support.commands import run_command
from tests.support.factories import add_staff_member, make_app, store_comment


def change(statement):
    with transaction():
        session().execute(text(statement))


@pytest.fixture
def decided(any_app):
    """A site with a published and a refused comment."""
    add_staff_member(any_app)
    moderator, client = sign_in(any_app), any_app.test_client()
    submit(client)
    submit(client, body="Another answer.", email="b@example.org", name="Bela")
    assert publish(moderator).status_code == 303
    assert decide(moderator, 2, "refuse", reason="R1").status_code in {303, 422}
    session().rollback()
    return any_app


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE comment SET body = 'I never said this.' WHERE id = 1", "words of comment:1"),
        ("UPDATE comment SET name = 'Eve' WHERE id = 1", "words of comment:1"),
        ("UPDATE comment SET organisation = 'Acme' WHERE id = 1", "words of comment:1"),
        ("UPDATE comment SET body_html = '<p>Other words</p>' WHERE id = 1", "other words for comment:1"),
        ("UPDATE comment SET words_salt = NULL WHERE id = 1", "salt is missing"),
        (f"UPDATE comment SET words_salt = '{'0' * 64}' WHERE id = 1", "words of comment:1"),
        ("UPDATE comment SET erased_at = changed_at WHERE id = 1", "no such entry"),
        ("UPDATE letter_block SET text = 'Other words.' WHERE number = 2", "Version 1 of letter:1"),
        ("UPDATE letter_block SET html = '<p>Other words.</p>' WHERE number = 2", "other words for version 1 of letter:1"),
        ("UPDATE letter_block SET number = 9 WHERE number = 2", "Version 1 of letter:1"),
        ("UPDATE letter_version SET title = 'Another title'", "Version 1 of letter:1"),
        ("DELETE FROM letter_block WHERE number = 3", "Version 1 of letter:1"),
        ("UPDATE decision SET verdict = 'refuse' WHERE comment_id = 1", "Decision 1 about comment:1"),
        ("UPDATE decision SET comment_id = 2 WHERE comment_id = 1", "Decision 1 about comment:1"),
        ("UPDATE decision SET moderator_id = NULL WHERE comment_id = 1", "Decision 1 about comment:1"),
        ("UPDATE decision SET reason = '9' WHERE comment_id = 1", "Decision 1 about comment:1"),
    ],
)  # fmt: skip
def test_every_change_is_named(decided, statement, words):
    assert verify_records() == []
    change(statement)
    [problem] = verify_records()
    assert words in problem


def test_a_deleted_decision_is_missed(decided):
    change("DELETE FROM decision WHERE comment_id = 1")
    assert any("Decision 1 about comment:1" in problem for problem in verify_records())


def test_words_that_their_author_changes_stay_covered(any_app):
    number = store_comment(any_app, body="The first wording.").comment.id
    with transaction():
        comment = get_comment_for_update(number)
        revise_comment(comment, "The second wording.", by=READER, site=load_site())
    assert verify_records() == []
    change("UPDATE comment SET body = 'The first wording.'")
    assert len(verify_records()) == 1


def test_erasure_leaves_a_log_that_holds_and_from_which_nobody_can_guess_the_words(any_app):
    number = store_comment(any_app).comment.id
    with transaction():
        erase_comment(get_comment_for_update(number), by=SYSTEM)
    comment = session().get(Comment, number)
    assert (comment.body, comment.words_salt) == ("", None)
    assert verify_records() == []
    assert describe_uncovered_words() == ""


def test_equal_words_have_different_hashes_in_the_public_log(any_app):
    for email in ("a@example.org", "b@example.org"):
        store_comment(any_app, email=email, body=f"The same words. {email[0]}", name="Ada")
    entries = session().query(AuditEntry).filter(AuditEntry.action == "comment.submitted")
    assert len({entry.details["content_hash"] for entry in entries}) == 2


def test_words_of_an_earlier_version_are_named_as_not_covered(any_app):
    number = store_comment(any_app).comment.id
    change("DELETE FROM audit_entry")
    change("UPDATE comment SET words_salt = NULL")
    with transaction():
        record_event("reader", "comment.submitted", f"comment:{number}", state="pending", letter=1)
    assert verify_records() == []
    with clock.freeze_at(datetime(2027, 3, 1, tzinfo=UTC)):
        store_comment(any_app, email="b@example.org", body="A later answer.")
    assert describe_uncovered_words() == (
        "The audit log does not cover the words of 1 comments. They were sent to an earlier version of the program, "
        f"the last on {clock.now():%Y-%m-%d}."
    )
    with transaction():
        record_unchanged(get_comment_for_update(number), by=SYSTEM, action="comment.noted")
    assert describe_uncovered_words() == ""
    assert verify_records() == []


def test_a_restore_names_words_that_were_changed_before_the_backup(app, client, tmp_path):
    submit(client)
    with app.app_context():
        change("UPDATE comment SET body = 'I never said this.'")
    assert run_command(app, "backup", tmp_path / "site.tar.gz").exit_code == 0
    restored = make_app(tmp_path / "restored", None)
    result = run_command(restored, "restore", tmp_path / "site.tar.gz")
    assert result.exit_code == 1
    assert "The words of comment:1 are not those that the audit log committed to." in result.output
