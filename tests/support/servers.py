"""Start real servers, wait for them and ask them over HTTP."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import SystemRandom
from urllib.parse import urlencode

import psycopg
import pytest
from sqlalchemy import make_url

from tests.support.factories import SECRET

PROGRAM = [sys.executable, "-m", "commentsite"]
PORTS = (20_000, 32_000)  # Linux gives those from 32,768 to outgoing connections


def free_port() -> int:
    """Return a port that no program uses, outside those that the system gives to outgoing connections.

    One of those can be taken between this call and the start of a server. A client that waits for the server can
    even be given the port itself, and then connects to itself and reads its own request.
    """
    while True:
        port = SystemRandom().randrange(*PORTS)
        with socket.socket() as s, suppress(OSError):
            s.bind(("127.0.0.1", port))
            return port


def wait_until(condition: Callable, seconds: float = 30):
    """Return the first true value of the condition; fail the test when there is none in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} seconds: {condition}")


def send_request(port: int, method: str, path: str, fields: dict | None = None, reader: int = 1):
    """Send one request and return its status and text.

    Each reader has a loopback address of its own, so that limits for one address do not meet another.
    """
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=15, source_address=(f"127.0.{reader >> 8}.{reader & 255}", 0)
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
    try:
        connection.request(method, path, urlencode(fields) if fields else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def fetch_url(url: str, **headers: str):
    """Return status, text and headers, whatever the status is."""
    asked = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.headers


def is_ready(port: int, path: str = "/readyz") -> bool:
    try:
        return send_request(port, "GET", path)[0] == 200
    except OSError:
        return False


def site_environment(instance: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a site's process; the names of settings are those of make_app."""
    given = {"INSTANCE": str(instance), "SECRET_KEY": SECRET, **settings}
    return {**os.environ, **{f"COMMENTSITE_{name}": value for name, value in given.items()}}


def start_site(environment: dict[str, str], port: int) -> subprocess.Popen:
    """Start `commentsite run` in a process group of its own, and wait until it answers."""
    process = subprocess.Popen(
        [*PROGRAM, "run", "--port", str(port)],
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: is_ready(port, "/healthz"))
    return process


def kill_site(process: subprocess.Popen) -> None:
    """Kill a site's whole process group, if it still runs, and collect it."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def run_redis(folder: Path) -> Iterator[tuple[str, subprocess.Popen]]:
    """Run Redis without persistence; yield its URL and its process, which a test may kill."""
    port = free_port()
    process = subprocess.Popen(
        ["redis-server", "--port", str(port), "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )

    def answers():
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True

    try:
        wait_until(answers, 10)
        yield f"redis://127.0.0.1:{port}/0", process
    finally:
        process.kill()
        process.wait()


@contextmanager
def run_pgbouncer(database_url: str, folder: Path, *, connections: int) -> Iterator[str]:
    """Run PgBouncer in transaction mode before a database; yield the URL by way of it."""
    real, port = make_url(database_url), free_port()
    folder.mkdir()
    (folder / "users").write_text('"postgres" ""\n')
    (folder / "pooler.ini").write_text(
        f"[databases]\n* = host=127.0.0.1 port={real.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nauth_type = trust\nauth_file = {folder}/users\npool_mode = transaction\n"
        f"default_pool_size = {connections}\nlogfile = {folder}/log\nunix_socket_dir =\n"
    )
    as_user = ["-u", "postgres"] if os.geteuid() == 0 else []
    for path in (folder.parent, folder, *folder.iterdir()):
        path.chmod(0o777 if path.is_dir() else 0o644)
    for parent in folder.parent.parents:
        if Path(tempfile.gettempdir()) in parent.parents:
            parent.chmod(parent.stat().st_mode | 0o011)
    process = subprocess.Popen(["pgbouncer", "-q", *as_user, str(folder / "pooler.ini")])
    url = real.set(port=port)
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        for _ in range(100):
            try:
                psycopg.connect(plain).close()
                break
            except psycopg.OperationalError:
                time.sleep(0.1)
        else:
            pytest.fail((folder / "log").read_text())
        yield url.render_as_string(hide_password=False)
    finally:
        process.terminate()
        process.wait(10)


def find_program(name: str) -> str:
    """Return the path of a program. Where REQUIRE_SERVICES is set its absence fails the test."""
    if path := shutil.which(name):
        return path
    message = f"{name} is missing: deploy/test-services.sh installs it as root"
    if os.environ.get("REQUIRE_SERVICES"):
        pytest.fail(message)
    pytest.skip(message)
