"""Every page of the demo is read by an accessibility checker, wide and light, narrow and dark."""

import json
import shutil
import threading
from itertools import islice
from urllib.parse import urlsplit

import pytest
from werkzeug.serving import make_server

from commentsite.accounts.queries import find_staff_by_email
from commentsite.comments.states import CommentState
from commentsite.db.session import transaction
from tests.support.browser import MORE_RULES, accessibility_violations, sign_in_browser
from tests.support.clients import sign_in
from tests.support.crawler import crawl, list_letters, list_receipts
from tests.support.databases import create_demo
from tests.support.factories import add_staff_member, make_app
from tests.support.servers import free_port
from tests.support.shared_work import prepare_once

READER_OF_ARABIC = "arabic@staff.example"
ARABIC, ENGLISH = "letters/an-address-the-form-refuses", "letters/seven-rules-for-being-answered"
#: The side on which the lines of each element begin.
LIST_SIDES = """selector => [...document.querySelectorAll(selector)].map(element => {
  const { textAlign, direction } = getComputedStyle(element);
  return { start: direction === "rtl" ? "right" : "left" }[textAlign] || textAlign;
})"""
LIST_OVERLAPS = """() => [...document.querySelectorAll(".para")].filter(para => {
  const number = para.querySelector(".para-n").getBoundingClientRect();
  const marks = para.querySelector(".para-side").getBoundingClientRect();
  return number.left < marks.right && marks.left < number.right && marks.top < number.bottom;
})"""
LOOKS = [("light", {"width": 1280, "height": 800}), ("dark", {"width": 360, "height": 640})]
PARTS = 3
OTHERS = ["/no-such-page", "/account/login", "/account/reset"]
STEWARD = "steward@staff.example"
QUEUES = [f"/desk/moderation/?state={state}" for state in CommentState]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A running site with the demo and its staff."""
    folder = tmp_path_factory.mktemp("every-page") / "instance"
    shutil.copytree(prepare_once(tmp_path_factory, "demo", create_demo), folder)
    port = free_port()
    app = make_app(folder, RATELIMIT_ENABLED="false", BASE_URL=f"http://127.0.0.1:{port}")
    add_staff_member(app)
    add_staff_member(app, "steward", STEWARD, "Sada Steward")
    add_staff_member(app, "steward", READER_OF_ARABIC, "Rana Reader")
    with app.app_context(), transaction():
        find_staff_by_email(READER_OF_ARABIC).language = "ar"
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
            further = (
                MORE_RULES if scheme == "light" else []
            )  # colours do not matter to these rules
            broken = accessibility_violations(page, only=None, further=further)
            found += [f"{place}: {one}" for one in broken]
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            found += [f"{place}: scrolls sideways"] if wide else []
    return found


def list_public_pages(app):
    starts = ["/", *list_letters(app), *list_receipts(app), *OTHERS]
    # The address of a PDF answers with a page only while the PDF is drawn.
    return [a for a in crawl(app, app.test_client(), starts) if not a.endswith(".pdf")]


def list_staff_pages(app):
    # The HTML part of an email is no page, and its policy forbids every script.
    return [
        address
        for address in crawl(app, sign_in(app, STEWARD), ["/desk/", *QUEUES])
        if address.startswith(("/desk/", "/account/"))
        and not urlsplit(address).path.endswith("/html")
    ]


@pytest.fixture(scope="module")
def pages(demo, tmp_path_factory):
    """The addresses of all pages. One process of the test run visits the demo for them."""

    def write(folder):
        folder.mkdir()
        found = {"public": list_public_pages(demo[0]), "staff": list_staff_pages(demo[0])}
        (folder / "addresses.json").write_text(json.dumps(found))

    folder = prepare_once(tmp_path_factory, "every-page-addresses", write)
    return json.loads((folder / "addresses.json").read_text())


@pytest.mark.parametrize("part", range(PARTS))
def test_public_pages_have_no_accessibility_violation(demo, pages, page, part):
    addresses = pages["public"]
    assert len(addresses) > 30
    assert list_findings(page, demo[1], islice(addresses, part, None, PARTS)) == []


@pytest.mark.parametrize("part", range(PARTS))
def test_pages_of_a_steward_have_no_accessibility_violation(demo, pages, page, part):
    addresses = pages["staff"]
    assert len(addresses) > 50
    sign_in_browser(page, demo[1], STEWARD)
    assert list_findings(page, demo[1], islice(addresses, part, None, PARTS)) == []


@pytest.mark.parametrize("address", [f"/ar/{ENGLISH}", f"/zh/{ENGLISH}/map"])
def test_pages_in_other_scripts_have_no_accessibility_violation(demo, page, address):
    assert list_findings(page, demo[1], [address]) == []


@pytest.mark.parametrize(
    ("address", "of_letter", "of_page"),
    [
        (f"/ar/{ARABIC}", "right", "right"),
        (f"/ar/{ENGLISH}", "left", "right"),
        (f"/{ARABIC}", "right", "left"),
        (f"/{ENGLISH}", "left", "left"),
    ],
)
def test_a_letter_stands_on_the_side_of_its_language(demo, page, address, of_letter, of_page):
    page.goto(demo[1] + address)
    for width in (360, 800, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for selector, side in (
            (".letter-head > p, .letter-head .title, .letter-head .notice p", of_letter),
            (".prose > .para > p", of_letter),
            (".site-head, .part > h2, .who, .form label, .site-foot", of_page),
        ):
            assert set(page.evaluate(LIST_SIDES, selector)) == {side}, selector
        assert page.evaluate(LIST_OVERLAPS) == []


def test_the_desk_mirrors_in_arabic(demo, page):
    sign_in_browser(page, demo[1], READER_OF_ARABIC)
    found = list_findings(page, demo[1], ["/desk/moderation/", f"/desk/{ENGLISH}/edit"])
    assert found == []
    field = page.locator("#source_text")
    assert field.evaluate("e => [e.lang, getComputedStyle(e).direction]") == ["en", "ltr"]
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{demo[1]}/desk/moderation/")
    left = [page.locator(name).bounding_box()["x"] for name in (".case", ".cases", ".views")]
    assert left == sorted(left)
