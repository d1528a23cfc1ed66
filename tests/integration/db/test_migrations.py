"""Every migration runs over a database that has rows, up, down and up again."""

from sqlalchemy import text

from commentsite.cli.migrate import check_models_match, downgrade_database, run_migrations
from commentsite.db.session import db, session


def rows():
    tables = ("letter", "letter_block", "comment", "audit_entry", "stakeholder_group", "staff")
    counted = {t: session().execute(text(f"SELECT count(*) FROM {t}")).scalar() for t in tables}
    session().rollback()
    return counted


def test_migrations_keep_the_rows_in_both_directions(any_app):
    before = rows()
    assert before["letter"] == 1
    assert before["stakeholder_group"] == 9
    downgrade_database(revision="0001")
    db.session.remove()
    assert rows() == before
    run_migrations()
    db.session.remove()
    assert rows() == before
    check_models_match()


def test_paragraphs_stored_before_labels_show_their_position(any_app):
    downgrade_database(revision="0030")
    db.session.remove()
    run_migrations()
    db.session.remove()
    query = text("SELECT number, label FROM letter_block WHERE number IS NOT NULL ORDER BY number")
    assert session().execute(query).all() == [(1, "1"), (2, "2"), (3, "3")]
    others = text("SELECT count(label) FROM letter_block WHERE number IS NULL")
    assert session().execute(others).scalar() == 0
    session().rollback()
