"""Every migration runs over a database that has rows, up, down and up again."""

import json

from sqlalchemy import text

from commentsite.accounts.queries import load_shortcuts
from commentsite.accounts.shortcuts import DEFAULT_SHORTCUTS
from commentsite.cli.migrate import check_models_match, downgrade_database, run_migrations
from commentsite.db.session import db, session, transaction
from commentsite.moderation.transparency.months import queries as month_queries
from commentsite.moderation.transparency.months.models import StoredMonth
from commentsite.moderation.transparency.months.services import refresh_stored_months
from tests.support.factories import create_actor, store_comment


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


def test_the_version_before_finds_no_tables_among_the_months_of_the_report(any_app, monkeypatch):
    monkeypatch.setattr(month_queries, "MIN_LOG_LENGTH", 1)
    store_comment(any_app)
    refresh_stored_months()
    downgrade_database(revision="0056")
    db.session.remove()
    months = session().execute(text("SELECT month FROM transparency_month")).scalars().all()
    assert {len(month) for month in months} == {0, len("2026-03")}
    assert "tables" not in months
    session().rollback()
    run_migrations()
    db.session.remove()
    assert refresh_stored_months() == 0
    assert session().get(StoredMonth, "tables")
    session().rollback()


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


def test_staff_with_the_old_default_keys_get_the_new_ones_and_others_keep_theirs(any_app):
    mona, own = create_actor("Mona"), create_actor("Other")
    old = {**DEFAULT_SHORTCUTS, "publish": "a", "refuse": "r", "return": "u"}
    downgrade_database(revision="0041")
    db.session.remove()
    with transaction():
        for actor, keys in ((mona, old), (own, {**old, "next": "n"})):
            row = {"id": actor.user_id, "keys": json.dumps(keys)}
            insert = "INSERT INTO staff_keys (staff_id, by_act, is_off) VALUES (:id, :keys, false)"
            session().execute(text(insert), row)
    run_migrations()
    db.session.remove()
    assert load_shortcuts(mona.user_id).by_action == DEFAULT_SHORTCUTS
    assert load_shortcuts(own.user_id).by_action == {**old, "next": "n"}
    session().rollback()
