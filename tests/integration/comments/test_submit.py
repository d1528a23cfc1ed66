"""Submitting a comment on both databases: stored data, receipts, stale decisions."""

import pytest
from sqlalchemy import text

from commentsite.accounts.permissions import SYSTEM
from commentsite.cli.migrate import check_models_match
from commentsite.comments.queries import get_comment_by_receipt
from commentsite.db.session import db, session, transaction
from commentsite.errors import Conflict, Invalid, NotFound
from commentsite.letters.queries import get_public_letter
from commentsite.letters.text.queries import list_current_blocks
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.services import decide
from tests.support.audit import verify_records
from tests.support.factories import count_comments_by_state, store_comment


def test_an_address_is_stored_only_encrypted_and_hashed(any_app, encryption):
    submitted = store_comment(any_app)
    rows = [
        str(tuple(row))
        for table in ("comment", "outbox", "audit_entry")
        for row in session().execute(text(f"SELECT * FROM {table}"))
    ]
    assert rows
    assert not [row for row in rows if "ada@example.org" in row.lower() or "192.0.2.7" in row]
    assert encryption.decrypt(submitted.comment.email_sealed) == "Ada@Example.org"


def test_a_receipt_opens_its_comment_and_nothing_else_does(any_app):
    submitted = store_comment(any_app)
    assert get_comment_by_receipt(submitted.receipt_token).id == submitted.comment.id
    with pytest.raises(NotFound):
        get_comment_by_receipt("x" * 22)


def test_paragraphs_must_belong_to_the_letter(any_app):
    pid = next(block.pid for block in list_current_blocks(get_public_letter("hello")) if block.pid)
    assert [
        t.pid for t in store_comment(any_app, kind="paragraph", paragraphs=(pid,)).comment.targets
    ] == [pid]
    with pytest.raises(Invalid):
        store_comment(any_app, body="Another.", kind="paragraph", paragraphs=("p-zzzzzz",))


def test_a_stale_decision_conflicts_and_changes_nothing(any_app, encryption):
    comment = store_comment(any_app).comment
    with transaction():
        decide(comment.id, 1, Verdict.PUBLISH, by=SYSTEM, encryption=encryption, rule="", note="")
    with pytest.raises(Conflict), transaction():
        decide(comment.id, 1, Verdict.SPAM, by=SYSTEM, encryption=encryption, rule="", note="")
    assert count_comments_by_state()["published"] == 1


def test_the_verification_of_records_finds_a_row_that_was_rewritten(any_app):
    store_comment(any_app)
    assert verify_records() == []
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE comment SET state = 'published'"))
    session().rollback()
    assert verify_records()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE comment SET state = 'pending'"))
        connection.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE seq = 2"))
    session().rollback()
    assert any("2" in problem for problem in verify_records())


def test_models_and_migrations_agree(any_app):
    check_models_match()
