"""Every migration runs over a database that has rows, up, down and up again."""

from sqlalchemy import text

from commentsite.db import db, session
from commentsite.upgrading import check, downgrade, upgrade


def rows():
    tables = ("letter", "letter_block", "comment", "audit_entry", "stakeholder_group", "staff")
    counted = {t: session().execute(text(f"SELECT count(*) FROM {t}")).scalar() for t in tables}
    session().rollback()
    return counted


def test_migrations_keep_the_rows_in_both_directions(any_app):
    before = rows()
    assert before["letter"] == 1
    assert before["stakeholder_group"] == 9
    downgrade(revision="0001")
    db.session.remove()
    assert rows() == before
    upgrade()
    db.session.remove()
    assert rows() == before
    check()
