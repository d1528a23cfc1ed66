"""Inject every fault, or those named on the command line. Write the table to bench/results/faults.md."""

import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.faults import floods, kills, steps, waits
from bench.faults.tables import HEAD

RESULTS = Path(__file__).parents[1] / "results" / "faults.md"
FAULTS = {
    "server": kills.server,
    "worker": kills.worker,
    "steps": steps.worker_steps,
    "steps-postgres": steps.worker_steps_postgres,
    "two-sites": steps.two_sites,
    "postgres": kills.postgres,
    "redis": kills.redis,
    "disk": waits.full_disk,
    "locked": waits.locked_database,
    "mail": waits.mail_away,
    "slow": floods.slow_clients,
    "large": floods.large_bodies,
    "fields": floods.many_fields,
    "noise": floods.noise,
}


def main() -> None:
    """Inject the faults one after another. Most of the time is spent waiting."""
    began, table = time.monotonic(), HEAD
    print(HEAD, end="", flush=True)
    for name in sys.argv[1:] or FAULTS:
        row = FAULTS[name]()
        print(row, end="", flush=True)
        table += row
    if len(sys.argv) == 1:
        head = (
            f"# Faults\n\n{datetime.now(UTC):%Y-%m-%d}, CPython {platform.python_version()}, {platform.machine()}, "
            f"`make faults`: {time.monotonic() - began:.0f} s. Method: `bench/faults/`.\n\n"
        )
        RESULTS.write_text(head + table, encoding="utf-8")


main()
