"""A real server of the real application, and a real Chromium."""

import shutil
import threading
from contextlib import contextmanager

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
    """Use Chromium without its window: the whole browser takes half as long again for each page."""
    chromium = shutil.which("chromium-headless-shell") or find_whole_browser()
    return {**browser_type_launch_args, "executable_path": chromium, "args": FLAGS}


@pytest.fixture(scope="session")
def whole_browser_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": find_whole_browser()}


def find_whole_browser():
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail(
            "Chromium is missing: make test installs it as root, or apt-get install chromium"
        )
    return chromium


@pytest.fixture(autouse=True)
def close_pages(request):
    """Close the pages of a test, which would otherwise go on working beside all later tests."""
    yield
    if "browser" in request.fixturenames:
        for context in request.getfixturevalue("browser").contexts:
            context.close()


@contextmanager
def serve(folder, database, port):
    """Run a site on a copy of a database, and yield its application. Its address is in `config["AT"]`."""
    address = f"http://127.0.0.1:{port}"
    app = make_app(folder, database, RATELIMIT_ENABLED="false", BASE_URL=address)
    app.config["AT"] = address
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app
    server.shutdown()
    thread.join(5)


@pytest.fixture
def site_app(tmp_path, letter_database):
    with serve(tmp_path / "instance", letter_database, free_port()) as app:
        add_staff_member(app)
        add_staff_member(app, "steward", "steward@staff.example", "Sada Steward")
        yield app


@pytest.fixture
def empty_site_app(tmp_path, template_database):
    """A site without letters and without staff."""
    with serve(tmp_path / "instance", template_database, free_port()) as app:
        yield app


@pytest.fixture
def site(site_app):
    """The address of the running site."""
    return site_app.config["AT"]
