"""Every migration runs over a database that has rows, up, down and up again."""

import json

from sqlalchemy import text

from commentsite.accounts.queries import load_shortcuts
from commentsite.accounts.shortcuts import DEFAULT_SHORTCUTS
from commentsite.cli.migrate import check_models_match, downgrade_database, run_migrations
from commentsite.db.session import db, session, transaction
from tests.support.factories import create_actor


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


def test_paragraphs_cited_in_other_digits_join_those_in_ascii_digits(any_app):
    downgrade_database(revision="0057")
    db.session.remove()
    with transaction():
        for number, place in enumerate(("٥٣", "۵۳–۶۰", "53", "61a", ""), 1):
            session().execute(
                text(
                    "INSERT INTO citation (letter_id, pid, number, label, symbol, place, words)"
                    " VALUES (1, 'p1', :number, '1', 'A/RES/70/125', :place, 'words')"
                ),
                {"number": number, "place": place},
            )
    run_migrations()
    db.session.remove()
    places = session().execute(text("SELECT place FROM citation ORDER BY number")).scalars().all()
    assert places == ["53", "53–60", "53", "61a", ""]
    session().rollback()
