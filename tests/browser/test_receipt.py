"""The receipt on a phone, and commenting on a paragraph, with and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import accessibility_violations, follow, type_comment

PHONE = {"width": 360, "height": 780}


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(browser, request):
    context = browser.new_context(viewport=PHONE, java_script_enabled=request.param)
    yield context.new_page()
    context.close()


def send_comment(page, site):
    page.goto(f"{site}/letters/hello")
    type_comment(page)
    page.click("text=Send for moderation")
    page.wait_for_url("**/receipts/**")


def test_a_comment_is_withdrawn_brought_back_and_deleted(page, site):
    send_comment(page, site)
    expect(page.locator("#addr")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.click("button:has-text('Withdraw')")
    expect(page.locator("h1")).to_have_text("You withdrew your comment.")
    expect(page.get_by_text("You can undo this until")).to_be_in_viewport()
    page.click("button:has-text('Undo')")
    expect(page.get_by_role("status")).to_have_text("The withdrawal is undone.")
    expect(page.locator("h1")).to_contain_text("is waiting for a moderator")
    page.click("button:has-text('Delete')")
    expect(page.locator("h1")).to_have_text("Delete this comment for good?")
    page.click("text=Keep it")
    expect(page.locator("h1")).to_contain_text("is waiting for a moderator")
    page.click("button:has-text('Delete')")
    page.click("text=Delete for good")
    expect(page.locator(".state")).to_have_text("Deleted")


def test_a_comment_on_a_paragraph_says_so_from_the_form_to_the_receipt(page, site):
    page.goto(f"{site}/letters/hello")
    page.locator("a.para-ask").nth(1).press("Enter")
    line = page.locator(".asking")
    expect(line).to_be_in_viewport()
    expect(line).to_contain_text("On paragraph 2: “")
    type_comment(page)
    page.click("button:has-text('Preview')")
    expect(page).to_have_title(re.compile("^Preview of your comment: Hello"))
    expect(page.locator(".preview")).to_contain_text("on paragraph 2")
    expect(page.locator(".preview")).to_be_in_viewport()
    page.click("text=Not on a paragraph")
    expect(page.locator(".asking")).to_have_count(0)
    expect(page.locator("#body")).to_have_value("A comment typed in a browser.")
    page.wait_for_timeout(2300)  # the form is new
    page.press("#name", "Enter")  # sends the comment, whatever buttons stand before the name
    page.wait_for_url("**/receipts/**")
    expect(page.locator(".as-shown")).not_to_contain_text("on paragraph")


def test_the_button_copies_the_address_of_the_receipt(browser, site):
    context = browser.new_context(viewport=PHONE)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    send_comment(page, site)
    button = page.get_by_role("button", name="Copy")
    expect(button).to_be_in_viewport(ratio=1)
    button.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.input_value("#addr")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_around_a_receipt(browser, site, scheme):
    page = browser.new_context(color_scheme=scheme, bypass_csp=True, viewport=PHONE).new_page()
    send_comment(page, site)
    receipt = page.url.partition("#")[0]
    addresses = (receipt, f"{receipt}/delete", f"{site}/search?q=hello", f"{site}/search?q=none")
    for address in addresses:
        page.goto(address)
        assert accessibility_violations(page, only=None) == [], address
    page.goto(receipt)
    follow(page, "button:has-text('Withdraw')")
    assert accessibility_violations(page, only=None) == []
