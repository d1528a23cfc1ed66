"""The command `commentsite run`: serve the site, with a worker in a process of its own."""

import gc
import subprocess
import sys
import threading
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import click
from granian import Granian
from granian.constants import Interfaces

from commentsite.cli.migrate import upgrade_database
from commentsite.cli.worker import run_worker
from commentsite.db.session import db
from commentsite.errors import ConfigurationError
from commentsite.web.context import runtime

THREADS_PER_PROCESS = (
    4  # only one runs Python code at a time, so more threads would make requests slower
)
WORKER_PROCESS_NAME = "letters-worker"  # Linux allows 15 bytes
SHUTDOWN_TIMEOUT = 20  # seconds in which a process that shuts down can complete its requests


@click.command("run")
@click.option("--host", default=None, help="Address to listen on. Default: 127.0.0.1.")
@click.option(
    "--port",
    default=None,
    type=click.IntRange(1, 65535),
    help="Port to listen on. Default: the port of COMMENTSITE_BASE_URL, or 8000.",
)
@click.option(
    "--workers", default=1, type=click.IntRange(1, 64), help="Number of serving processes."
)
def run_command(host: str | None, port: int | None, workers: int) -> None:
    """Serve the site and run its worker until terminated. The database is upgraded first."""
    settings = runtime().settings
    if workers > 1 and not settings.redis_url:
        msg = "Set COMMENTSITE_REDIS_URL to use several processes. Without Redis each process counts rate limits alone."
        raise ConfigurationError(msg)
    if settings.is_https and not settings.trusted_proxies:
        click.echo(
            "Set COMMENTSITE_TRUSTED_PROXIES if the site is behind a proxy. Otherwise all readers share one rate limit.",
            err=True,
        )
    host, port = host or "127.0.0.1", port or urlsplit(settings.base_url).port or 8000
    upgrade_database()
    click.echo(f"Serving {settings.base_url} on {host}:{port}. Press Ctrl-C to stop.")
    # Database connections must not be shared with the processes that are forked from this one.
    db.session.remove()
    db.engine.dispose()
    server = Granian(
        "commentsite.app:create_server_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS_PER_PROCESS,
        respawn_failed_workers=True,
        workers_kill_timeout=SHUTDOWN_TIMEOUT,
        log_enabled=False,
        websockets=False,
    )
    # Frozen objects are skipped by garbage collection, which would write to the memory pages that the forked
    # processes share, and so copy them.
    gc.collect()
    gc.freeze()
    with _WorkerSupervisor() as supervisor:
        server.on_reload(supervisor.restart)
        server.serve()


class _WorkerSupervisor:
    """Runs the worker in its own process while the server serves, and starts it again when it ends.

    The worker is a process and not a thread. The server forks, and a fork while a thread is inside SQLite would
    leave a lock in the child that no thread releases. The first worker process is forked too, before any thread
    exists, and shares the memory of the program with the server. The thread here only waits for it to end. After
    a reload or a crash the next worker is started as a new program, with the current code and settings.
    """

    def __enter__(self) -> Self:
        self.stopping = threading.Event()
        self.process: subprocess.Popen[bytes] | BaseProcess = _fork_worker()
        self.thread = threading.Thread(target=self._supervise, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.process.terminate()
        self.thread.join(10)

    def restart(self) -> None:
        """End the worker after its current pass. The supervisor then starts a new one."""
        self.process.terminate()

    def _supervise(self) -> None:
        while True:
            if isinstance(self.process, BaseProcess):
                self.process.join()
            else:
                self.process.wait()
            if self.stopping.wait(1):
                return
            self.process = _start_worker()


def _start_worker() -> subprocess.Popen[bytes]:
    program = "from commentsite.app import main; main()"
    return subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-c", program, "worker", "--until-parent-ends"]
    )


def _fork_worker() -> BaseProcess:
    process = get_context("fork").Process(target=_run_forked_worker)
    process.start()
    return process


def _run_forked_worker() -> None:
    # Let `ps` and `top` show the worker under another name than the server, from which it is forked.
    name_file = Path("/proc/self/comm")
    if name_file.exists():
        name_file.write_text(WORKER_PROCESS_NAME)
    run_worker(until_parent_ends=True)
