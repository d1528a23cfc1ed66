"""What is measured, running on ports of its own for a while: the site, a bare Flask, a static file."""

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


@dataclass(frozen=True)
class Served:
    """Where it listens, and the first of its processes."""

    port: int
    pid: int

    def url(self, path: str) -> str:
        """Return an address of it."""
        return f"http://127.0.0.1:{self.port}{path}"


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """Return what a site in a folder of its own is told; limits are off, as every load comes from one address."""
    # What is installed keeps its bytecode, whatever the shell that measures is told.
    unlike = ("COMMENTSITE_", "PYTHONDONTWRITEBYTECODE")
    others = {k: v for k, v in os.environ.items() if not k.startswith(unlike)}
    given = {"INSTANCE": str(folder), "RATELIMIT_ENABLED": "false", **settings}
    return others | {f"COMMENTSITE_{name}": value for name, value in given.items()}


@contextmanager
def site(folder: Path, workers: int = 1, **settings: str) -> Iterator[Served]:
    """Run the site as in service, its worker beside it."""
    port = free_port()
    program = [sys.executable, "-c", "from commentsite.app import main; main()"]
    command = [*program, "run", "--port", str(port), "--workers", str(workers)]
    with _running(command, port, "/healthz", environment(folder, **settings)) as served:
        yield served


@contextmanager
def bare(name: str, folder: Path, workers: int = 1, **settings: str) -> Iterator[Served]:
    """Run `hello`, `same`, `cold` or `empty` of this file on the same server with as many workers and threads."""
    port = free_port()
    program = f"from bench.served import serve; serve({name!r}, {port}, {workers})"
    command = [sys.executable, "-c", program]
    path = "/healthz" if name in {"cold", "empty"} else "/"
    with _running(command, port, path, environment(folder, **settings)) as served:
        yield served


@contextmanager
def static(folder: Path, page: bytes) -> Iterator[Served]:
    """Serve the bytes of a page as a file by nginx."""
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
    with _running(command, port, "/page.html", dict(os.environ)) as served:
        yield served


def serve(name: str, port: int, workers: int) -> None:
    """Serve one of the applications below; runs in a process of its own."""
    Granian(
        f"bench.served:{name}", factory=True, address="127.0.0.1", port=port, workers=workers,
        interface=Interfaces.WSGI, blocking_threads=THREADS_PER_PROCESS, log_enabled=False, websockets=False,
    ).serve()  # fmt: skip


def hello() -> Flask:
    """Return the least a Flask application can do."""
    app = Flask("hello")
    app.add_url_rule("/", "hello", lambda: "hello world\n")
    return app


def same() -> Flask:
    """Return as little as that, with the bytes of the page that `static` was given beside."""
    page = (Path(os.environ["COMMENTSITE_INSTANCE"]) / "nginx" / "files" / "page.html").read_bytes()
    app = Flask("same")
    app.add_url_rule("/", "same", lambda: page)
    return app


def cold() -> Flask:
    """Return the site with an empty page cache for each request. Fragments stay cached."""
    return _clearing("pages")


def empty() -> Flask:
    """Return the site with empty caches for each request."""
    return _clearing()


def _clearing(*names: str) -> Flask:
    app = create_app()  # without the response cache that a served site has in front of Flask
    app.before_request(lambda: clear_caches(app, *names))
    return app


def memory(pid: int) -> float:
    """Return the MiB a process and its children take, what they share counted once."""
    total = 0
    for one in _tree(pid):
        lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def answers(port: int, path: str) -> bool:
    """Say whether it answers with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def ask(port: int, path: str) -> str:
    """Return a page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


@contextmanager
def _running(command: list[str], port: int, path: str, told: dict[str, str]) -> Iterator[Served]:
    process = subprocess.Popen(
        command, cwd=ROOT, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 60
        while not answers(port, path):
            if time.monotonic() > end or process.poll() is not None:
                msg = f"{command[0]} did not start on port {port}"
                raise RuntimeError(msg)
            time.sleep(0.01)
        yield Served(port, process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _tree(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return found
