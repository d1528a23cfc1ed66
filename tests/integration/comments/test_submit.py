"""The rooms on both databases: what is stored, and what two at once may not do."""

import pytest
from sqlalchemy import text

from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.queries import books, comment_by_receipt
from commentsite.db import db, session, transaction
from commentsite.errors import Conflict, Invalid, NotFound
from commentsite.letters.queries import current_blocks, letter_by_slug
from commentsite.moderation.policy import Verdict
from commentsite.moderation.services import decide
from commentsite.moderation.transparency import verify
from commentsite.upgrading import check
from tests.support.factories import store_comment


def test_an_address_is_stored_only_sealed_and_hashed(any_app, vault):
    submitted = store_comment(any_app)
    rows = [
        str(tuple(row))
        for table in ("comment", "outbox", "audit_entry")
        for row in session().execute(text(f"SELECT * FROM {table}"))
    ]
    assert rows
    assert not [row for row in rows if "ada@example.org" in row.lower() or "192.0.2.7" in row]
    assert vault.open(submitted.comment.email_sealed) == "Ada@Example.org"


def test_a_receipt_opens_its_comment_and_nothing_else_does(any_app):
    submitted = store_comment(any_app)
    assert comment_by_receipt(submitted.receipt).id == submitted.comment.id
    with pytest.raises(NotFound):
        comment_by_receipt("x" * 22)


def test_paragraphs_must_belong_to_the_letter(any_app):
    pid = next(block.pid for block in current_blocks(letter_by_slug("hello")) if block.pid)
    assert [
        t.pid for t in store_comment(any_app, kind="paragraph", paragraphs=(pid,)).comment.targets
    ] == [pid]
    with pytest.raises(Invalid):
        store_comment(any_app, body="Another.", kind="paragraph", paragraphs=("p-zzzzzz",))


def test_a_stale_decision_conflicts_and_changes_nothing(any_app, vault):
    comment = store_comment(any_app).comment
    with transaction():
        decide(comment.id, 1, Verdict.PUBLISH, by=SYSTEM, vault=vault, reason="", note="")
    with pytest.raises(Conflict), transaction():
        decide(comment.id, 1, Verdict.SPAM, by=SYSTEM, vault=vault, reason="", note="")
    assert books()["published"] == 1


def test_the_books_hold_until_somebody_rewrites_a_row(any_app):
    store_comment(any_app)
    assert verify() == []
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE comment SET state = 'published'"))
    session().rollback()
    assert verify()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE comment SET state = 'pending'"))
        connection.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE seq = 2"))
    session().rollback()
    assert any("2" in problem for problem in verify())


def test_models_and_migrations_agree(any_app):
    check()
