"""Faults in which the site must wait: a full disk, a locked database, a mail server down for an hour."""

import os
import shutil
import sqlite3
import subprocess
import time
from datetime import timedelta

from bench.faults.site import Bench, Load, wait_for
from bench.faults.tables import build_row
from commentsite import clock
from commentsite.app import create_app
from commentsite.worker import tasks

DISK_SIZE = 24  # MB
REMAINING_SPACE = 1_500_000  # bytes


def full_disk():
    """Fill the disk of the database under load, and free it again."""
    with Bench() as bench:
        folder = bench.root / "instance"
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_SIZE}m,mode=700", "faults", str(folder)]
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            return "| disk full | 0 | not run: mounting a small disk needs root | | | | | |\n"
        bench.stack.callback(subprocess.run, ["umount", "-l", str(folder)], check=False)
        site = bench.start_site()
        ballast = folder / "ballast"
        with Load(site) as load:
            wait_for(lambda: len(load.acknowledged) > 5)
            with ballast.open("wb") as file:
                free = shutil.disk_usage(folder).free
                os.posix_fallocate(file.fileno(), 0, max(1, free - REMAINING_SPACE))
            wait_for(lambda: load.answers[503] > 20, 120)
            assert site.is_readable()
            ballast.unlink()
            slowest = load.measure_recovery(time.monotonic())
        return build_row("disk full under load", 1, site, load, slowest, bench.mailbox)


def locked_database():
    """Hold the write lock of SQLite for ten seconds."""
    with Bench() as bench:
        site = bench.start_site()
        with Load(site) as load:
            wait_for(lambda: len(load.acknowledged) > 5)
            holder = sqlite3.connect(site.folder / "commentsite.db", isolation_level=None)
            holder.execute("BEGIN IMMEDIATE")
            started = time.monotonic()
            while time.monotonic() < started + 10:
                assert site.is_readable()  # readers do not wait for writers
                time.sleep(0.2)
            holder.execute("ROLLBACK")
            holder.close()
            slowest = load.measure_recovery(time.monotonic())
        return build_row("database locked for 10 s", 1, site, load, slowest, bench.mailbox)


def mail_away():
    """Stop the mail server for an hour of simulated time, with one pass of the worker each minute."""
    with Bench() as bench:
        site = bench.start_site()
        bench.mailbox.stop()
        with Load(site) as load:
            wait_for(lambda: len(load.acknowledged) > 30)
        site.kill()
        app = create_app(
            {
                k.removeprefix("COMMENTSITE_"): v
                for k, v in site.environment.items()
                if k.startswith("COMMENTSITE_")
            }
        )
        start = clock.now()
        for minute in range(1, 61):
            with clock.freeze_at(start + timedelta(minutes=minute)):
                tasks.run_pass(app)
        assert not bench.mailbox.received
        bench.mailbox.start()
        late = 0
        while late < 24 * 60 and len(bench.mailbox.received) < len(load.acknowledged):
            late += 1
            with clock.freeze_at(start + timedelta(minutes=60 + late)):
                tasks.run_pass(app)
        name = f"mail server down for an hour, all sent {late} minutes later"
        return build_row(name, 1, site, load, 0.0, bench.mailbox)
