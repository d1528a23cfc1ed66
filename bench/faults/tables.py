"""What came of a fault, as a row of the table."""

import subprocess
import sys
from pathlib import Path

HEAD = (
    "| Fault | times | acknowledged | of these missing | messages sent twice | never sent | "
    "refusals that are no page and no clean close | slowest return to normal |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|\n"
)
LATER = """
import sys
from datetime import timedelta
from commentsite import clock, jobs
from commentsite.app import create_app
app = create_app()
for minutes in range(3, 900, 10):  # what a dead worker had leased comes back after two minutes
    with clock.at(clock.now() + timedelta(minutes=minutes)):
        if not jobs.run_once(app) and minutes > 60:
            break
with app.app_context():
    from commentsite.notifications.queries import backlog
    print(sum(backlog().values()))
"""


def row(name, times, site, load, slowest, mailbox):
    """Let the messages go, count, check the books, and return the row."""
    if site.process.poll() is None:
        site.end()
    site.command("verify")
    left = subprocess.run(
        [sys.executable, "-c", LATER],
        env=site.environment,
        check=True,
        capture_output=True,
        text=True,
        cwd=Path.cwd(),
    ).stdout
    missing = load.acknowledged - site.bodies()
    twice = sum(n - 1 for n in mailbox.came.values())
    return (
        f"| {name} | {times} | {len(load.acknowledged)} | {len(missing)} | {twice} | {left.strip()} | "
        f"{len(load.neither)}{_which(load)} | {slowest:.1f} s |\n"
    )


def plain(name, times, neither, slowest):
    """Return the row of a fault that sends no comments."""
    which = f" ({', '.join(sorted(set(neither)))})" if neither else ""
    return f"| {name} | {times} | | | | | {len(neither)}{which} | {slowest:.1f} s |\n"


def _which(load):
    return f" ({', '.join(sorted(set(load.neither)))})" if load.neither else ""
