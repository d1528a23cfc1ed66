"""The site behind a real PgBouncer in transaction mode."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from commentsite import app as app_module
from commentsite.comments.models import Comment
from commentsite.db.session import REPLICA_BIND, db, session, transaction
from commentsite.web.caching.store import clear_caches
from tests.support.clients import publish, sign_in, submit
from tests.support.databases import make_postgres_app
from tests.support.factories import add_staff_member, close_database
from tests.support.servers import run_pgbouncer, site_environment

CONNECTIONS = 2


@pytest.fixture
def pooled_url(pg_url, tmp_path):
    """The database behind a pooler with fewer connections than the site has threads."""
    with run_pgbouncer(pg_url, tmp_path / "pooler", connections=CONNECTIONS) as url:
        yield url


@pytest.fixture
def pooled(pooled_url, tmp_path, monkeypatch):
    """Put the settings of a site behind the pooler into the environment, and return its application for commands."""
    told = {"DATABASE_POOLER": "true", "DATABASE_STATEMENT_SECONDS": "1"}
    told |= {"DATABASE_READ_URL": pooled_url, "RATELIMIT_ENABLED": "false"}
    for name, value in site_environment(
        tmp_path / "instance", DATABASE_URL=pooled_url, **told
    ).items():
        monkeypatch.setenv(name, value)
    return make_postgres_app(tmp_path / "instance", pooled_url, **told)


def test_the_site_works_behind_a_pooler(pooled):
    app = pooled
    submit(app.test_client())
    add_staff_member(app)
    publish(sign_in(app))
    answers = []

    def read():
        client = served.test_client()
        for number in range(20):
            clear_caches(served, "pages")
            answers.append(client.get(f"/letters/hello?page={number}").status_code)
            answers.append(client.get("/letters/?page=1").status_code)

    served = app_module.create_server_app()
    hands = [threading.Thread(target=read) for _ in range(4)]
    for hand in hands:
        hand.start()
    for number in range(10):
        submit(app.test_client(), body=f"What else there is to say, for the {number}th time.")
    for hand in hands:
        hand.join()
    with served.app_context():
        close_database()
    assert answers == [200] * 160
    with app.app_context():
        assert session().query(Comment).count() == 11


def test_the_statement_timeout_works_behind_a_pooler_and_does_not_leak(pooled):
    slow = text("SELECT pg_sleep(3)")
    with app_module.create_server_app().app_context():
        assert db.engines.keys() == {None, REPLICA_BIND}
        for engine in db.engines.values():
            with engine.connect() as connection:
                # This version of PgBouncer keeps prepared statements, others do not.
                assert connection.connection.driver_connection.prepare_threshold is None
                with pytest.raises(OperationalError, match="statement timeout"):
                    connection.execute(slow)
        with pytest.raises(OperationalError, match="statement timeout"), transaction():
            session().execute(slow)
        close_database()
    with pooled.app_context():  # a command uses the same pooled connections
        for _ in range(CONNECTIONS * 2):
            assert session().scalar(text("SHOW statement_timeout")) == "0"
            assert session().scalar(text("SHOW jit")) == "off"
            session().rollback()
