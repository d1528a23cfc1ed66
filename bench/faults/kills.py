"""kill -9, twenty times in the middle of load: the server, its worker, PostgreSQL, Redis."""

import os
import signal
import time

from bench.faults.site import Bench, Load, Postgres, Redis, wait_for
from bench.faults.tables import row

TIMES = 20


def server():
    """Kill the server with its worker, and start them again, as systemd does."""
    with Bench() as bench:
        site = bench.site()

        def fault():
            site.kill()
            site.start()

        return _again_and_again(bench, site, "kill -9 of the server", fault)


def worker():
    """Kill the worker alone; the server starts another."""
    with Bench() as bench:
        site = bench.site()

        def fault():
            wait_for(site.worker)
            time.sleep(1.5)  # into the middle of a pass, wherever that is
            os.kill(site.worker(), signal.SIGKILL)

        return _again_and_again(bench, site, "kill -9 of the worker", fault, pause=0.4)


def postgres():
    """Kill PostgreSQL with all its processes, and start it again."""
    with Bench() as bench:
        database = bench.beside(Postgres)
        site = bench.site(DATABASE_URL=database.url)

        def fault():
            database.kill()
            time.sleep(0.3)
            database.start()

        return _again_and_again(bench, site, "kill -9 of PostgreSQL", fault)


def redis():
    """Kill Redis, and start it again."""
    with Bench() as bench:
        redis = bench.beside(Redis)
        site = bench.site(
            REDIS_URL=redis.url, RATELIMIT_ENABLED="true", TRUSTED_PROXIES="127.0.0.1"
        )

        def fault():
            redis.kill()
            time.sleep(0.5)
            redis.start()

        return _again_and_again(bench, site, "kill -9 of Redis", fault)


def _again_and_again(bench, site, name, fault, pause=0.05):
    slowest = 0.0
    with Load(site, pause=pause) as load:
        for _ in range(TIMES):
            known = len(load.acknowledged)
            wait_for(lambda known=known: len(load.acknowledged) > known + 3)
            fault()
            slowest = max(slowest, load.back_to_normal(time.monotonic()))
    return row(name, TIMES, site, load, slowest, bench.mailbox)
