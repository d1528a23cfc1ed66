"""Kill a worker with SIGKILL at certain steps of its work, and run two sites on one database."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from bench.faults.site import Bench, Load, Postgres, Site, wait_for
from bench.faults.tables import build_row

#: Where a worker dies: after the comments are accepted, within their examination, and while the entries of the audit
#: log get their numbers. The last is after everything is written and before the commit.
STEPS = (
    "commentsite.comments.examination.lock_examinations",
    "commentsite.comments.campaigns.services.set_similar",
    "commentsite.comments.examination.index_for_desk",
    "commentsite.comments.examination.record_events",
    "commentsite.audit.services._append",
    "commentsite.audit.queries.delete_pending_entries",
    "commentsite.notifications.outbox.MessageBatch.store",
    "sqlalchemy.orm.Session.commit",
)
DIE_AT_STEP = """
import os, pkgutil, signal, sys
from commentsite.app import create_app
from commentsite.worker import tasks
app = create_app()
owner, _, name = sys.argv[1].rpartition(".")
setattr(pkgutil.resolve_name(owner), name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
tasks.run_tasks(app, [task for task in tasks.TASKS if task.name == "examine_comments"])
"""


def worker_steps():
    """Kill a worker at each step, with SQLite."""
    with Bench() as bench:
        return _kill_at_steps("kill -9 of the worker at each step", bench, bench.start_site())


def worker_steps_postgres():
    """Kill a worker at each step, with PostgreSQL."""
    with Bench() as bench:
        site = bench.start_site(DATABASE_URL=bench.start_service(Postgres).url)
        return _kill_at_steps("kill -9 of the worker at each step, PostgreSQL", bench, site)


def two_sites():
    """Run two servers with their workers on one PostgreSQL, and kill one of the two again and again."""
    with Bench() as bench:
        database = bench.start_service(Postgres)
        site = bench.start_site(DATABASE_URL=database.url)
        folder = bench.root / "second"
        other = Site(folder, bench.mailbox, DATABASE_URL=database.url, has_letter=True)
        other.start()
        bench.stack.callback(other.kill)
        wait_for(other.is_readable)
        slowest = 0.0
        with Load(site) as load, Load(other, prefix="b") as second:
            for _ in range(5):
                known = len(second.acknowledged)
                wait_for(lambda known=known: len(second.acknowledged) > known + 3)
                other.kill()
                other.start()
                wait_for(other.is_readable)
                slowest = max(slowest, second.measure_recovery(time.monotonic()))
        other.stop()
        load.acknowledged |= second.acknowledged
        load.unclean += second.unclean
        name = "two sites on one PostgreSQL, one of them killed"
        return build_row(name, 5, site, load, slowest, bench.mailbox)


def _kill_at_steps(name, bench, site):
    wait_for(site.find_worker_pid)
    slowest = 0.0
    with Load(site) as load:
        for step in STEPS:
            worker = site.find_worker_pid()
            os.kill(worker, signal.SIGSTOP)  # its comments are left to the worker that dies
            known = len(load.acknowledged)
            wait_for(lambda known=known: len(load.acknowledged) > known + 10)
            command = [sys.executable, "-c", DIE_AT_STEP, step]
            done = subprocess.run(
                command, env=site.environment, check=False, capture_output=True, cwd=Path.cwd()
            )
            assert done.returncode == -signal.SIGKILL, (step, done.stderr[-2000:])
            os.kill(worker, signal.SIGKILL)
            slowest = max(slowest, load.measure_recovery(time.monotonic()))
            wait_for(lambda worker=worker: site.find_worker_pid() not in {None, worker})
    return build_row(name, len(STEPS), site, load, slowest, bench.mailbox)
