"""Reads leave no transaction open, and writes need one."""

import select

import pytest
from sqlalchemy import text

from commentsite.comments.models import Comment
from commentsite.db.session import db, session, snapshot, transaction
from tests.support.clients import fetch_page
from tests.support.factories import store_comment

on_postgresql = pytest.mark.parametrize("any_app", ["postgresql"], indirect=True)


def test_a_change_outside_a_transaction_is_not_written(any_app):
    number = store_comment(any_app).comment.id
    session().get_one(Comment, number).name = "Another name"
    with pytest.raises(RuntimeError, match=r"a write needs transaction\(\)"):
        session().flush()
    session().rollback()
    with transaction():
        pass
    session().add(Comment())
    with pytest.raises(RuntimeError, match=r"a write needs transaction\(\)"):
        session().flush()
    session().rollback()
    assert session().scalars(text("SELECT name FROM comment")).all() == ["Ada"]


@on_postgresql
def test_a_read_keeps_no_transaction_open(any_app):
    store_comment(any_app)
    assert session().get_one(Comment, 1).name
    with db.engine.connect() as other:
        states = "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        assert set(other.execute(text(states)).scalars()) == {"idle"}


@on_postgresql
def test_a_page_is_shown_after_the_server_ended_the_connections(any_app):
    any_app.test_client().get("/letters/hello")
    session().rollback()
    connection = db.engine.raw_connection()
    sockets = [connection.driver_connection.pgconn.socket]
    with db.engine.connect() as other:
        connection.close()
        other.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        assert select.select(sockets, [], [], 10)[0]  # the end of the connection has arrived
    assert "Hello" in fetch_page(any_app.test_client(), "/letters/hello?sort=newest")


@on_postgresql
@pytest.mark.usefixtures("any_app")
def test_a_frequent_statement_is_prepared_once():
    for _ in range(9):
        session().execute(text("SELECT name FROM comment WHERE id = :n"), {"n": 1}).all()
        session().rollback()
    prepared = session().scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert any("FROM comment WHERE id" in statement for statement in prepared)


@pytest.mark.usefixtures("any_app")
def test_a_snapshot_does_not_see_later_writes_of_others():
    with snapshot():
        before = session().scalars(text("SELECT count(*) FROM site")).one()
        with db.engine.begin() as other:
            other.execute(text("DELETE FROM stakeholder_group"))
        assert session().scalars(text("SELECT count(*) FROM stakeholder_group")).one() > 0
    assert before == 1
    assert session().scalars(text("SELECT count(*) FROM stakeholder_group")).one() == 0


def _change_and_fail(number):
    with transaction():
        session().execute(text("UPDATE comment SET name = 'Nobody'"))
        session().get_one(Comment, number).body = "Another text"
        session().flush()
        raise ZeroDivisionError


def test_an_error_rolls_back_all_writes_of_its_transaction(any_app):
    number = store_comment(any_app).comment.id
    before = session().execute(text("SELECT name, body FROM comment")).one()
    with pytest.raises(ZeroDivisionError):
        _change_and_fail(number)
    assert session().execute(text("SELECT name, body FROM comment")).one() == before
