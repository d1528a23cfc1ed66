"""Several processes on one database: workers, a replica, a shared page cache, two sites behind nginx."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import OperationalError

from bench.nginx import nginx
from commentsite import app as app_module
from commentsite.comments.models import Comment
from commentsite.config import load_settings
from commentsite.db.session import REPLICA_BIND, db, session
from commentsite.errors import ConfigurationError
from commentsite.web.http.metrics_registry import PAGES
from tests.support.clients import form_fields, sign_in, submit
from tests.support.databases import close_database, make_postgres_app, run_replica
from tests.support.factories import (
    add_staff_member,
    comment_states,
    make_app,
    mark_published,
    publish_sample_letter,
)
from tests.support.servers import (
    PROGRAM,
    free_port,
    is_ready,
    kill_site,
    send_request,
    site_environment,
    wait_until,
)


def test_two_workers_share_the_messages_and_send_none_twice(tmp_path, pg_url, mailbox):
    app = make_postgres_app(tmp_path / "instance", pg_url, RATELIMIT_ENABLED="false")
    client = app.test_client()
    for n in range(30):
        submit(client, body=f"Number {n} of thirty.", email=f"n{n}@example.org")
    given = site_environment(tmp_path / "instance", DATABASE_URL=pg_url, MAIL_URL=mailbox.url)
    workers = [subprocess.Popen([*PROGRAM, "worker"], env=given) for _ in range(2)]
    try:
        wait_until(lambda: len(mailbox.envelopes) >= 30, 60)
    finally:
        for worker in workers:
            worker.terminate()
        assert [worker.wait(20) for worker in workers] == [0, 0]
    to = [envelope.rcpt_tos[0] for envelope in mailbox.envelopes]
    assert sorted(to) == sorted(f"n{n}@example.org" for n in range(30))


@pytest.fixture
def replica(pg_server):
    """A second PostgreSQL that follows the first by streaming: its port, and a function that stops it."""
    with run_replica(pg_server) as (port, stop):
        yield port, stop


def test_only_requests_of_readers_use_the_replica(tmp_path, pg_url, replica):
    port, stop = replica
    there = make_url(pg_url).set(port=port).render_as_string(hide_password=False)
    app = make_postgres_app(
        tmp_path / "instance", pg_url, DATABASE_READ_URL=there, RATELIMIT_ENABLED="false"
    )
    add_staff_member(app)
    asked = {"primary": 0, REPLICA_BIND: 0}

    def count(name):
        def counted(*_):
            asked[name] += 1

        return counted

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", count("primary"))
        event.listen(db.engines[REPLICA_BIND], "before_cursor_execute", count(REPLICA_BIND))

        def follows():
            with db.engines[REPLICA_BIND].connect() as c, db.engine.connect() as p:
                at = p.execute(text("SELECT pg_current_wal_insert_lsn()")).scalar_one()
                ask = text("SELECT pg_last_wal_replay_lsn() >= CAST(:at AS pg_lsn)")
                return c.execute(ask, {"at": at}).scalar_one()

        wait_until(follows)
    client = app.test_client()

    def by(act):
        asked.update({"primary": 0, REPLICA_BIND: 0})
        answer = act()
        return answer, asked["primary"] > 0, asked[REPLICA_BIND] > 0

    for address in ("/", "/letters/", "/letters/hello", "/feed.atom", "/transparency", "/rules"):
        answer, primary, second = by(lambda address=address: client.get(address))
        assert (answer.status_code, primary, second) == (200, False, True), address
    answer, primary, second = by(lambda: submit(client))
    assert (answer.status_code, primary, second) == (303, True, False)
    receipt = answer.headers["Location"]
    answer, primary, second = by(lambda: client.get(receipt))
    assert (answer.status_code, primary, second) == (200, True, False)
    moderator, primary, second = by(lambda: sign_in(app))
    assert (primary, second) == (True, False)
    answer, primary, second = by(lambda: moderator.get("/desk/moderation/"))
    assert (answer.status_code, primary, second) == (200, True, False)
    with app.app_context():
        mark_published(1)

    def is_shown():
        return "I read it twice" in client.get("/letters/hello").text

    wait_until(is_shown, 2)
    stop()
    answer, primary, second = by(lambda: client.get("/letters/hello"))
    assert (answer.status_code, primary) == (200, True)
    answer, primary, second = by(lambda: client.get("/letters/"))
    assert (answer.status_code, primary, second) == (
        200,
        True,
        False,
    )  # after a failure the replica is not tried for a while
    assert is_shown()
    with app.app_context():
        assert "The replica does not answer" in app.test_cli_runner().invoke(args=["doctor"]).output
        close_database()


@pytest.mark.parametrize(
    "wrong",
    [
        {"DATABASE_READ_URL": "postgresql+psycopg://a@b/c"},
        {"DATABASE_POOL": "0"},
        {"DATABASE_LOCK_SECONDS": "soon"},
        {"DATABASE_POOLER": "true"},
    ],
)
def test_invalid_database_settings_stop_the_start(tmp_path, wrong):
    [name] = wrong
    with pytest.raises(ConfigurationError, match=name):
        load_settings({"INSTANCE": str(tmp_path), **wrong})


def test_queries_of_pages_have_a_timeout_and_those_of_commands_do_not(
    tmp_path, pg_url, monkeypatch
):
    for name, value in site_environment(
        tmp_path / "instance", DATABASE_URL=pg_url, DATABASE_STATEMENT_SECONDS="1"
    ).items():
        monkeypatch.setenv(name, value)
    slow = text("SELECT pg_sleep(1.5)")
    with app_module.create_server_app().app_context():
        with pytest.raises(OperationalError):
            session().execute(slow)
        close_database()
    with app_module.create_app().app_context():
        session().execute(slow)
        close_database()


def test_options_in_the_database_url_apply_together_with_the_timeouts(
    tmp_path, pg_url, monkeypatch
):
    url = f"{pg_url}?options=-csearch_path%3Dletters"
    for name, value in site_environment(
        tmp_path / "instance", DATABASE_URL=url, DATABASE_READ_URL=url
    ).items():
        monkeypatch.setenv(name, value)
    with app_module.create_server_app().app_context():
        for engine in db.engines.values():
            with engine.connect() as connection:
                assert connection.scalar(text("SHOW search_path")) == "letters"
                assert connection.scalar(text("SHOW statement_timeout")) == "15s"
                assert connection.scalar(text("SHOW jit")) == "off"
        close_database()


def test_a_page_rendered_by_one_process_is_served_by_all_unless_it_was_tampered_with(
    tmp_path, template_database, redis_server
):
    url, process = redis_server
    one = make_app(tmp_path / "instance", template_database, REDIS_URL=url)
    with one.app_context():
        publish_sample_letter()
    others = [make_app(tmp_path / "instance", None, REDIS_URL=url) for _ in range(3)]

    def shared():
        return PAGES.labels("shared")._value.get()

    page = one.test_client().get("/letters/hello")
    before = shared()
    again = others[0].test_client().get("/letters/hello")
    assert (again.data, again.content_type) == (page.data, page.content_type)
    assert shared() == before + 1
    with Redis.from_url(url) as redis:
        for name in redis.keys("commentsite:page:*"):
            assert redis.ttl(name) > 0
            redis.set(name, redis.get(name)[:-40] + b"x" * 40)
    tampered = others[1].test_client().get("/letters/hello")
    assert b"The first paragraph says what happened." in tampered.data
    assert shared() == before + 1
    process.kill()
    process.wait()
    alone = others[2].test_client().get("/letters/hello")
    assert alone.status_code == 200


@pytest.fixture
def two_sites(tmp_path, pg_url, redis_server):
    """Two sites on one PostgreSQL and one Redis behind a real nginx."""
    ports, front = [free_port(), free_port()], free_port()
    app = make_postgres_app(tmp_path / "instance", pg_url, RATELIMIT_ENABLED="false")
    given = site_environment(
        tmp_path / "instance",
        DATABASE_URL=pg_url,
        REDIS_URL=redis_server[0],
        BASE_URL=f"http://127.0.0.1:{front}",
        TRUSTED_PROXIES="127.0.0.1",
    )
    sites = [
        subprocess.Popen(
            [*PROGRAM, "run", "--port", str(port), "--workers", "1"],
            env=given,
            start_new_session=True,
        )
        for port in ports
    ]
    try:
        for port in ports:
            wait_until(lambda port=port: is_ready(port))
        with nginx(tmp_path, front, ports):
            wait_until(lambda: is_ready(front))
            yield app, sites, ports, front
    finally:
        for site in sites:
            kill_site(site)


def test_two_processes_share_pages_limits_and_comments(two_sites):
    app, sites, ports, front = two_sites
    form = form_fields(send_request(front, "GET", "/letters/hello")[1])
    time.sleep(2.1)  # a form sent within two seconds is taken for a robot's

    def send(n, reader):
        sent = {**form, "body": f"Marker {n} of a long load.", "email": f"n{n}@example.org"}
        return send_request(front, "POST", "/letters/hello/comments", sent, reader)[0]

    assert [send(n, reader=2) for n in range(7)] == [303] * 5 + [429] * 2

    for port in (*ports, front):
        assert "Marker 0" not in send_request(port, "GET", "/letters/hello")[1]
    wait_until(lambda: "received" not in comment_states(app))
    with app.app_context():
        mark_published(1)
    for port in (*ports, front):
        wait_until(
            lambda port=port: "Marker 0" in send_request(port, "GET", "/letters/hello")[1], 10
        )

    acknowledged, told, stop = set(), [], threading.Event()

    def load():
        n = 100
        while not stop.is_set() and n < 400:
            n += 1
            status = send(n, reader=n)
            told.append(status)
            if status == 303:
                acknowledged.add(f"Marker {n} of a long load.")

    writer = threading.Thread(target=load)
    writer.start()
    wait_until(lambda: len(acknowledged) > 15)
    os.killpg(sites[0].pid, signal.SIGKILL)
    known = len(acknowledged)
    wait_until(lambda: len(acknowledged) > known + 15)
    stop.set()
    writer.join()
    assert [status for status in told if status not in {303, 502}] == []
    # A request that was in the killed process, and one on a connection that nginx had kept open to it.
    assert told.count(502) <= 2
    with app.app_context():
        stored = {body for (body,) in session().query(Comment.body)}
        db.session.remove()
    assert acknowledged <= stored
    done = subprocess.run(
        [*PROGRAM, "verify"],
        env=site_environment(
            Path(app.instance_path), DATABASE_URL=app.config["SQLALCHEMY_DATABASE_URI"]
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "The audit log is intact" in done.stdout
