"""A commenter appeals against a refusal without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import accessibility_violations, sign_in_browser, type_comment
from tests.support.factories import add_staff_member

WHY = "I quote a public register, and paragraph two is about nothing else."


def send_and_refuse(context, site):
    page = context.new_page()
    page.goto(f"{site}/letters/hello")
    type_comment(page)
    page.get_by_role("button", name="Send for moderation").click()
    page.wait_for_url("**/receipts/*")
    receipt = page.url.partition("#")[0]  # with it, going there again would load nothing
    desk = context.new_page()
    sign_in_browser(desk, site, "mod@staff.example")
    desk.goto(f"{site}/desk/moderation/1")
    desk.get_by_role("button", name="Refuse").click()
    expect(desk.locator("#reason")).to_be_focused()  # the fields are open, and nothing is wrong yet
    expect(desk.locator(".decide .wrong:visible")).to_have_count(0)
    desk.get_by_role("button", name="Refuse").click()
    expect(desk.locator("#reason-wrong")).to_be_visible()
    desk.locator("#reason").select_option("R4")
    desk.locator("#facts").fill("It names a private person.")
    desk.get_by_role("button", name="Refuse").click()
    desk.get_by_text("Nothing waits").wait_for()
    return page, receipt


@pytest.mark.parametrize("width", [360, 1280])
def test_an_appeal_from_refusal_to_overturned(browser, site_app, site, width):
    add_staff_member(site_app, email="second@staff.example", name="Selma Second")
    size = {"width": width, "height": 900}
    context = browser.new_context(java_script_enabled=False, viewport=size)
    page, receipt = send_and_refuse(context, site)
    page.goto(receipt)
    page.get_by_label("Why the decision is wrong").fill(WHY)
    page.get_by_role("button", name="Send appeal").click()
    expect(page.get_by_text("Waiting for review")).to_be_visible()
    other = browser.new_context(java_script_enabled=False, viewport=size)
    desk = other.new_page()
    sign_in_browser(desk, site, "second@staff.example")
    desk.goto(f"{site}/desk/appeals/")
    desk.get_by_role("link", name="Ada Reader").click()
    expect(desk.get_by_text(WHY)).to_be_visible()
    desk.get_by_label("Overturn").check()
    desk.get_by_role("button", name="Decide the appeal").click()
    expect(desk.get_by_role("alert")).to_be_visible()  # reasons are needed
    assert desk.get_by_label("Overturn").is_checked()
    desk.get_by_label("Reasons for the ruling").fill("The register is public.")
    desk.get_by_role("button", name="Decide the appeal").click()
    expect(desk.get_by_text("The appeal is decided.")).to_be_visible()
    page.goto(receipt)
    expect(page.get_by_text("Your comment is published.").first).to_be_visible()
    expect(page.get_by_text("The register is public.")).to_be_visible()
    page.goto(f"{site}/letters/hello")
    expect(page.locator("#comment-1")).to_be_visible()
    context.close()
    other.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(browser, site_app, site, scheme):
    add_staff_member(site_app, email="second@staff.example", name="Selma Second")
    context = browser.new_context(
        bypass_csp=True, color_scheme=scheme, viewport={"width": 360, "height": 800}
    )
    page, receipt = send_and_refuse(context, site)
    page.goto(receipt)
    page.get_by_label("Why the decision is wrong").fill(WHY)
    assert not accessibility_violations(page)
    page.get_by_role("button", name="Send appeal").click()
    expect(page.get_by_text("Waiting for review")).to_be_visible()
    assert not accessibility_violations(page)
    other = browser.new_context(
        bypass_csp=True, color_scheme=scheme, viewport={"width": 360, "height": 800}
    )
    desk = other.new_page()
    sign_in_browser(desk, site, "second@staff.example")
    for address in ("/desk/appeals/", "/desk/appeals/1"):
        desk.goto(f"{site}{address}")
        assert not accessibility_violations(desk)
        wide = desk.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, address
    context.close()
    other.close()
