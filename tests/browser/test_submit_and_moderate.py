"""A reader comments and a moderator decides: by mouse, by keyboard, with and without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import accessibility_violations, follow, sign_in_browser, type_comment


@pytest.mark.parametrize("script", [True, False])
def test_a_comment_is_submitted_approved_and_published(browser, site, script):
    context = browser.new_context(java_script_enabled=script)
    page = context.new_page()
    page.goto(f"{site}/letters/hello")
    type_comment(page)
    page.click("text=Send for moderation")
    page.wait_for_url("**/receipts/**")
    expect(page.locator("h1")).to_contain_text("is waiting for a moderator")
    assert context.cookies() == []

    desk = browser.new_context(java_script_enabled=script).new_page()
    sign_in_browser(desk, site)
    desk.goto(f"{site}/desk/moderation/")
    desk.click(".rows >> text=Ada Reader")
    desk.click("form.decide button[value=publish]")
    desk.wait_for_load_state()
    page.goto(f"{site}/letters/hello")
    expect(page.locator("#comments")).to_contain_text("A comment typed in a browser.")


def test_a_comment_by_keyboard_alone(browser, site):
    page = browser.new_page()
    page.goto(f"{site}/letters/hello#leave")
    page.focus("#body")
    page.keyboard.type("Typed without a mouse.")
    for wanted, text in (("name", "Key Board"), ("email", "keys@example.org")):
        press_tab_until(page, wanted)
        page.keyboard.type(text)
    press_tab_until(page, "stakeholder_group")
    page.keyboard.type("civil")
    page.wait_for_timeout(2300)
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.includes('Send for moderation')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/receipts/**")


def press_tab_until(page, name):
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return
    raise AssertionError(f"{name} cannot be reached by Tab")


def test_the_error_summary_takes_the_focus_and_the_text_stays(browser, site):
    page = browser.new_page()
    page.goto(f"{site}/letters/hello")
    page.fill("#body", "Words that must stay.")
    page.wait_for_timeout(2300)
    page.click("text=Send for moderation")
    assert page.input_value("#body") == "Words that must stay."
    expect(page.locator(".summary")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_in_a_form_with_errors(browser, site, scheme):
    page = browser.new_context(color_scheme=scheme, bypass_csp=True).new_page()
    page.goto(f"{site}/letters/hello")
    page.click("text=Send for moderation")
    expect(page.locator(".summary")).to_be_focused()
    assert accessibility_violations(page, only=None) == []


@pytest.mark.parametrize("width", [320, 360, 768, 1280, 1600])
def test_nothing_scrolls_sideways(browser, site, width):
    page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
    page.goto(f"{site}/letters/hello")
    paragraph = page.locator(".para").first.get_attribute("id")
    more = (
        f"/letters/hello/paragraphs/{paragraph}",
        "/letters/hello/versions/1",
        "/documents/",
        "/search?q=first",
    )
    for address in ("/", "/letters/hello", "/rules", "/transparency", "/account/login", *more):
        page.goto(site + address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_a_draft_is_saved_only_on_request_and_until_it_is_sent(browser, site):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site}/letters/hello")
    page.fill("#body", "Half a thought.")
    page.reload()
    assert page.input_value("#body") == ""
    page.fill("#body", "Half a thought.")
    page.check("text=Save my draft in this browser")
    page.fill("#name", "Ada Reader")
    page.close()
    page = context.new_page()
    page.goto(f"{site}/letters/hello")
    assert page.input_value("#body") == "Half a thought."
    assert page.input_value("#name") == ""
    type_comment(page, "Half a thought, and its end.")
    page.click("text=Send for moderation")
    page.wait_for_url("**/receipts/**")
    page.goto(f"{site}/letters/hello")
    assert page.input_value("#body") == ""
    assert not page.is_checked("input[data-keep]")


def test_a_reader_reports_by_keyboard_without_javascript(browser, site):
    page = browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 740}
    ).new_page()
    page.goto(f"{site}/letters/hello")
    type_comment(page)
    follow(page, "text=Send for moderation")
    sign_in_browser(page, site)
    page.goto(f"{site}/desk/moderation/1")
    follow(page, ".verdicts button[value=publish]")
    page.goto(f"{site}/letters/hello")
    page.click("a.report")
    page.check("input[value=R2]")
    page.fill("#words", "It attacks the author.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/receipts/reports/**")
    expect(page.locator("h1")).to_contain_text("Your report is waiting for a moderator.")


def test_a_letter_has_a_readable_line_height(browser, site):
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(f"{site}/letters/hello")
    ratio = page.evaluate(
        "(s => parseFloat(s.lineHeight) / parseFloat(s.fontSize))(getComputedStyle(document.querySelector('.para p')))"
    )
    assert 1.45 <= ratio <= 1.7
