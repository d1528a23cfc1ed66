"""Measure `commentsite export` on a site with a million comments: comments in a second, and memory.

BENCH_COMMENTS sets another number of comments. The time includes the start of the program.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from bench.commands import run_command
from bench.million import COMMENTS, add_versions, fill_database
from bench.served import PROGRAM, build_environment
from commentsite.app import create_app


def measure() -> str:
    """Return the table of the export."""
    comments = int(os.environ.get("BENCH_COMMENTS", COMMENTS))
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder)
        _fill(instance, comments)
        file = instance / "export.zip"
        run = run_command([*PROGRAM, "export", str(file)], build_environment(instance))
        size = file.stat().st_size / 1e6
    return (
        "| Comments | Seconds | Seconds of CPU | Comments/s | Memory (MiB) | File (MB) |\n|---:|---:|---:|---:|---:|---:|\n"
        f"| {comments:,} | {run.seconds:.1f} | {run.cpu_seconds:.1f} | {comments / run.seconds:,.0f}"
        f" | {run.peak_mib:.0f} | {size:.0f} |\n"
    )


def _fill(instance: Path, comments: int) -> None:
    subprocess.run([*PROGRAM, "db", "upgrade"], env=build_environment(instance), check=True)
    app = create_app({"INSTANCE": str(instance)})
    with app.app_context():
        fill_database(app.extensions["commentsite"].encryption, comments, comments // 10)
        add_versions()
