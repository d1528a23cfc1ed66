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
from tests.support.bounded_programs import crashing_children
from tests.support.clients import publish, sign_in, submit, submit_for_receipt
from tests.support.commands import run_command
from tests.support.factories import (
    add_staff_member,
    close_database,
    examine_at_once,
    examine_received,
    make_app,
    publish_sample_letter,
)
from tests.support.pdf import without_system_fonts
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


def test_scripts_without_a_font_are_named_with_their_package(app, tmp_path):
    with without_system_fonts(tmp_path):
        output = run_command(app, "doctor").output
    assert "PDFs cannot show Chinese, Japanese, Korean" in output
    assert "apt-get install fonts-noto-cjk" in output
    assert "Hebrew" in output
    assert "PDFs cannot show" not in run_command(app, "doctor").output


def test_a_detection_of_languages_that_fails_is_named(app, tmp_path, monkeypatch):
    with crashing_children(tmp_path, monkeypatch, marker=""):
        assert "languages of comments are not detected" in run_command(app, "doctor").output
    assert "languages of comments" not in run_command(app, "doctor").output


def test_a_sound_installation_passes_and_each_problem_is_named(
    tmp_path, template_database, redis_server, mailbox
):
    redis_url, redis = redis_server
    app = make_sound_site(tmp_path, template_database, redis_url, MAIL_URL=mailbox.url)
    result = run_command(app, "doctor")
    assert (result.exit_code, result.output) == (0, "No problems found.\n")
    redis.kill()
    redis.wait()
    instance = tmp_path / "sound"
    instance.chmod(0o755)
    (instance / "settings.toml").write_text("")
    (instance / "settings.toml").chmod(0o644)
    with clock.freeze_at(clock.now() - timedelta(days=2)):
        result = run_command(app, "doctor")
    assert result.exit_code == 1
    for words in (
        "Redis does not answer",
        "chmod 700",
        "can read settings.toml",
        "later than now",
        "Problems found: 4.",
    ):
        assert words in result.output


def test_the_doctor_names_all_that_an_unfinished_installation_lacks(tmp_path):
    app = make_app(
        tmp_path / "new",
        None,
        RATELIMIT_ENABLED="false",
        MAIL_URL=f"smtp://127.0.0.1:{free_port()}",
        METRICS_ALLOW="0.0.0.0/0",
        SECRET_KEY="abcabcdabcdeabcdefabcdefghijabcabcabc",
    )
    result = run_command(app, "doctor")
    assert result.exit_code == 1
    for words in (
        "Rate limits are off.",
        "plain http",
        "mail server does not answer (ConnectionRefusedError)",
        "METRICS_ALLOW includes the whole Internet",
        "too few different characters",
        "The database must be upgraded: commentsite db upgrade.",
    ):
        assert words in result.output


def test_the_doctor_finds_a_missing_worker_and_a_site_without_staff(app, client):
    submit(client)
    assert "Emails are overdue" not in run_command(app, "doctor").output
    with clock.freeze_at(clock.now() + timedelta(hours=1)):
        output = run_command(app, "doctor").output
    assert "Emails are overdue because no worker sends them." in output
    assert "The site has no staff." in output


def test_the_site_is_ready_only_with_a_database_of_the_current_schema(app, client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ready\n")
    assert answer.headers["Cache-Control"] == "no-store"
    texts = {}
    for name, revision in (("newer", "9999"), ("older", "0001")):
        with app.app_context(), db.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
        answer = client.get("/readyz")
        assert answer.status_code == 503
        texts[name] = answer.text
    assert "newer than this program" in texts["newer"]
    assert "commentsite db upgrade" in texts["older"]
    assert client.get("/healthz").status_code == 200  # the process lives; nothing to restart


@pytest.fixture
def site_without_database(tmp_path):
    """A site whose database does not answer."""
    url = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none"
    return make_app(tmp_path / "away", None, DATABASE_URL=url).test_client()


def test_without_a_database_the_site_is_alive_but_not_ready_and_has_metrics(site_without_database):
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
def test_only_a_trusted_proxy_can_set_the_request_id(
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


def test_the_request_log_holds_no_personal_data(app, client, log_lines):
    add_staff_member(app)
    moderator = sign_in(app)
    receipt = submit(client, name="Zoltan Unusual", organisation="Quixotic Bureau").headers[
        "Location"
    ]
    client.get(receipt)
    publish(moderator)
    tasks.run_pass(app)
    client.get("/search?q=Quixotic")
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


def test_only_the_newest_backups_of_a_folder_are_kept(app, tmp_path):
    folder = tmp_path / "backups"
    start = clock.now().replace(microsecond=0)
    for day in range(5):
        with app.app_context(), clock.freeze_at(start + timedelta(days=day)):
            result = app.test_cli_runner().invoke(args=["backup", str(folder), "--keep", "3"])
        assert result.exit_code == 0, result.output
    assert folder.stat().st_mode & 0o077 == 0
    kept = sorted(file.name for file in folder.iterdir())
    days = [start + timedelta(days=n) for n in (2, 3, 4)]
    assert kept == [f"commentsite-{day:%Y%m%dT%H%M%S}Z.tar.gz" for day in days]
    elsewhere = make_app(tmp_path / "elsewhere", None)
    with elsewhere.app_context():
        result = elsewhere.test_cli_runner().invoke(args=["restore", str(folder / kept[-1])])
        close_database()
    assert result.exit_code == 0, result.output


def test_a_failed_backup_deletes_no_older_one_and_leaves_no_incomplete_file(
    app, tmp_path, monkeypatch
):
    folder = tmp_path / "backups"
    runner = app.test_cli_runner()
    with app.app_context():
        assert runner.invoke(args=["backup", str(folder), "--keep", "1"]).exit_code == 0
    [kept] = folder.iterdir()

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with app.app_context(), clock.freeze_at(clock.now() + timedelta(days=1)):
        result = runner.invoke(args=["backup", str(folder), "--keep", "1"])
    assert result.exit_code == 2
    assert result.output == "Error: The disk is full. Free some space and try again.\n"
    assert list(folder.iterdir()) == [kept]


def test_a_folder_without_the_option_keep_is_refused(app, tmp_path):
    with app.app_context():
        result = app.test_cli_runner().invoke(args=["backup", str(tmp_path)])
    assert result.exit_code == 2
    assert "--keep" in result.output


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


def test_the_metrics_count_rate_limits_and_late_emails(tmp_path, template_database):
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


def test_the_doctor_finds_comments_that_no_worker_examines(app, client):
    app.after_request_funcs[None].remove(examine_at_once)
    submit_for_receipt(client)
    sentence = "Comments are not examined because no worker runs."
    assert sentence not in run_command(app, "doctor").output
    with clock.freeze_at(clock.now() + timedelta(minutes=6)):
        assert sentence in run_command(app, "doctor").output
    examine_received(app)
    with clock.freeze_at(clock.now() + timedelta(minutes=6)):
        assert sentence not in run_command(app, "doctor").output
