"""Several processes over one database: workers, a replica, shared pages, two sites behind one front."""

import http.client
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
from aiosmtpd.controller import Controller
from redis import Redis
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import OperationalError

from bench.nginx import nginx
from commentsite import app as program
from commentsite.comments.models import Comment
from commentsite.config import load
from commentsite.db import REPLICA, db, session, transaction
from commentsite.errors import Unsafe
from commentsite.site.services import ensure_site
from commentsite.upgrading import upgrade
from commentsite.web.counters import PAGES
from tests.conftest import SECRET, add_person, fields, free_port, make_app, publish_hello, sign_in
from tests.functional.test_a_killed_server_loses_nothing import PROGRAM
from tests.functional.test_behind_nginx import decide
from tests.functional.test_it_stops_and_reloads import wait_for
from tests.functional.test_with_real_servers import Mailbox
from tests.security.test_cases import submit


def on_postgres(tmp_path, pg_url, **changes):
    app = make_app(tmp_path / "instance", None, DATABASE_URL=pg_url, **changes)
    with app.app_context():
        upgrade()
        with transaction():
            ensure_site()
        publish_hello()
    return app


def environment(tmp_path, pg_url, **changes):
    given = {
        "INSTANCE": str(tmp_path / "instance"),
        "SECRET_KEY": SECRET,
        "DATABASE_URL": pg_url,
        **changes,
    }
    return {**os.environ, **{f"COMMENTSITE_{name}": value for name, value in given.items()}}


def test_two_workers_share_the_messages_and_send_none_twice(tmp_path, pg_url, later):
    mailbox, port = Mailbox(), free_port()
    app = on_postgres(tmp_path, pg_url, RATELIMIT_ENABLED="false")
    client = app.test_client()
    for n in range(30):
        submit(client, later, body=f"Number {n} of thirty.", email=f"n{n}@example.org")
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    given = environment(tmp_path, pg_url, MAIL_URL=f"smtp://127.0.0.1:{port}")
    workers = [subprocess.Popen([*PROGRAM, "worker"], env=given) for _ in range(2)]
    try:
        wait_for(lambda: len(mailbox.messages) >= 30, 60)
    finally:
        for worker in workers:
            worker.terminate()
        assert [worker.wait(20) for worker in workers] == [0, 0]
        server.stop()
    to = [envelope.rcpt_tos[0] for envelope in mailbox.messages]
    assert sorted(to) == sorted(f"n{n}@example.org" for n in range(30))
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def replica(pg_server, tmp_path_factory):
    """A second PostgreSQL that follows the first by streaming; yields its port and a way to stop it."""
    bindir = max(Path("/usr/lib/postgresql").glob("*/bin"))
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    root = Path(subprocess.check_output(["mktemp", "-d", "/tmp/pgreplica-XXXX"], text=True).strip())
    if as_user:
        shutil.chown(root, "postgres", "postgres")
    port, data = free_port(), root / "data"

    def run(name, *args):
        command = [*as_user, str(bindir / name), *map(str, args)]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)

    first = make_url(pg_server)
    run(
        "pg_basebackup",
        "-h",
        "127.0.0.1",
        "-p",
        first.port,
        "-U",
        "postgres",
        "-D",
        data,
        "-R",
        "-N",
        "--checkpoint=fast",
    )
    options = f"-h 127.0.0.1 -p {port} -k {root} -F"
    run("pg_ctl", "-D", data, "-w", "-t", "60", "-l", root / "log", "-o", options, "start")
    running = [True]

    def stop():
        if running.pop():
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        running.append(False)

    yield port, stop
    stop()
    shutil.rmtree(root, ignore_errors=True)


def test_readers_are_answered_by_the_replica_and_nobody_else_is(tmp_path, pg_url, replica, later):
    port, stop = replica
    there = make_url(pg_url).set(port=port).render_as_string(hide_password=False)
    app = on_postgres(tmp_path, pg_url, DATABASE_READ_URL=there, RATELIMIT_ENABLED="false")
    add_person(app)
    asked = {"primary": 0, REPLICA: 0}

    def count(name):
        def counted(*_):
            asked[name] += 1

        return counted

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", count("primary"))
        event.listen(db.engines[REPLICA], "before_cursor_execute", count(REPLICA))

        def follows():
            with db.engines[REPLICA].connect() as c, db.engine.connect() as p:
                at = p.execute(text("SELECT pg_current_wal_insert_lsn()")).scalar_one()
                ask = text("SELECT pg_last_wal_replay_lsn() >= CAST(:at AS pg_lsn)")
                return c.execute(ask, {"at": at}).scalar_one()

        wait_for(follows)
    client = app.test_client()

    def by(act):
        asked.update({"primary": 0, REPLICA: 0})
        answer = act()
        return answer, asked["primary"] > 0, asked[REPLICA] > 0

    for address in ("/", "/letters/", "/letters/hello", "/feed.atom", "/transparency", "/rules"):
        answer, primary, second = by(lambda address=address: client.get(address))
        assert (answer.status_code, primary, second) == (200, False, True), address
    answer, primary, second = by(lambda: submit(client, later))
    assert (answer.status_code, primary, second) == (303, True, False)
    receipt = answer.headers["Location"]
    answer, primary, second = by(lambda: client.get(receipt))
    assert (answer.status_code, primary, second) == (200, True, False)
    moderator, primary, second = by(lambda: sign_in(app))
    assert (primary, second) == (True, False)
    answer, primary, second = by(lambda: moderator.get("/desk/moderation/"))
    assert (answer.status_code, primary, second) == (200, True, False)
    decide(app)

    def is_shown():
        return "I read it twice" in client.get("/letters/hello").get_data(as_text=True)

    wait_for(is_shown, 2)
    stop()
    answer, primary, second = by(lambda: client.get("/letters/hello"))
    assert (answer.status_code, primary) == (200, True)
    answer, primary, second = by(lambda: client.get("/letters/"))
    assert (answer.status_code, primary, second) == (
        200,
        True,
        False,
    )  # it is left alone for a while
    assert is_shown()
    with app.app_context():
        assert "The replica does not answer" in app.test_cli_runner().invoke(args=["doctor"]).output
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.mark.parametrize(
    "wrong",
    [
        {"DATABASE_READ_URL": "postgresql+psycopg://a@b/c"},
        {"DATABASE_POOL": "0"},
        {"DATABASE_LOCK_SECONDS": "soon"},
        {"DATABASE_POOLER": "true"},
    ],
)
def test_settings_that_cannot_work_stop_the_start(tmp_path, wrong):
    [name] = wrong
    with pytest.raises(Unsafe, match=name):
        load({"INSTANCE": str(tmp_path), **wrong})


def test_a_page_may_not_keep_the_database_busy_and_a_command_may(tmp_path, pg_url, monkeypatch):
    for name, value in environment(tmp_path, pg_url, DATABASE_STATEMENT_SECONDS="1").items():
        monkeypatch.setenv(name, value)
    slow = text("SELECT pg_sleep(1.5)")
    with program.served_app().app_context():
        with pytest.raises(OperationalError):
            session().execute(slow)
        session().rollback()
        db.engine.dispose()
    with program.create_app().app_context():
        session().execute(slow)
        session().rollback()
        db.engine.dispose()


def test_what_the_address_of_a_database_asks_for_holds_beside_the_limits(
    tmp_path, pg_url, monkeypatch
):
    url = f"{pg_url}?options=-csearch_path%3Dletters"
    for name, value in environment(tmp_path, url, DATABASE_READ_URL=url).items():
        monkeypatch.setenv(name, value)
    with program.served_app().app_context():
        for engine in db.engines.values():
            with engine.connect() as connection:
                assert connection.scalar(text("SHOW search_path")) == "letters"
                assert connection.scalar(text("SHOW statement_timeout")) == "15s"
            engine.dispose()


def test_a_page_one_process_drew_is_served_by_all_unless_it_was_tampered_with(
    tmp_path, template_database, redis_server
):
    url, process = redis_server
    one = make_app(tmp_path / "instance", template_database, REDIS_URL=url)
    with one.app_context():
        publish_hello()
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
    for app in (one, *others):
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def two_sites(tmp_path, pg_url, redis_server):
    """Two sites on one PostgreSQL and one Redis behind a real nginx."""
    ports, front = [free_port(), free_port()], free_port()
    app = on_postgres(tmp_path, pg_url, RATELIMIT_ENABLED="false")
    given = environment(
        tmp_path,
        pg_url,
        REDIS_URL=redis_server[0],
        BASE_URL=f"http://127.0.0.1:{front}",
        TRUSTED_PROXIES="127.0.0.1",
    )
    sites = [
        subprocess.Popen([*PROGRAM, "run", "--port", str(port)], env=given, start_new_session=True)
        for port in ports
    ]
    try:
        for port in ports:
            wait_for(lambda port=port: ready(port))
        with nginx(tmp_path, front, ports):
            wait_for(lambda: ready(front))
            yield app, sites, ports, front
    finally:
        for site in sites:
            if site.poll() is None:
                os.killpg(site.pid, signal.SIGKILL)
                site.wait()
        with app.app_context():
            db.engine.dispose()


def ready(port):
    try:
        return ask(port, "GET", "/readyz")[0] == 200
    except OSError:
        return False


def ask(port, method, path, body=None, reader=1):
    """Ask as one of many readers, each at a loopback address of its own."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=15, source_address=(f"127.0.{reader >> 8}.{reader & 255}", 0)
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    try:
        connection.request(method, path, urlencode(body) if body else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_two_sites_are_one_for_readers_limits_and_comments(two_sites):
    app, sites, ports, front = two_sites
    form = fields(ask(front, "GET", "/letters/hello")[1])
    time.sleep(2.1)  # a form must be two seconds old

    def send(n, reader):
        sent = {**form, "body": f"Marker {n} of a long load.", "email": f"n{n}@example.org"}
        return ask(front, "POST", "/letters/hello/comments", sent, reader)[0]

    assert [send(n, reader=2) for n in range(7)] == [303] * 5 + [429] * 2

    for port in (*ports, front):
        assert "Marker 0" not in ask(port, "GET", "/letters/hello")[1]
    decide(app)
    published = time.monotonic()
    for port in (*ports, front):
        wait_for(lambda port=port: "Marker 0" in ask(port, "GET", "/letters/hello")[1], 10)
    assert time.monotonic() - published < 2.5  # two seconds and three requests

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
    wait_for(lambda: len(acknowledged) > 15)
    os.killpg(sites[0].pid, signal.SIGKILL)
    known = len(acknowledged)
    wait_for(lambda: len(acknowledged) > known + 15)
    stop.set()
    writer.join()
    assert [status for status in told if status not in {303, 502}] == []
    assert told.count(502) <= 1  # the one that was inside the killed process
    with app.app_context():
        stored = {body for (body,) in session().query(Comment.body)}
        db.session.remove()
    assert acknowledged <= stored
    done = subprocess.run(
        [*PROGRAM, "verify"],
        env=environment(Path(app.instance_path).parent, app.config["SQLALCHEMY_DATABASE_URI"]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert re.search("hold", done.stdout)
