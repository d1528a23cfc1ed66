"""A steward sets up an empty site, and staff find their way from public pages to the desk, in a browser."""

from playwright.sync_api import expect

from commentsite.db.session import transaction
from commentsite.site.setup import issue_setup_token
from tests.support.browser import (
    accessibility_violations,
    publish_first_letter,
    sign_in_browser,
)
from tests.support.factories import PASSWORD


def test_from_an_empty_site_to_the_first_published_letter(browser, empty_site_app):
    site = empty_site_app.config["AT"]
    with empty_site_app.app_context(), transaction():
        token = issue_setup_token()
    page = browser.new_context(bypass_csp=True).new_page()
    page.goto(f"{site}/setup/{token}")
    assert accessibility_violations(page, only=None) == [], "setup"
    page.fill("#title", "Open Letters")
    page.fill("#contact", "hello@example.org")
    for name, text in {
        "name": "Ana Steward", "email": "ana@example.org", "password": PASSWORD, "again": PASSWORD,
    }.items():  # fmt: skip
        page.fill(f"#{name}", text)
    page.click("text=Set up the site")
    page.wait_for_url("**/desk/")
    steps = page.locator(".first-steps")
    expect(steps).to_contain_text("7 steps remain")
    assert accessibility_violations(page) == [], "dashboard"
    page.click("text=I have read them")
    page.click("text=Write a page about the site")
    expect(page.locator("#title")).to_have_value("About")
    page.fill("#source_text", "We publish letters.")
    page.check("[name=is_public]")
    assert accessibility_violations(page, only=None) == [], "page"
    page.click("text=Save page")
    page.wait_for_selector("text=is saved and public")
    publish_first_letter(page, site)
    page.goto(f"{site}/desk/")
    expect(steps).to_contain_text("4 steps remain")
    page.goto(site)
    expect(page.locator(".letters")).to_contain_text("The first letter")
    page.click(".site-nav >> text=About")
    expect(page.locator(".site-nav [aria-current]")).to_have_text("About")


def test_staff_see_the_bar_until_they_sign_out_and_nothing_moves(browser, site):
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}/letters/hello")
    assert not any("/desk/" in address for address in asked)
    places = [page.locator(part).bounding_box() for part in (".title", "#comments", ".site-foot")]
    sign_in_browser(page, site, "steward@staff.example")
    page.goto(f"{site}/letters/hello")
    bar = page.locator(".staff-bar")
    expect(bar).to_contain_text("0 waiting")
    assert places == [
        page.locator(part).bounding_box() for part in (".title", "#comments", ".site-foot")
    ]
    bar.locator("text=Edit this letter").click()
    page.wait_for_url("**/desk/letters/hello/edit")
    page.click(".account summary")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_load_state()
    asked.clear()
    page.goto(f"{site}/letters/hello")
    page.wait_for_load_state("networkidle")
    assert not any("/desk/" in address for address in asked)
    expect(bar).to_have_count(0)
