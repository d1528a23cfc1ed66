"""A real server of the real application, and a real Chromium."""

import shutil
import threading

import pytest
from werkzeug.serving import make_server

from tests.support.factories import add_staff_member, make_app
from tests.support.servers import free_port

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail(
            "Chromium is missing: make test installs it as root, or apt-get install chromium"
        )
    return {**browser_type_launch_args, "executable_path": chromium, "args": FLAGS}


@pytest.fixture
def site_app(tmp_path, letter_database):
    port = free_port()
    app = make_app(
        tmp_path / "instance",
        letter_database,
        RATELIMIT_ENABLED="false",
        BASE_URL=f"http://127.0.0.1:{port}",
    )
    add_staff_member(app)
    add_staff_member(app, "steward", "steward@staff.example", "Sada Steward")
    app.config["AT"] = f"http://127.0.0.1:{port}"
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app
    server.shutdown()
    thread.join(5)


@pytest.fixture
def site(site_app):
    """The address of the running site."""
    return site_app.config["AT"]
