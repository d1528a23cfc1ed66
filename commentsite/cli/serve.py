"""The command `commentsite run`: serve the site, with a worker in a process of its own."""

import ctypes
import errno
import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from ipaddress import ip_address
from multiprocessing import active_children, get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self
from urllib.parse import urlsplit

import click
from granian import Granian
from granian.constants import Interfaces
from granian.server.common import AbstractServer
from werkzeug.utils import import_string

from commentsite.cli.migrate import upgrade_database
from commentsite.cli.worker import run_worker
from commentsite.config import ENVIRONMENT_PREFIX, Settings, default_sender
from commentsite.db.session import db, transaction
from commentsite.site.setup import issue_setup_token
from commentsite.web.context import runtime
from commentsite.web.http.metrics_registry import SHARED_FOLDER_VARIABLE, share_counters

MAX_DEFAULT_PROCESSES = 4  # a site that needs more has its own measurements
THREADS_PER_PROCESS = (
    4  # only one runs Python code at a time, so more threads would make requests slower
)
# Seconds after which Python lets another thread run (its default is 0.005). A thread that stores a comment holds
# SQLite's write lock and waits for its turn after each statement, so a long turn of another thread delays all writers.
SWITCH_INTERVAL = 0.001
WORKER_PROCESS_NAME = "letters-worker"  # Linux allows 15 bytes
SHUTDOWN_TIMEOUT = 20  # seconds in which a process that shuts down can complete its requests
RESPAWN_INTERVAL = (
    1.0  # seconds from the start of a new process to the end of the old one at a reload
)
KILL_DELAY = 5  # seconds after that until the program kills what is left
PARENT_CHECK_INTERVAL = 1  # second


@click.command("run")
@click.option("--host", default=None, help="Address to listen on. Default: 127.0.0.1.")
@click.option(
    "--port",
    default=None,
    type=click.IntRange(1, 65535),
    help="Port to listen on. Default: the port of COMMENTSITE_BASE_URL, or 8000.",
)
@click.option(
    "--workers",
    default=None,
    type=click.IntRange(1, 64),
    help="Number of serving processes. Default: one for each core, at most 4.",
)
def run_command(host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the site and run its worker until terminated. The database is upgraded first."""
    settings = runtime().settings
    host, port = host or "127.0.0.1", port or urlsplit(settings.base_url).port or 8000
    _check_port(host, port)
    if settings.is_base_url_default:
        settings = _use_served_address(host, port)
    if not settings.trusted_proxies and not _is_loopback(host):
        click.echo(
            "Put a proxy such as nginx in front of the site and set COMMENTSITE_TRUSTED_PROXIES. "
            "Otherwise a few half-sent forms keep all others from being sent.",
            err=True,
        )
    if settings.is_https and not settings.trusted_proxies:
        click.echo(
            "Set COMMENTSITE_TRUSTED_PROXIES if the site is behind a proxy. Otherwise all readers share one rate limit.",
            err=True,
        )
    upgrade_database()
    _show_setup_address(settings.base_url)
    # Database connections must not be shared with the processes that are forked from this one.
    db.session.remove()
    db.engine.dispose()
    server = Granian(
        "commentsite.app:create_served_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers or count_serving_processes(),
        blocking_threads=THREADS_PER_PROCESS,
        respawn_failed_workers=True,
        respawn_interval=RESPAWN_INTERVAL,
        workers_kill_timeout=SHUTDOWN_TIMEOUT,
        log_enabled=False,
        websockets=False,
    )
    server.on_startup(lambda: _handle_signals(server))
    server.on_startup(
        lambda: click.echo(f"Serving {_describe_address(settings.base_url, host, port)}.")
    )
    with _shared_counters():
        _prepare_memory()
        with _WorkerSupervisor() as supervisor:
            server.on_reload(supervisor.restart)
            server.serve()


def _show_setup_address(base_url: str) -> None:
    """Print the address at which an empty site is set up in the browser."""
    with transaction():
        token = issue_setup_token()
    if token:
        click.echo(f"This site has no staff yet. Set it up at {base_url}/setup/{token}")


def _prepare_memory() -> None:
    """Build the application and make it ready, so that the processes forked from this one share its memory."""
    import_string("commentsite.app:prepare_served_app")()
    # Frozen objects are skipped by garbage collection, which would write to the memory pages that the forked
    # processes share, and so copy them.
    gc.collect()
    gc.freeze()
    _return_free_memory()


def _return_free_memory() -> None:
    """Give the memory that the start has used and freed back to the system, where the C library can (GNU's can).

    Otherwise this process would keep it, and each forked process that uses it would get a copy.
    """
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def count_serving_processes() -> int:
    """Return the number of cores that this program may use, at most MAX_DEFAULT_PROCESSES."""
    has_affinity = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
    return min(cores, MAX_DEFAULT_PROCESSES)


@contextmanager
def _shared_counters() -> Iterator[None]:
    """Let the serving processes add up their metrics, in a folder that goes when the program ends."""
    if SHARED_FOLDER_VARIABLE in os.environ:
        yield
        return
    with TemporaryDirectory(prefix="commentsite-metrics-") as folder:
        share_counters(folder)
        yield


def follow_parent() -> None:
    """Let a serving process end when the program that started it is gone."""
    # The process inherits the signal handlers of its parent. Until the server sets its own, SIGTERM must end it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()


def _end_with_parent(parent: int) -> None:
    """Finish the current requests once the parent is gone, and end even if that does not succeed.

    Otherwise the process would keep its port, and a second program could start beside it unnoticed.
    """
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_INTERVAL)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SHUTDOWN_TIMEOUT)
    os.kill(os.getpid(), signal.SIGKILL)


def _handle_signals(server: AbstractServer[Any]) -> None:
    """Replace the signal handlers of the server, which can wait for a lock that the main thread holds.

    The handlers of the server set an event. A signal that arrives while the main thread begins to wait for this
    event would never return. So a thread sets it. If the program does not end in time all the same, it kills its
    processes and itself.
    """

    def set_event(handler: Callable[[], None]) -> None:
        threading.Thread(target=handler, daemon=True).start()

    def stop(*_: object) -> None:
        set_event(server.signal_handler_interrupt)
        signal.alarm(SHUTDOWN_TIMEOUT + KILL_DELAY)

    def kill(*_: object) -> None:
        for process in active_children():
            process.kill()
        os._exit(1)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    signal.signal(signal.SIGHUP, lambda *_: set_event(server.signal_handler_reload))
    signal.signal(signal.SIGALRM, kill)


def _check_port(host: str, port: int) -> None:
    """Refuse a port that is in use. The serving processes share theirs, so they would not notice."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except socket.gaierror:
        msg = f"The address {host} is not known. Enter a host name or an address of this machine after --host."
        raise click.ClickException(msg) from None
    except OSError as error:
        raise click.ClickException(_describe_port_problem(error, host, port)) from None


def _describe_port_problem(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use. Stop the program that uses it, or choose another port with --port."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine. Choose another one with --host."
    if error.errno == errno.EACCES:
        return f"The user who runs this command may not use port {port}. Choose a port above 1023 with --port."
    return f"The site cannot listen on {host}:{port}: {error.strerror}."


def _use_served_address(host: str, port: int) -> Settings:
    """Build links on the served address, in this process and in all that it starts."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # compared
    base_url = f"http://{_format_host(reachable)}:{port}"
    os.environ[f"{ENVIRONMENT_PREFIX}BASE_URL"] = base_url
    runtime().settings = replace(
        runtime().settings, base_url=base_url, mail_sender=default_sender(base_url)
    )
    return runtime().settings


def _describe_address(base_url: str, host: str, port: int) -> str:
    listening = f"{_format_host(host)}:{port}"
    is_same = base_url == f"http://{listening}"
    return (
        f"{base_url}. Press Ctrl-C to stop"
        if is_same
        else f"{base_url} on {listening}. Press Ctrl-C to stop"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _format_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


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
    return subprocess.Popen([sys.executable, "-m", "commentsite", "worker", "--until-parent-ends"])


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
