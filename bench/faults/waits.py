"""A full disk, a locked database, a mail server that is away for an hour."""

import os
import shutil
import sqlite3
import subprocess
import time
from datetime import timedelta

from bench.faults.site import Bench, Load, wait_for
from bench.faults.tables import row
from commentsite import clock
from commentsite.app import create_app
from commentsite.worker import tasks

ROOM = 24  # megabytes
TIGHT = 1_500_000  # bytes left


def full_disk():
    """Fill the disk of the database in the middle of load, and make room again."""
    with Bench() as bench:
        folder = bench.root / "instance"
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}m,mode=700", "faults", str(folder)]
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            return "| disk full | 0 | not run: mounting a small disk needs root | | | | | |\n"
        bench.stack.callback(subprocess.run, ["umount", "-l", str(folder)], check=False)
        site = bench.site()
        ballast = folder / "ballast"
        with Load(site) as load:
            wait_for(lambda: len(load.acknowledged) > 5)
            with ballast.open("wb") as file:
                free = shutil.disk_usage(folder).free
                os.posix_fallocate(file.fileno(), 0, max(1, free - TIGHT))
            wait_for(lambda: load.told[503] > 20, 120)
            assert site.reads()
            ballast.unlink()
            slowest = load.back_to_normal(time.monotonic())
        return row("disk full in the middle of load", 1, site, load, slowest, bench.mailbox)


def locked_database():
    """Hold the one write lock of SQLite for ten seconds."""
    with Bench() as bench:
        site = bench.site()
        with Load(site) as load:
            wait_for(lambda: len(load.acknowledged) > 5)
            holder = sqlite3.connect(site.folder / "commentsite.db", isolation_level=None)
            holder.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            while time.monotonic() < began + 10:
                assert site.reads()  # readers wait for no writer
                time.sleep(0.2)
            holder.execute("ROLLBACK")
            holder.close()
            slowest = load.back_to_normal(time.monotonic())
        return row("database locked for 10 s", 1, site, load, slowest, bench.mailbox)


def mail_away():
    """Take the mail server away for an hour of the site's clock, a pass a minute."""
    with Bench() as bench:
        site = bench.site()
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
        assert not bench.mailbox.came
        bench.mailbox.start()
        late = 0
        while late < 24 * 60 and len(bench.mailbox.came) < len(load.acknowledged):
            late += 1
            with clock.freeze_at(start + timedelta(minutes=60 + late)):
                tasks.run_pass(app)
        name = f"mail server away for an hour; all sent {late} minutes after"
        return row(name, 1, site, load, 0.0, bench.mailbox)
