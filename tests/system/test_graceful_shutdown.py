"""Shutdown, reload and a killed worker fail no request."""

import http.client
import os
import signal
import subprocess
import threading

import pytest

from tests.support.factories import close_database, make_app, publish_sample_letter
from tests.support.servers import (
    free_port,
    is_ready,
    kill_site,
    send_request,
    site_environment,
    start_site,
    wait_until,
)


@pytest.fixture
def served(tmp_path, template_database):
    """The process and the port of a site that runs as in service."""
    app = make_app(tmp_path / "instance", template_database)
    with app.app_context():
        publish_sample_letter()
        close_database()
    port = free_port()
    process = start_site(site_environment(tmp_path / "instance"), port)
    wait_until(lambda: is_ready(port))
    yield process, port
    kill_site(process)


def children(pid):
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,comm=,args=", "--ppid", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return {int(line.split()[0]): line for line in listed.splitlines()}


def workers(pid):
    return {number for number, line in children(pid).items() if is_worker(line)}


def servers(pid):
    return {n for n, line in children(pid).items() if not is_worker(line)}


def is_worker(line):
    """Say whether a process is the worker: the first is forked with a name, later ones are commands."""
    return "letters-worker" in line or "--until-parent-ends" in line


class Reader(threading.Thread):
    """Requests a page repeatedly; keeps every status, and each request that was cut off."""

    def __init__(self, port):
        super().__init__()
        self.port, self.stop = port, threading.Event()
        self.answers, self.refused, self.cut_off = [], 0, []

    def run(self):
        while not self.stop.wait(0.02):
            try:
                self.answers.append(send_request(self.port, "GET", "/letters/hello")[0])
            except ConnectionRefusedError:
                self.refused += 1
            except (OSError, http.client.HTTPException) as problem:
                self.cut_off.append(repr(problem))


def test_a_reload_fails_no_request_and_brings_new_processes(served):
    process, port = served
    before, worker = servers(process.pid), workers(process.pid)
    readers = [Reader(port) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        wait_until(lambda: len(readers[0].answers) > 20)
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: not before & servers(process.pid))
        wait_until(lambda: workers(process.pid) - worker)
        known = len(readers[0].answers)
        wait_until(lambda: len(readers[0].answers) > known + 20)
    finally:
        for reader in readers:
            reader.stop.set()
            reader.join()
    assert {status for r in readers for status in r.answers} == {200}
    assert sum(r.refused for r in readers) == 0
    assert [r.cut_off for r in readers] == [[], []]


def test_on_sigterm_the_server_finishes_its_requests_and_leaves_no_process(served):
    process, port = served
    reader = Reader(port)
    reader.start()
    wait_until(lambda: len(reader.answers) > 20)
    left = [*workers(process.pid), *servers(process.pid)]
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    reader.stop.set()
    reader.join()
    assert set(reader.answers) == {200}
    assert reader.cut_off == []  # new connections are refused, so that a proxy tries another server
    for pid in left:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_killed_worker_is_started_again(served):
    process, _port = served
    [worker] = workers(process.pid)
    os.kill(worker, signal.SIGKILL)
    assert wait_until(lambda: workers(process.pid) - {worker})
    assert process.poll() is None
