"""The worker's periodic tasks: an idle pass waits for no writer, and one failure stops no other task."""

import json
import threading

import pytest
from sqlalchemy import event, text

from commentsite.accounts.permissions import SYSTEM
from commentsite.db import wal
from commentsite.db.session import db, transaction
from commentsite.letters.publication.comment_settings import set_moderation_mode
from commentsite.worker import loop
from commentsite.worker import tasks as worker_tasks
from commentsite.worker.loop import run_forever
from commentsite.worker.tasks import EVERY_HOUR, TASKS, Task, run_pass, run_tasks
from tests.support.clients import sign_in, submit
from tests.support.databases import record_statements
from tests.support.factories import add_staff_member

MAX_QUESTIONS = 10  # one for each of eight tasks, and two for the search index


def write_locks(app, work):
    """Return how often `work` takes SQLite's write lock."""
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        if statement.startswith("BEGIN IMMEDIATE"):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


@pytest.fixture
def busy(app, client):
    """A site with work for the worker, and with work that waits for moderators."""
    assert submit(client, notify="1").status_code == 303
    other = {"email": "bea@example.org", "body": "Another text, by another reader."}
    assert submit(client, **other).status_code == 303
    add_staff_member(app)
    add_staff_member(app, "editor", "ed@staff.example", "Edda Editor")
    add_staff_member(app, "steward", "st@staff.example", "Stella Steward")
    with app.app_context(), transaction():
        set_moderation_mode("hello", "pair", by=SYSTEM)
    moderator = sign_in(app)
    page = moderator.get("/desk/moderation/1").get_data(as_text=True)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    answer = moderator.post(
        "/desk/moderation/decisions",
        data={
            "comment": "1@1",
            "verdict": "refuse",
            "reason": "R2",
            "note": "Rude.",
            "csrf_token": token,
        },
    )
    assert answer.status_code == 303  # now the comment waits for a second moderator
    return app


def test_a_pass_with_work_takes_the_write_lock_and_an_idle_one_does_not(busy):
    assert write_locks(busy, lambda: run_pass(busy)) > 0
    run_pass(busy)
    assert write_locks(busy, lambda: run_pass(busy)) == 0


def test_an_idle_pass_asks_at_most_ten_questions(busy):
    """A pass every two seconds. The tasks that run every minute or more rarely are left out."""
    for _ in range(2):
        run_pass(busy)
    with busy.app_context():
        engine = db.engine
    frequent = [task for task in TASKS if not task.every]
    with record_statements(engine, "SELECT", "WITH", "PRAGMA") as asked:
        assert run_tasks(busy, frequent) == (0, {})
    assert len(asked) <= MAX_QUESTIONS, asked


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_no_task_takes_the_write_lock_when_it_has_nothing_to_do(busy, task):
    for _ in range(2):
        run_pass(busy)
    with busy.app_context():
        assert write_locks(busy, lambda: task.run(worker_tasks.Job(busy))) == 0


def test_a_waiting_comment_is_checked_again_when_staff_join(busy):
    run_pass(busy)
    with busy.app_context(), transaction() as session:
        session.execute(text("UPDATE comment SET waits_for = 'conflict' WHERE id = 1"))
    run_pass(busy)
    with busy.app_context():
        found = db.session.execute(text("SELECT waits_for FROM comment WHERE id = 1")).scalar()
        db.session.rollback()
    assert found == "second"


def test_task_names_are_unique_identifiers():
    names = [task.name for task in TASKS]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)


def broken(_job):
    msg = "no such thing"
    raise LookupError(msg)


def test_a_failed_task_is_logged_by_name_and_does_not_stop_others(app, monkeypatch, log_lines):
    done = []
    tasks = (Task("broken_task", broken), Task("good_task", lambda job: done.append(job.app) or 1))
    monkeypatch.setattr(worker_tasks, "TASKS", tasks)
    with pytest.raises(LookupError):
        run_pass(app)
    assert done == [app]
    line = json.loads(log_lines().splitlines()[-1])
    assert line["event"] == "task broken_task failed"
    assert line["error"] == "LookupError"


def test_an_hourly_task_runs_at_the_start_and_not_in_each_pass(app, monkeypatch):
    stop, seen = threading.Event(), []

    def count(name, last=0):
        def run(_job):
            seen.append(name)
            if last and seen.count(name) == last:
                stop.set()
            return 0

        return run

    tasks = (
        Task("hourly", count("hourly"), EVERY_HOUR),
        Task("broken", lambda job: count("broken")(job) or broken(job)),
        Task("each_pass", count("each_pass", last=3)),
    )
    monkeypatch.setattr(loop, "TASKS", tasks)
    monkeypatch.setattr(loop, "PASS_INTERVAL", 0.01)
    run_forever(app, stop)
    assert seen == ["hourly", "broken", "each_pass", "each_pass", "each_pass"]


def test_a_long_write_ahead_log_is_truncated(app, client, tmp_path, monkeypatch):
    monkeypatch.setattr(wal, "MAX_WAL_BYTES", 0)
    submit(client)
    log = tmp_path / "instance" / "commentsite.db-wal"
    assert log.stat().st_size > 0
    run_pass(app)
    assert not run_tasks(app, [task for task in TASKS if task.name == "truncate_long_wal"])[1]
    assert log.stat().st_size == 0
