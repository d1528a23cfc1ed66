"""Every page of the demo is read by an accessibility checker, wide and light, narrow and dark."""

import shutil
import threading
from itertools import islice

import pytest
from werkzeug.serving import make_server

from commentsite.comments.states import CommentState
from tests.support.browser import accessibility_violations, sign_in_browser
from tests.support.clients import sign_in
from tests.support.crawler import crawl, list_letters, list_receipts
from tests.support.databases import create_demo
from tests.support.factories import add_staff_member, make_app
from tests.support.servers import free_port
from tests.support.shared_work import prepare_once

LOOKS = [("light", {"width": 1280, "height": 800}), ("dark", {"width": 360, "height": 640})]
PARTS = 3
OTHERS = ["/no-such-page", "/account/login", "/account/reset"]
QUEUES = [f"/desk/moderation/?state={state}" for state in CommentState]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A running site with the demo and its staff."""
    folder = tmp_path_factory.mktemp("every-page") / "instance"
    shutil.copytree(prepare_once(tmp_path_factory, "demo", create_demo), folder)
    port = free_port()
    app = make_app(folder, RATELIMIT_ENABLED="false", BASE_URL=f"http://127.0.0.1:{port}")
    add_staff_member(app)
    add_staff_member(app, "steward", "steward@staff.example", "Sada Steward")
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app, f"http://127.0.0.1:{port}"
    server.shutdown()
    thread.join(5)


def list_findings(page, base, addresses):
    """Run the checker on each page. It needs no reload: colours and width are those of the window."""
    found = []
    for address in addresses:
        page.goto(base + address)
        for scheme, size in LOOKS:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.set_viewport_size(size)
            place = f"{address} {scheme} {size['width']}"
            found += [f"{place}: {one}" for one in accessibility_violations(page, only=None)]
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            found += [f"{place}: scrolls sideways"] if wide else []
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_public_pages_have_no_accessibility_violation(demo, page, part):
    app, base = demo
    addresses = crawl(
        app, app.test_client(), ["/", *list_letters(app), *list_receipts(app), *OTHERS]
    )
    # The address of a PDF answers with a page only while the PDF is drawn.
    addresses = [address for address in addresses if not address.endswith(".pdf")]
    assert len(addresses) > 30
    assert list_findings(page, base, islice(addresses, part, None, PARTS)) == []


@pytest.mark.parametrize("part", range(PARTS))
def test_pages_of_a_steward_have_no_accessibility_violation(demo, page, part):
    app, base = demo
    email = "steward@staff.example"
    addresses = crawl(app, sign_in(app, email), ["/desk/", *QUEUES])
    addresses = [
        address
        for address in addresses
        if address.startswith(("/desk/", "/account/")) and not address.endswith("/html")
    ]  # the HTML part of an email is no page, and its policy forbids every script
    assert len(addresses) > 50
    sign_in_browser(page, base, email)
    assert list_findings(page, base, islice(addresses, part, None, PARTS)) == []
