"""Commands and endpoints for operators: doctor, readiness, logs without personal data, backup rotation."""

import json
import logging
import os
import subprocess
import time
from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.db.session import db
from commentsite.worker import tasks
from tests.support.clients import publish, sign_in, submit
from tests.support.commands import run_command
from tests.support.factories import (
    add_staff_member,
    close_database,
    make_app,
    publish_sample_letter,
)
from tests.support.servers import PROGRAM, free_port

ASKED_BY = {"REMOTE_ADDR": "192.0.2.9"}


def make_sound_site(tmp_path, template_database, redis_url, **changes):
    """A site for which the doctor finds nothing."""
    instance = tmp_path / "sound"
    instance.mkdir(mode=0o700)
    settings = {
        "BASE_URL": "https://letters.example",
        "TRUSTED_PROXIES": "192.0.2.9",
        "REDIS_URL": redis_url,
        **changes,
    }
    app = make_app(instance, template_database, **settings)
    add_staff_member(app, "steward")
    return app


def test_a_sound_installation_passes_and_each_thing_that_breaks_is_named(
    tmp_path, template_database, redis_server, mailbox
):
    redis_url, redis = redis_server
    app = make_sound_site(tmp_path, template_database, redis_url, MAIL_URL=mailbox.url)
    done = run_command(app, "doctor")
    assert (done.exit_code, done.output) == (0, "Nothing found.\n")
    redis.kill()
    redis.wait()
    instance = tmp_path / "sound"
    instance.chmod(0o755)
    (instance / "settings.toml").write_text("")
    (instance / "settings.toml").chmod(0o644)
    with clock.freeze_at(clock.now() - timedelta(days=2)):
        done = run_command(app, "doctor")
    assert done.exit_code == 1
    for words in (
        "Redis does not answer",
        "chmod 700",
        "Others can read settings.toml",
        "later than now",
        "4 found.",
    ):
        assert words in done.output


def test_an_unfinished_installation_hears_all_that_is_missing(tmp_path):
    app = make_app(
        tmp_path / "new",
        None,
        RATELIMIT_ENABLED="false",
        MAIL_URL=f"smtp://127.0.0.1:{free_port()}",
        METRICS_ALLOW="0.0.0.0/0",
        SECRET_KEY="abcabcdabcdeabcdefabcdefghijabcabcabc",
    )
    done = run_command(app, "doctor")
    assert done.exit_code == 1
    for words in (
        "Rate limits are off.",
        "plain http",
        "mail server does not answer (ConnectionRefusedError)",
        "METRICS_ALLOW names the whole Internet",
        "repeats few characters",
        "The database must be upgraded: commentsite db upgrade.",
    ):
        assert words in done.output


def test_an_idle_worker_and_an_empty_staff_are_noticed(app, client):
    submit(client)
    assert "nobody sends them" not in run_command(app, "doctor").output
    with clock.freeze_at(clock.now() + timedelta(hours=1)):
        told = run_command(app, "doctor").output
    assert "Messages are due and nobody sends them." in told
    assert "Nobody is on the staff." in told


def test_it_is_ready_only_while_the_database_answers_in_the_shape_of_the_code(app, client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ready\n")
    assert answer.headers["Cache-Control"] == "no-store"
    told = {}
    for name, revision in (("newer", "9999"), ("older", "0001")):
        with app.app_context(), db.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
        answer = client.get("/readyz")
        assert answer.status_code == 503
        told[name] = answer.text
    assert "newer than this program" in told["newer"]
    assert "commentsite db upgrade" in told["older"]
    assert client.get("/healthz").status_code == 200  # the process lives; nothing to restart


@pytest.fixture
def site_without_database(tmp_path):
    """A site whose database does not answer."""
    url = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none"
    return make_app(tmp_path / "away", None, DATABASE_URL=url).test_client()


def test_without_a_database_it_is_alive_and_not_ready_and_still_watched(site_without_database):
    assert site_without_database.get("/healthz").status_code == 200
    answer = site_without_database.get("/readyz")
    assert (answer.status_code, answer.text) == (
        503,
        "the database does not answer\n",
    )
    assert "commentsite_database_up 0.0" in site_without_database.get("/metrics").text
    answer = site_without_database.get("/letters/hello")
    assert answer.status_code == 503
    assert len(answer.headers["X-Request-ID"]) == 10
    assert "try again" in answer.text.lower()


def logged_request_ids(log_lines):
    return [json.loads(line)["request"] for line in log_lines().splitlines()]


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [
        ("a3f0c2d41b5e4f6a8b7c9d0e1f2a3b4c", True),
        ("short", False),
        ("x" * 65, False),
        ("ada@example.org", False),
        ('"},{"level":"x', False),
    ],
)
def test_the_number_of_a_request_comes_from_our_proxy_if_it_is_one(
    tmp_path, template_database, log_lines, given, is_kept
):
    app = make_app(tmp_path / "i", template_database, TRUSTED_PROXIES="192.0.2.9")
    asked = {"path": "/healthz", "headers": {"X-Request-ID": given}}
    app.test_client().get(**asked, environ_base=ASKED_BY)
    app.test_client().get(**asked, environ_base={"REMOTE_ADDR": "203.0.113.4"})
    ours, strangers = logged_request_ids(log_lines)
    assert (ours == given) is is_kept
    assert strangers != given
    assert len(strangers) == 10


def test_a_whole_story_leaves_no_person_in_the_log(app, client, log_lines):
    add_staff_member(app)
    moderator = sign_in(app)
    receipt = submit(client, name="Zoltan Unusual", organisation="Quixotic Bureau").headers[
        "Location"
    ]
    client.get(receipt)
    publish(moderator)
    tasks.run_pass(app)
    client.get("/letters/?q=Quixotic")
    client.get("/account/login?email=secret%40example.org")
    client.post("/account/login", data={"email": "mod@staff.example", "password": "wrong-words"})
    client.get("/letters/hello", environ_base={"REMOTE_ADDR": "198.51.100.77"})
    logging.getLogger("commentsite").warning("for ada@example.org")
    log = log_lines()
    assert log.count("\n") > 10
    for line in log.splitlines():
        assert json.loads(line)["time"].endswith("+00:00")
    said = [receipt.rpartition("/")[2], "198.51.100.77", "127.0.0.1", "I read it twice"]
    for words in ("Zoltan", "Quixotic", "@", "Mona", "wrong-words", *said):
        assert words not in log


def test_backups_in_a_folder_follow_each_other_and_the_oldest_go(app, tmp_path):
    folder = tmp_path / "backups"
    start = clock.now().replace(microsecond=0)
    for day in range(5):
        with app.app_context(), clock.freeze_at(start + timedelta(days=day)):
            done = app.test_cli_runner().invoke(args=["backup", str(folder), "--keep", "3"])
        assert done.exit_code == 0, done.output
    assert folder.stat().st_mode & 0o077 == 0
    kept = sorted(file.name for file in folder.iterdir())
    days = [start + timedelta(days=n) for n in (2, 3, 4)]
    assert kept == [f"commentsite-{day:%Y%m%dT%H%M%S}Z.tar.gz" for day in days]
    elsewhere = make_app(tmp_path / "elsewhere", None)
    with elsewhere.app_context():
        done = elsewhere.test_cli_runner().invoke(args=["restore", str(folder / kept[-1])])
        close_database()
    assert done.exit_code == 0, done.output


def test_a_backup_that_fails_takes_none_of_the_older_and_leaves_no_half(app, tmp_path, monkeypatch):
    folder = tmp_path / "backups"
    runner = app.test_cli_runner()
    with app.app_context():
        assert runner.invoke(args=["backup", str(folder), "--keep", "1"]).exit_code == 0
    [kept] = folder.iterdir()

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with app.app_context(), clock.freeze_at(clock.now() + timedelta(days=1)):
        assert runner.invoke(args=["backup", str(folder), "--keep", "1"]).exit_code == 1
    assert list(folder.iterdir()) == [kept]


def test_a_folder_without_a_number_is_asked_about(app, tmp_path):
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["backup", str(tmp_path)])
    assert done.exit_code == 2
    assert "--keep" in done.output


def test_periodic_backups_run_until_the_process_is_terminated(app, tmp_path):
    folder = tmp_path / "backups"
    settings = app.extensions["commentsite"].settings
    process = subprocess.Popen(
        [*PROGRAM, "backup", str(folder), "--keep", "2", "--every", "24"],
        env={
            **os.environ,
            "COMMENTSITE_INSTANCE": str(settings.instance),
            "COMMENTSITE_SECRET_KEY": settings.secrets[0],
        },
        stdout=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 30
        while not list(folder.glob("*.tar.gz")) and time.monotonic() < end:
            time.sleep(0.1)
        assert len(list(folder.glob("*.tar.gz"))) == 1
        assert process.poll() is None
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()


def test_limits_and_late_messages_are_counted(tmp_path, template_database):
    app = make_app(tmp_path / "i", template_database)
    with app.app_context():
        publish_sample_letter()
    client = app.test_client()
    for n in range(6):
        answer = submit(client, body=f"Number {n} of too many.")
    assert answer.status_code == 429
    with clock.freeze_at(clock.now() + timedelta(minutes=30)):
        text = client.get("/metrics").text
    assert 'commentsite_limits_hit_total{limit="/letters/<slug>/comments"}' in text
    [late] = [
        line for line in text.splitlines() if line.startswith("commentsite_outbox_late_seconds ")
    ]
    assert 1700 < float(late.split()[1]) < 2000
