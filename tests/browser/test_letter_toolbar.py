"""An editor writes with the toolbar, by keyboard, and sees whether the text is saved, in a browser."""

import base64
import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import accessibility_violations, sign_in_browser
from tests.support.clients import sign_in
from tests.support.letter_editing import import_file
from tests.support.pictures import make_picture

EDIT = "/desk/letters/hello/edit"
SAVED = re.compile(r"^\s*Saved \d")
PASTE = """([selector, html]) => {
  const transfer = new DataTransfer();
  transfer.setData("text/html", html);
  transfer.setData("text/plain", "plain");
  document.querySelector(selector).dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
}"""
DROP = """(source) => {
  const bytes = Uint8Array.from(atob(source), (character) => character.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "chart.png", { type: "image/png" }));
  document.querySelector("#source_text").dispatchEvent(
    new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def page(browser, site):
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    sign_in_browser(page, site, "steward@staff.example")
    return page


def word_html() -> str:
    """Return a letter as a word processor puts it on the clipboard, with a described picture."""
    source = base64.b64encode(make_picture((80, 60))).decode()
    return (
        "<html><body><!--StartFragment--><h1>The minutes nobody kept</h1>"
        "<p class=MsoNormal>We met for <b>two days</b> in October, and on the second evening the "
        "recorder was switched off by the secretariat.</p>"
        f"<p class=MsoNormal><img src='data:image/png;base64,{source}' alt='An empty room'></p>"
        "<p class=MsoNormal>I ask that the two positions be printed side by side, as both wished.</p>"
        "<!--EndFragment--></body></html>"
    )


def test_a_pasted_letter_with_a_picture_is_public_after_seven_actions(page, site):
    page.goto(f"{site}/desk/letters/new")
    page.evaluate(PASTE, ["#text", word_html()])  # 1
    expect(page.locator("#title")).to_have_value("The minutes nobody kept")
    page.fill("#author-1", "Ada Delegate")  # 2
    page.fill("#date_written", "2026-10-09")  # 3
    page.click("text=Save draft")  # 4
    page.click("nav.tabs >> text=Permission")  # 5
    page.click("text=Record permission")  # 6
    page.click("button:has-text('Publish now')")  # 7
    page.click("text=View the public page")  # 8
    expect(page.get_by_role("img", name="An empty room")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Ada Delegate")
    assert page.inner_text(".prose strong") == "two days"


def test_the_toolbar_works_by_keyboard(page, site):
    page.goto(site + EDIT)
    text = page.locator("#source_text")
    assert text.bounding_box()["y"] < 450, "visible without scrolling"
    text.fill("one two\n")
    text.evaluate("field => field.setSelectionRange(4, 7)")
    text.press("Control+b")
    expect(text).to_have_value("one **two**\n")
    page.locator("#title").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-md-button=italic]")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(text).to_be_focused()
    expect(text).to_have_value("one two\n")
    page.click("[data-md-button=undo]")
    expect(text).to_have_value("one **two**\n")
    page.keyboard.press("Control+End")
    page.click("[data-md-button=table]")
    page.fill("#table-columns", "2")
    page.fill("#table-rows", "1")
    page.check("#table-numbers")
    page.keyboard.press("Enter")
    expect(text).to_be_focused()
    expect(text).to_have_value(
        "one **two**\n\n| Column 1 | Column 2 |\n| --- | ---: |\n|   |   |\n"
    )
    text.evaluate("field => field.setSelectionRange(11, 11)")
    page.click("[data-md-button=footnote]")
    page.fill("#footnote-text", "From the minutes.")
    page.click("text=Insert footnote")
    expect(text).to_have_value(
        re.compile(r"^one \*\*two\*\*\[\^1\]\n.*\n\[\^1\]: From the minutes.\n$", re.DOTALL)
    )
    expect(page.locator("#preview table .align-right").first).to_be_visible()
    expect(page.locator("#preview .footnotes")).to_contain_text("From the minutes.")
    page.click("[data-md-button=preview]")
    expect(page.locator("#preview")).to_be_hidden()


def test_a_dropped_picture_asks_for_its_description(page, site):
    page.goto(site + EDIT)
    source = base64.b64encode(make_picture((80, 60))).decode()
    page.evaluate(DROP, source)
    expect(page.locator("#picture-description")).to_be_focused()
    page.keyboard.type("A chart")
    page.keyboard.press("Enter")
    expect(page.locator("#source_text")).to_have_value(re.compile(r"!\[A chart\]\(media:"))


def test_the_page_says_whether_the_text_is_saved_and_tries_again(page, site):
    page.goto(site + EDIT)
    status = page.locator("form[data-editor] .saved")
    page.route(f"**{EDIT}", lambda route: route.abort())
    page.fill("#source_text", "Dear all\n\nTyped in a train without a connection.\n")
    expect(status).to_contain_text("Not saved: no connection to the site.")
    page.unroute(f"**{EDIT}")
    page.click("text=Try again")
    expect(status).to_have_text(SAVED)
    page.reload()
    assert "Typed in a train" in page.input_value("#source_text")


def test_rows_of_authors_are_added_and_removed_in_place(page, site):
    page.goto(f"{site}/desk/letters/new")
    page.fill("#author-1", "Ada")
    page.click("text=Add another author")
    expect(page.locator("#author-2")).to_be_focused()
    page.fill("#author-2", "Ben")
    page.locator(".author-row").first.get_by_role("button").click()
    expect(page.locator("#author-1")).to_have_value("Ben")
    expect(page.locator(".author-row")).to_have_count(1)


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_every_page_about_a_letter_is_accessible(browser, site, site_app, width, scheme):
    import_file(sign_in(site_app, "steward@staff.example"))
    context = browser.new_context(
        bypass_csp=True, viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    page = context.new_page()
    sign_in_browser(page, site, "steward@staff.example")
    for address in (
        "new", "a-record/edit", "a-record/record", "a-record/permission", "a-record/publish",
        "a-record/delete", "hello/publish", "hello/publish/withdraw",
    ):  # fmt: skip
        page.goto(f"{site}/desk/letters/{address}")
        assert accessibility_violations(page, only=None) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
