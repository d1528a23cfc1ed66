"""A real PgBouncer that gives each transaction another connection stands before PostgreSQL."""

import os
import subprocess
import threading
import time

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from commentsite import app as program
from commentsite.comments.models import Comment
from commentsite.db import REPLICA, db, session, transaction
from commentsite.web.caching.store import clear_caches
from tests.conftest import add_person, free_port, sign_in
from tests.functional.test_more_than_one_machine import environment, on_postgres
from tests.security.test_cases import publish, submit

CONNECTIONS = 2


@pytest.fixture
def pooled_url(pg_url, tmp_path):
    """The same database, by way of a pooler with fewer connections than the site has threads."""
    real, port = make_url(pg_url), free_port()
    folder = tmp_path / "pooler"
    folder.mkdir()
    (folder / "users").write_text('"postgres" ""\n')
    (folder / "pooler.ini").write_text(
        f"[databases]\n* = host=127.0.0.1 port={real.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nauth_type = trust\nauth_file = {folder}/users\npool_mode = transaction\n"
        f"default_pool_size = {CONNECTIONS}\nlogfile = {folder}/log\nunix_socket_dir =\n"
    )
    as_user = ["-u", "postgres"] if os.geteuid() == 0 else []
    for path in (tmp_path, folder, *folder.iterdir()):
        path.chmod(0o777 if path.is_dir() else 0o644)
    for parent in tmp_path.parents:
        if parent.is_relative_to("/tmp/") and str(parent) != "/tmp":
            parent.chmod(parent.stat().st_mode | 0o011)
    process = subprocess.Popen(["pgbouncer", "-q", *as_user, str(folder / "pooler.ini")])
    url = real.set(port=port).render_as_string(hide_password=False)
    for _ in range(100):
        try:
            plain = make_url(url).set(drivername="postgresql")
            psycopg.connect(plain.render_as_string(hide_password=False)).close()
            break
        except psycopg.OperationalError:
            time.sleep(0.1)  # it takes a moment to listen
    else:
        pytest.fail((folder / "log").read_text())
    yield url
    process.terminate()
    process.wait(10)


@pytest.fixture
def pooled(pooled_url, tmp_path, monkeypatch):
    """The settings of a site behind it, in the environment, and its application as commands have it."""
    told = {"DATABASE_POOLER": "true", "DATABASE_STATEMENT_SECONDS": "1"}
    told |= {"DATABASE_READ_URL": pooled_url, "RATELIMIT_ENABLED": "false"}
    for name, value in environment(tmp_path, pooled_url, **told).items():
        monkeypatch.setenv(name, value)
    return on_postgres(tmp_path, pooled_url, **told)


def test_the_site_works_behind_a_pooler(pooled, later):
    app = pooled
    submit(app.test_client(), later)
    add_person(app)
    publish(sign_in(app))
    answers = []

    def read():
        client = served.test_client()
        for number in range(20):
            clear_caches(served, "pages")
            answers.append(client.get(f"/letters/hello?page={number}").status_code)
            answers.append(client.get("/letters/?page=1").status_code)

    served = program.served_app()
    hands = [threading.Thread(target=read) for _ in range(4)]
    for hand in hands:
        hand.start()
    for number in range(10):
        submit(
            app.test_client(), later, body=f"What else there is to say, for the {number}th time."
        )
    for hand in hands:
        hand.join()
    assert answers == [200] * 160
    with app.app_context():
        assert session().query(Comment).count() == 11
        db.engine.dispose()


def test_what_a_page_asks_ends_in_time_behind_a_pooler_and_leaves_nothing_behind(pooled):
    slow = text("SELECT pg_sleep(3)")
    with program.served_app().app_context():
        assert db.engines.keys() == {None, REPLICA}
        for engine in db.engines.values():
            with engine.connect() as connection:
                # Poolers of today keep prepared statements, and one of tomorrow may forget them.
                assert connection.connection.driver_connection.prepare_threshold is None
                with pytest.raises(OperationalError, match="statement timeout"):
                    connection.execute(slow)
        with pytest.raises(OperationalError, match="statement timeout"), transaction():
            session().execute(slow)
        for engine in db.engines.values():
            engine.dispose()
    with pooled.app_context():  # a command, on the connections that were just used
        for _ in range(CONNECTIONS * 2):
            assert session().scalar(text("SHOW statement_timeout")) == "0"
            session().rollback()
        db.engine.dispose()
