"""`commentsite run`: its address, its port, and its processes, with the real server."""

import os
import re
import signal
import socket
import subprocess
import time
from contextlib import suppress
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.states import CommentState
from commentsite.comments.transitions import change_state
from commentsite.db.session import transaction
from tests.support.clients import csrf_token, submit
from tests.support.factories import (
    PASSWORD,
    add_staff_member,
    close_database,
    make_app,
    mark_published,
    publish_sample_letter,
)
from tests.support.servers import (
    PROGRAM,
    free_port,
    is_ready,
    kill_site,
    send_request,
    site_environment,
    start_site,
    wait_until,
)

PAGE = "/letters/hello"


@pytest.fixture
def instance(tmp_path, template_database):
    app = make_app(tmp_path / "instance", template_database)
    with app.app_context():
        publish_sample_letter()
        close_database()
    add_staff_member(app)
    return tmp_path / "instance"


@pytest.fixture
def port():
    return free_port()


def run(instance, *arguments, **settings):
    return subprocess.run(
        [*PROGRAM, "run", *map(str, arguments)],
        env=site_environment(instance, **settings),
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def is_port_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def read_output_of_start(environment, port, folder):
    """Start a site, and return its process and the line that it shows."""
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [*PROGRAM, "run", "--port", str(port)],
            env=environment, start_new_session=True, stdout=output,
        )  # fmt: skip
    wait_until(lambda: is_ready(port))
    return process, (folder / "output").read_text()


@pytest.mark.parametrize(
    ("base_url", "line"),
    [
        (None, "Serving http://127.0.0.1:{port}. Press Ctrl-C to stop.\n"),
        (
            "https://letters.example",
            "Serving https://letters.example on 127.0.0.1:{port}. Press Ctrl-C to stop.\n",
        ),
    ],
)
def test_links_and_the_first_line_name_the_address_that_is_served(
    instance, port, tmp_path, base_url, line
):
    settings = {"BASE_URL": base_url, "TRUSTED_PROXIES": "127.0.0.1"} if base_url else {}
    process, output = read_output_of_start(site_environment(instance, **settings), port, tmp_path)
    try:
        assert output.endswith(line.format(port=port))
        base = base_url or f"http://127.0.0.1:{port}"
        assert f"{base}/letters/hello" in send_request(port, "GET", "/feed.json")[1]
    finally:
        kill_site(process)


def test_an_empty_folder_becomes_a_site_through_the_printed_address(tmp_path, port):
    (tmp_path / "new").mkdir()
    process, output = read_output_of_start(site_environment(tmp_path / "new"), port, tmp_path)
    try:
        base = f"http://127.0.0.1:{port}"
        address = re.search(rf"Set it up at {base}(/setup/[\w-]+)\n", output)[1]
        browser = build_opener(HTTPCookieProcessor())
        with browser.open(base + address) as answer:
            token = csrf_token(answer.read().decode())
        form = {
            "title": "Open Letters", "name": "Ana Steward", "email": "ana@example.org", "mail_test": "1",
            "password": PASSWORD, "again": PASSWORD, "csrf_token": token,
        }  # fmt: skip
        with browser.open(base + address, urlencode(form).encode()) as answer:
            assert answer.url == f"{base}/desk/"
            page = answer.read().decode()
        assert "First steps" in page
        assert "written to a file in the folder instance/mail" in page
        assert "Open Letters" in send_request(port, "GET", "/")[1]
        assert send_request(port, "GET", address)[0] == 404
        assert len(list((tmp_path / "new" / "mail").glob("*.eml"))) == 1
    finally:
        kill_site(process)


def test_a_second_start_on_the_same_port_says_so(instance, port):
    process = start_site(site_environment(instance), port)
    try:
        second = run(instance, "--port", port)
        assert second.returncode == 1
        assert second.stderr == (
            f"Error: Port {port} of 127.0.0.1 is in use. "
            "Stop the program that uses it, or choose another port with --port.\n"
        )
        assert is_ready(port)
    finally:
        kill_site(process)


def test_when_the_first_process_is_killed_the_others_end(instance, port):
    process = start_site(site_environment(instance), port)
    try:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        wait_until(lambda: is_port_free(port), 30)
        again = start_site(site_environment(instance), port)
        kill_site(again)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("delay", [0.0, 0.3, 0.6, 0.9, 1.2, 1.5, 2.0])
def test_sigterm_at_any_moment_of_the_start_ends_the_program(instance, port, delay):
    process = subprocess.Popen(
        [*PROGRAM, "run", "--port", str(port)],
        env=site_environment(instance), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(delay)
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        wait_until(lambda: is_port_free(port), 30)
    finally:
        kill_site(process)


def serving_processes(pid, count=None):
    """Return the serving processes. The worker has its name only once it runs, so wait for a `count` if given."""
    for _attempt in range(100):
        found = list_serving_processes(pid)
        if count is None or len(found) == count:
            break
        time.sleep(0.1)
    return found


def list_serving_processes(pid):
    listed = subprocess.run(
        ["ps", "-o", "pid=,comm=", "--ppid", str(pid)], capture_output=True, text=True, check=True
    ).stdout
    return {int(line.split()[0]) for line in listed.splitlines() if "letters-worker" not in line}


def test_a_serving_process_that_does_not_react_to_sigterm_is_killed(instance, port):
    process = start_site(site_environment(instance), port)
    try:
        cores = len(os.sched_getaffinity(0))
        child = serving_processes(process.pid, min(cores, 4)).pop()
        os.kill(child, signal.SIGSTOP)
        process.send_signal(signal.SIGTERM)
        process.wait(40)
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)
    finally:
        kill_site(process)


def search(port):
    """Send a search on a connection of its own, which any serving process may get. Return the status."""
    return send_request(port, "GET", "/search?q=word")[0]


def test_one_process_for_each_core_serves_by_default_and_they_share_limits_pages_and_metrics(
    instance, port
):
    process = start_site(site_environment(instance), port)
    try:
        cores = len(os.sched_getaffinity(0))
        before = serving_processes(process.pid, min(cores, 4))
        assert len(before) == min(cores, 4)
        assert [search(port) for _ in range(62)] == [200] * 60 + [429] * 2
        metrics = send_request(port, "GET", "/metrics")[1]
        counted = 'commentsite_requests_total{method="GET",route="/search",status="200"} 60.0'
        assert counted in metrics

        killed = before.pop()
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: len(serving_processes(process.pid) - {killed}) == min(cores, 4))
        wait_until(lambda: is_ready(port))
        assert [search(port) for _ in range(6)] == [429] * 6  # also by the new process
    finally:
        kill_site(process)


def test_a_change_is_visible_at_once_in_every_process(instance, port):
    process = start_site(site_environment(instance), port)
    client = make_app(instance, None, RATELIMIT_ENABLED="false")

    def is_shown():
        return {"I read it twice" in send_request(port, "GET", PAGE)[1] for _ in range(12)}

    try:
        submit(client.test_client())
        assert is_shown() == {False}
        with client.app_context():
            mark_published(1)
        assert is_shown() == {True}
        with client.app_context(), transaction():
            restricted = CommentState.RESTRICTED
            change_state(get_comment_for_update(1), restricted, by=SYSTEM, action="comment.decided")
        assert is_shown() == {False}
    finally:
        kill_site(process)


def test_pages_are_served_while_many_forms_are_half_sent(instance, port):
    process = start_site(site_environment(instance), port)
    head = (
        f"POST {PAGE}/comments HTTP/1.1\r\nHost: x\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nname=A"
    )
    connections = []
    try:
        for _ in range(24):
            connections.append(socket.create_connection(("127.0.0.1", port), 10))
            connections[-1].sendall(head.encode())
        assert {send_request(port, "GET", PAGE)[0] for _ in range(12)} == {200}
        # Forms of another client arrive: 422, because a field is missing.
        form = b"name=Bo"
        for _ in range(12):
            with socket.create_connection(("127.0.0.1", port), 10, ("127.0.0.2", 0)) as other:
                whole = head.replace("Length: 100", f"Length: {len(form)}").partition("name=A")[0]
                other.sendall(whole.encode() + form)
                assert other.recv(65536).split()[1] == b"422"
    finally:
        for connection in connections:
            connection.close()
        kill_site(process)


def ask_raw(port, *lines, method="GET", path="/healthz", body=b""):
    """Send a request byte for byte, and return the whole answer."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        head = [f"{method} {path} HTTP/1.1".encode(), b"Host: x", *lines, b"Connection: close"]
        if body:
            head.append(b"Content-Length: %d" % len(body))
        connection.sendall(b"\r\n".join([*head, b"", b""]) + body)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer.decode("utf-8", "replace")


FORWARDED = (
    b"X-Forwarded-For: \xc3\xa9, 198.51.100.7",
    b"X-Forwarded-For: \xff",
    b"X-Forwarded-For:",
    b"X-Forwarded-For: somebody",
)


def test_a_client_behind_an_unreadable_header_is_unknown_and_not_the_proxy(instance, port):
    environment = site_environment(
        instance, TRUSTED_PROXIES="127.0.0.1", METRICS_ALLOW="127.0.0.1 10.0.0.0/8"
    )
    process = start_site(environment, port)

    def search_as(*header):
        return ask_raw(port, *header, path="/search?q=word").split()[1]

    try:
        assert " 200 " in ask_raw(port, path="/metrics").splitlines()[0]
        for header in FORWARDED:
            assert " 404 " in ask_raw(port, header, path="/metrics").splitlines()[0]
        assert [search_as(FORWARDED[0]) for _ in range(60)] == ["200"] * 60
        assert [search_as(header) for header in FORWARDED] == ["429"] * 4  # one client for all
        assert search_as() == "200"
    finally:
        kill_site(process)
