"""Run a PostgreSQL server for a benchmark, with the durability of production."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    """Return a port of this machine on which no process listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def postgres() -> Iterator[str | None]:
    """Start a server on a free port and yield its URL, or None if PostgreSQL is not installed."""
    initdb_paths = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not initdb_paths:
        yield None
        return
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    root = Path(tempfile.mkdtemp(prefix="pgbench-", dir="/tmp"))
    if as_user:
        shutil.chown(root, "postgres", "postgres")
    port = free_port()
    data, control = str(root / "data"), str(initdb_paths[-1].parent / "pg_ctl")

    def run(*args: str) -> None:
        subprocess.run([*as_user, *args], check=True, cwd="/", stdout=subprocess.DEVNULL)

    run(
        str(initdb_paths[-1]),
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    )
    options = f"-h 127.0.0.1 -p {port} -k {root} -c shared_buffers=512MB -c max_wal_size=4GB"
    run(control, "-D", data, "-w", "-l", str(root / "log"), "start", "-o", options)
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        run(control, "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(root, ignore_errors=True)
