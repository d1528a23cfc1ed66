"""An incremental verification begins at the last verified checkpoint and finds what was changed after it."""

import pytest
from sqlalchemy import text

from commentsite.accounts.permissions import SYSTEM
from commentsite.audit.tree_heads import sign_tree_head
from commentsite.db.session import session, transaction
from tests.support.commands import run_command
from tests.support.factories import store_comment

INTACT = "The audit log is intact and agrees with the database."


def sign(app):
    with transaction():
        return sign_tree_head(
            SYSTEM.label, app.extensions["commentsite"].settings.log_key_path
        ).size


def change(statement, **values):
    with transaction():
        session().execute(text(statement), values)
    session().expunge_all()


def verify(app, *options):
    session().rollback()
    result = run_command(app, "verify", *options)
    return result.exit_code, result.output


@pytest.fixture
def verified(any_app):
    """A site with a comment, verified up to a checkpoint, and with a later comment."""
    store_comment(any_app)
    sign(any_app)
    assert verify(any_app)[0] == 0
    store_comment(any_app, email="b@example.org", body="A later answer.")
    return any_app


def test_it_says_what_it_did_not_read(verified):
    size = session().scalars(text("SELECT max(size) FROM log_head")).one()
    code, output = verify(verified, "--incremental")
    assert (code, output.splitlines()[0]) == (0, INTACT)
    assert f"Entries 1 to {size}, and what only they cover, were verified on" in output
    sign(verified)
    later = session().scalars(text("SELECT max(size) FROM log_head")).one()
    assert verify(verified, "--incremental")[0] == 0
    assert f"Entries 1 to {later}," in verify(verified, "--incremental")[1]
    assert "Entries 1" not in verify(verified)[1]  # the default reads everything


def test_without_an_earlier_verification_it_reads_everything(any_app):
    store_comment(any_app)
    code, output = verify(any_app, "--incremental")
    assert (code, "so everything was read" in output) == (0, True)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE audit_entry SET actor = 'user:9' WHERE seq = (SELECT max(seq) FROM audit_entry)", "is not intact from entry"),
        ("DELETE FROM audit_entry WHERE seq = (SELECT max(size) FROM log_head)", "verified earlier"),
        ("UPDATE audit_entry SET hash = 'x' WHERE seq = (SELECT max(size) FROM log_head)", "verified earlier"),
        ("DELETE FROM log_head", "verified earlier"),
        ("UPDATE log_head SET root = :zeros", "do not match the checkpoint"),
        ("UPDATE comment SET state = 'published' WHERE id = 2", "comment:2 is published in the database"),
        ("UPDATE comment SET body = 'Other words.' WHERE id = 2", "The words of comment:2"),
        ("DELETE FROM comment_sketch WHERE comment_id = 1; DELETE FROM comment WHERE id = 1", "2 submitted comments. The database has 1."),
        ("UPDATE letter SET published_comments = 7", "shows 7 published comments"),
    ],
)  # fmt: skip
def test_a_change_is_found(verified, statement, words):
    for part in statement.split("; "):
        change(part, **({"zeros": "0" * 64} if ":zeros" in part else {}))
    code, output = verify(verified, "--incremental")
    assert (code, words in output) == (1, True), output
    # What was verified is forgotten after a problem, so the next verification reads everything.
    assert session().scalars(text("SELECT count(*) FROM verification_progress")).one() == 0


def test_progress_that_was_forged_in_the_database_is_not_used(verified):
    change("UPDATE verification_progress SET seal = :zeros", zeros="0" * 64)
    assert "so everything was read" in verify(verified, "--incremental")[1]
