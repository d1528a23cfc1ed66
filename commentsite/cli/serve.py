"""Serve the site, and do its background work beside it."""

import gc
import os
import signal
import subprocess
import sys
import threading
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Self
from urllib.parse import urlsplit

import click
from flask import current_app
from granian import Granian
from granian.constants import Interfaces

from commentsite.cli.migrate import upgrade_database
from commentsite.db.session import db
from commentsite.errors import ConfigurationError
from commentsite.web.context import runtime
from commentsite.worker import loop

THREADS_PER_PROCESS = 4  # Python runs one at a time; more of them only stand in each other's way
WORKER_PROCESS_NAME = "letters-worker"  # at most 15 bytes
SHUTDOWN_TIMEOUT = 20  # seconds for which a serving process that ends may still answer


@click.command()
@click.option("--host", default=None, help="Address to listen on; 127.0.0.1 unless told.")
@click.option(
    "--port",
    default=None,
    type=click.IntRange(1, 65535),
    help="Port to listen on; 8000 unless told.",
)
@click.option("--workers", default=1, type=click.IntRange(1, 64), help="Serving processes.")
def run_command(host: str | None, port: int | None, workers: int) -> None:
    """Upgrade the database, then serve the site and send its messages until told to end."""
    settings = runtime().settings
    if workers > 1 and not settings.redis_url:
        msg = "More than one process needs COMMENTSITE_REDIS_URL: without it each would count its own rate limits."
        raise ConfigurationError(msg)
    if settings.is_https and not settings.trusted_proxies:
        click.echo(
            "Behind a proxy, set COMMENTSITE_TRUSTED_PROXIES, or all readers share one rate limit.",
            err=True,
        )
    host, port = host or "127.0.0.1", port or urlsplit(settings.base_url).port or 8000
    upgrade_database()
    click.echo(f"Serving {settings.base_url} on {host}:{port}. End with Ctrl-C.")
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
    gc.collect()
    gc.freeze()  # so that collecting garbage copies no page that the serving processes share
    with _WorkerSupervisor() as beside:
        server.on_reload(beside.restart)
        server.serve()


class _WorkerSupervisor:
    """The background work, in a process of its own for as long as the server serves.

    A process and not a thread: the server forks its own, and a fork while a thread is inside
    SQLite leaves the child waiting for a lock that nobody holds. The first is forked too, before
    there is any thread, and shares the memory of the program with the server; the thread here
    only waits for it. When it ended, by a reload or by force, another begins as a program of its
    own, with the code and settings of now.
    """

    def __enter__(self) -> Self:
        self.ending = threading.Event()
        self.process: subprocess.Popen[bytes] | BaseProcess = _fork_worker()
        self.watch = threading.Thread(target=self._supervise, daemon=True)
        self.watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        self.process.terminate()
        self.watch.join(10)

    def restart(self) -> None:
        """Let it finish what it is at, and go on with the code and settings of now."""
        self.process.terminate()

    def _supervise(self) -> None:
        while True:
            if isinstance(self.process, BaseProcess):
                self.process.join()
            else:
                self.process.wait()
            if self.ending.wait(1):
                return
            self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        program = "from commentsite.__main__ import main; main()"
        return subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-c", program, "worker", "--until-parent-ends"]
        )


def _fork_worker() -> BaseProcess:
    process = get_context("fork").Process(target=_run_forked_worker)
    process.start()
    return process


def _run_forked_worker() -> None:
    name = Path("/proc/self/comm")
    if name.exists():  # so that who looks at processes tells it from the server
        name.write_text(WORKER_PROCESS_NAME)
    _run_worker(until_parent_ends=True)


@click.command()
@click.option("--until-parent-ends", is_flag=True, help="End with the process that started it.")
def worker_command(*, until_parent_ends: bool) -> None:
    """Send messages and do what time brings, until told to end."""
    _run_worker(until_parent_ends=until_parent_ends)


def _run_worker(*, until_parent_ends: bool) -> None:
    stop = threading.Event()
    parent = os.getppid()
    if until_parent_ends:

        def watch() -> None:
            while os.getppid() == parent and not stop.wait(1):
                pass
            stop.set()

        threading.Thread(target=watch, daemon=True).start()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    loop.run_forever(current_app._get_current_object(), stop)  # type: ignore[attr-defined]  # noqa: SLF001  # the way Flask documents
