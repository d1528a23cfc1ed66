"""A real nginx in front: it outlives the site, and shows what was published within two seconds."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from bench.nginx import nginx
from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.moving import change_state
from commentsite.comments.queries import comment_for_update
from commentsite.comments.states import CommentState
from commentsite.db import db, transaction
from tests.conftest import SECRET, free_port, make_app, publish_hello


def get(address, **headers):
    try:
        with urllib.request.urlopen(
            urllib.request.Request(address, headers=headers), timeout=10
        ) as a:
            return a.status, a.read().decode(), a.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


def wait_for(condition, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def front(tmp_path, template_database):
    """A site in a process of its own behind nginx, with the files that are installed in service."""
    site_port, port = free_port(), free_port()
    app = make_app(tmp_path / "instance", template_database, RATELIMIT_ENABLED="false")
    with app.app_context():
        publish_hello()
    app.config["AT"] = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "COMMENTSITE_INSTANCE": str(tmp_path / "instance"),
        "COMMENTSITE_SECRET_KEY": SECRET,
        "COMMENTSITE_BASE_URL": app.config["AT"],
        "COMMENTSITE_TRUSTED_PROXIES": "127.0.0.1",
    }
    command = [sys.executable, "-c", "from commentsite.app import main; main()"]
    command += ["run", "--port", str(site_port)]
    started = []

    def start():
        process = subprocess.Popen(command, env=environment, start_new_session=True)
        started.append(process)
        assert wait_for(lambda: answers(f"http://127.0.0.1:{site_port}/healthz"))

    def kill():
        if started[-1].poll() is None:
            os.killpg(started[-1].pid, signal.SIGKILL)
            started[-1].wait()

    start()
    with nginx(tmp_path, port, [site_port]):
        assert wait_for(lambda: answers(f"{app.config['AT']}/healthz"))
        yield app, start, kill
    kill()
    with app.app_context():
        db.engine.dispose()


def answers(address):
    try:
        return get(address)[0] == 200
    except OSError:
        return False


def test_the_letter_reads_while_the_site_is_down_and_is_fresh_when_it_is_back(front, later):
    app, start, kill = front
    letter = f"{app.config['AT']}/letters/hello"
    status, page, headers = get(letter)
    assert status == 200
    assert "stale-if-error" in headers["Cache-Control"]
    assert get(letter)[2]["X-Cache"] == "HIT"
    kill()
    time.sleep(2.5)  # past what the site allowed to be served without asking
    status, kept, headers = get(letter)
    assert (status, kept) == (200, page)
    assert headers["X-Cache"] == "STALE"
    assert get(f"{app.config['AT']}/desk/")[0] == 502  # what is private is never kept
    app.test_client().post("/letters/hello/comments", data=later.form(app.test_client()))
    decide(app)
    start()
    assert wait_for(lambda: "I read it twice" in get(letter)[1], 10)


def test_a_published_comment_is_there_within_two_seconds(front, later):
    app, _start, _kill = front
    letter = f"{app.config['AT']}/letters/hello"
    get(letter)
    app.test_client().post("/letters/hello/comments", data=later.form(app.test_client()))
    decide(app)
    assert wait_for(lambda: "I read it twice" in get(letter)[1], 3)  # two seconds and a request


def test_nothing_private_is_kept_and_nobody_claims_another_address(front, later):
    app, _start, _kill = front
    at = app.config["AT"]
    receipt = (
        app.test_client()
        .post("/letters/hello/comments", data=later.form(app.test_client()))
        .headers["Location"]
    )
    for _ in range(2):
        status, _page, headers = get(at + receipt)
        assert status == 200
        assert headers.get("X-Cache", "") not in {"HIT", "STALE"}
        assert "no-store" in headers["Cache-Control"]
    assert get(f"{at}/metrics")[0] == 403
    assert get(f"{at}/account/login")[2].get("X-Cache", "") in {"", "BYPASS", "MISS"}


def decide(app):
    with app.app_context(), transaction():
        change_state(
            comment_for_update(1), CommentState.PUBLISHED, by=SYSTEM, action="comment.decided"
        )
