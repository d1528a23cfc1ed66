"""Kill the server, its worker, PostgreSQL or Redis with SIGKILL, twenty times under load."""

import os
import signal
import time

from bench.faults.site import Bench, Load, Postgres, Redis, wait_for
from bench.faults.tables import build_row

RUNS = 20


def server():
    """Kill the server with its worker, and start them again as systemd would."""
    with Bench() as bench:
        site = bench.start_site()

        def fault():
            site.kill()
            site.start()

        return _repeat_fault(bench, site, "kill -9 of the server", fault)


def worker():
    """Kill only the worker. The server starts another one."""
    with Bench() as bench:
        site = bench.start_site()

        def fault():
            wait_for(site.find_worker_pid)
            time.sleep(1.5)  # so that the signal arrives at different points of a pass
            os.kill(site.find_worker_pid(), signal.SIGKILL)

        return _repeat_fault(bench, site, "kill -9 of the worker", fault, pause=0.4)


def postgres():
    """Kill PostgreSQL with all its processes, and start it again."""
    with Bench() as bench:
        database = bench.start_service(Postgres)
        site = bench.start_site(DATABASE_URL=database.url)

        def fault():
            database.kill()
            time.sleep(0.3)
            database.start()

        return _repeat_fault(bench, site, "kill -9 of PostgreSQL", fault)


def redis():
    """Kill Redis, and start it again."""
    with Bench() as bench:
        redis = bench.start_service(Redis)
        site = bench.start_site(
            REDIS_URL=redis.url, RATELIMIT_ENABLED="true", TRUSTED_PROXIES="127.0.0.1"
        )

        def fault():
            redis.kill()
            time.sleep(0.5)
            redis.start()

        return _repeat_fault(bench, site, "kill -9 of Redis", fault)


def _repeat_fault(bench, site, name, fault, pause=0.05):
    slowest = 0.0
    with Load(site, pause=pause) as load:
        for _ in range(RUNS):
            known = len(load.acknowledged)
            wait_for(lambda known=known: len(load.acknowledged) > known + 3)
            fault()
            slowest = max(slowest, load.measure_recovery(time.monotonic()))
    return build_row(name, RUNS, site, load, slowest, bench.mailbox)
