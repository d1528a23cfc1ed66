"""Do every fault, or those named, and keep the table in bench/results/faults.md."""

import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.faults import floods, kills, waits
from bench.faults.tables import HEAD

RESULTS = Path(__file__).parents[1] / "results" / "faults.md"
FAULTS = {
    "server": kills.server,
    "worker": kills.worker,
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
    """Do them one after another; they wait more than they work."""
    began, table = time.monotonic(), HEAD
    print(HEAD, end="", flush=True)
    for name in sys.argv[1:] or FAULTS:
        done = FAULTS[name]()
        print(done, end="", flush=True)
        table += done
    if len(sys.argv) == 1:
        head = (
            f"# Faults\n\n{datetime.now(UTC):%Y-%m-%d}, CPython {platform.python_version()}, {platform.machine()}, "
            f"`make faults`: {time.monotonic() - began:.0f} s. How each is done: `bench/faults/`.\n\n"
        )
        RESULTS.write_text(head + table, encoding="utf-8")


main()
