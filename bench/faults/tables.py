"""Evaluate a fault and format the result as a row of the table."""

import subprocess
import sys
from pathlib import Path

HEAD = (
    "| Fault | runs | acknowledged | missing | emails sent twice | emails never sent | "
    "unclean refusals (neither page nor clean close) | slowest recovery |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|\n"
)
DELIVER_LATER = """
import sys
from datetime import timedelta
from commentsite import clock
from commentsite.app import create_app
from commentsite.worker import tasks
app = create_app()
for minutes in range(3, 900, 10):  # the leases of a killed worker expire after two minutes
    with clock.freeze_at(clock.now() + timedelta(minutes=minutes)):
        if not tasks.run_pass(app) and minutes > 60:
            break
with app.app_context():
    from commentsite.notifications.queries import count_unfinished_by_state
    print(sum(count_unfinished_by_state().values()))
"""


def build_row(name, runs, site, load, slowest, mailbox):
    """Deliver the remaining emails, verify the audit log, and return the row."""
    if site.process.poll() is None:
        site.stop()
    site.run_command("verify")
    unsent = subprocess.run(
        [sys.executable, "-c", DELIVER_LATER],
        env=site.environment,
        check=True,
        capture_output=True,
        text=True,
        cwd=Path.cwd(),
    ).stdout
    missing = load.acknowledged - site.load_bodies()
    twice = sum(n - 1 for n in mailbox.received.values())
    return (
        f"| {name} | {runs} | {len(load.acknowledged)} | {len(missing)} | {twice} | {unsent.strip()} | "
        f"{len(load.unclean)}{_format_unclean(load)} | {slowest:.1f} s |\n"
    )


def build_row_without_comments(name, runs, unclean, slowest):
    """Return the row of a fault that sends no comments."""
    kinds = f" ({', '.join(sorted(set(unclean)))})" if unclean else ""
    return f"| {name} | {runs} | | | | | {len(unclean)}{kinds} | {slowest:.1f} s |\n"


def _format_unclean(load):
    return f" ({', '.join(sorted(set(load.unclean)))})" if load.unclean else ""
