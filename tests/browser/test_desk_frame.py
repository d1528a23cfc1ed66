"""The head of the desk and its first pages, on a phone and on a wide screen, by keyboard and by ear."""

import pytest

from tests.support.browser import accessibility_violations, sign_in_browser
from tests.support.factories import store_numbered_comments

PAGES = ("/desk/", "/desk/audit/", "/desk/me/", "/desk/people/", "/desk/people/1")


@pytest.fixture
def desk(page, site, site_app):
    store_numbered_comments(site_app, 2)
    sign_in_browser(page, site, "steward@staff.example")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_have_no_accessibility_fault(desk, site, scheme):
    desk.emulate_media(color_scheme=scheme)
    for address in PAGES:
        desk.goto(f"{site}{address}")
        assert accessibility_violations(desk) == [], address
        assert accessibility_violations(desk, only=["best-practice"]) == [], address


def test_on_a_phone_no_page_scrolls_sideways_and_every_entry_of_the_menu_is_reached(desk, site):
    desk.set_viewport_size({"width": 360, "height": 640})
    for address in PAGES:
        desk.goto(f"{site}{address}")
        assert desk.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), address
    assert desk.evaluate("document.querySelector('.desk-top').offsetHeight") <= 100
    last = desk.locator(".desk-top nav a").last
    last.focus()
    box = last.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360


def test_the_account_menu_opens_by_keyboard_and_signs_out(desk, site):
    desk.goto(f"{site}/desk/")
    desk.focus(".account summary")
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    assert desk.evaluate("document.activeElement.textContent.trim()") == "Your account"
    with desk.expect_navigation():
        desk.get_by_role("button", name="Sign out").click()
    desk.goto(f"{site}/desk/")
    assert "/account/login" in desk.url


def test_a_wide_window_has_the_page_in_its_middle(desk, site):
    desk.set_viewport_size({"width": 1920, "height": 1000})
    for address in PAGES:
        desk.goto(f"{site}{address}")
        box = desk.locator("main h1").first.bounding_box()
        assert box["x"] > 250, address
