"""Run the servers of a load test on free ports: the site, a bare Flask application, a static file."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from granian import Granian
from granian.constants import Interfaces

from bench.postgres import free_port
from commentsite.app import create_app
from commentsite.cli.serve import THREADS_PER_PROCESS
from commentsite.web.caching.store import clear_caches

ROOT = Path(__file__).parents[1]
# Earlier builds have no __main__ module.
PROGRAM = (sys.executable, "-c", "from commentsite.app import main; main()")


@dataclass(frozen=True)
class Server:
    """The port of a running server and its main process."""

    port: int
    pid: int

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


def build_environment(folder: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a site in this folder. Rate limits are off: every load has one address."""
    # An installed program caches its bytecode, whatever the shell that runs the benchmark sets.
    excluded = ("COMMENTSITE_", "PYTHONDONTWRITEBYTECODE")
    others = {k: v for k, v in os.environ.items() if not k.startswith(excluded)}
    values = {"INSTANCE": str(folder), "RATELIMIT_ENABLED": "false", **settings}
    return others | {f"COMMENTSITE_{name}": value for name, value in values.items()}


@contextmanager
def run_site(
    folder: Path, workers: int | None = None, tree: Path = ROOT, **settings: str
) -> Iterator[Server]:
    """Run the site as in production, with its worker, from the source code in `tree`.

    Without `workers` it has its usual number of serving processes.
    """
    port = free_port()
    command = [*PROGRAM, "run", "--port", str(port)]
    if workers is not None:
        command += ["--workers", str(workers)]
    environment = build_environment(folder, **settings)
    with _run_server(command, port, "/healthz", environment, tree) as served:
        yield served


@contextmanager
def run_flask(
    name: str, folder: Path, workers: int = 1, tree: Path = ROOT, **settings: str
) -> Iterator[Server]:
    """Run the application `hello`, `same`, `cold` or `empty` below on Granian, configured as the site's server."""
    port = free_port()
    program = f"from bench.served import serve; serve({name!r}, {port}, {workers})"
    command = [sys.executable, "-c", program]
    path = "/healthz" if name in {"cold", "empty"} else "/"
    environment = build_environment(folder, **settings)
    with _run_server(command, port, path, environment, tree) as served:
        yield served


@contextmanager
def run_nginx(folder: Path, page: bytes) -> Iterator[Server]:
    """Let nginx serve the bytes of a page as a file."""
    port = free_port()
    (folder / "files").mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    (folder / "files" / "page.html").write_bytes(page)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "static.conf").write_text(
        f"daemon off; user {'root' if os.geteuid() == 0 else 'nobody'}; worker_processes 1; pid {folder}/static.pid;\n"
        f"error_log {folder}/static.log;\nevents {{ worker_connections 1024; }}\n"
        f"http {{ access_log off; {temporary} server {{ listen 127.0.0.1:{port}; root {folder}/files; }} }}\n"
    )
    command = ["nginx", "-c", str(folder / "static.conf"), "-p", str(folder)]
    with _run_server(command, port, "/page.html", dict(os.environ)) as served:
        yield served


def serve(name: str, port: int, workers: int) -> None:
    """Serve one of the applications below. It runs in its own process."""
    Granian(
        f"bench.served:{name}", factory=True, address="127.0.0.1", port=port, workers=workers,
        interface=Interfaces.WSGI, blocking_threads=THREADS_PER_PROCESS, log_enabled=False, websockets=False,
    ).serve()  # fmt: skip


def hello() -> Flask:
    """Build a minimal Flask application."""
    app = Flask("hello")
    app.add_url_rule("/", "hello", lambda: "hello world\n")
    return app


def get_same_page_path(folder: Path) -> Path:
    """Return the path of the page that the application `same` sends. `run_nginx` serves the same file."""
    return folder / "nginx" / "files" / "page.html"


def same() -> Flask:
    """Build a Flask application that returns the bytes of one page."""
    page = get_same_page_path(Path(os.environ["COMMENTSITE_INSTANCE"])).read_bytes()
    app = Flask("same")
    app.add_url_rule("/", "same", lambda: page)
    return app


def cold() -> Flask:
    """Build the site with an empty page cache for each request. Fragments stay cached."""
    return _create_app_without_cache("pages")


def empty() -> Flask:
    """Build the site with empty caches for each request."""
    return _create_app_without_cache()


def _create_app_without_cache(*names: str) -> Flask:
    app = create_app()  # without the response cache that a served site has in front of Flask
    app.before_request(lambda: clear_caches(app, *names))
    return app


def measure_memory(pid: int) -> float:
    """Return the memory of a process and its descendants in MiB (PSS: shared pages count once)."""
    total = 0
    for process in _list_process_tree(pid):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def is_answering(port: int, path: str) -> bool:
    """Return whether the server answers with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def fetch(port: int, path: str) -> str:
    """Return the text of a page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


@contextmanager
def _run_server(
    command: list[str], port: int, path: str, environment: dict[str, str], tree: Path = ROOT
) -> Iterator[Server]:
    environment["PYTHONPATH"] = str(tree)
    process = subprocess.Popen(
        command, cwd=tree, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 60
        while not is_answering(port, path):
            if time.monotonic() > end or process.poll() is not None:
                msg = f"{command[0]} did not start on port {port}"
                raise RuntimeError(msg)
            time.sleep(0.01)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _list_process_tree(pid: int) -> list[int]:
    processes = [pid]
    for process in processes:  # grows while it is read
        for task in Path(f"/proc/{process}/task").glob("*/children"):
            processes += map(int, task.read_text().split())
    return processes
