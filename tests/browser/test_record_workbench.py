"""Editors write a record of positions in a browser: by keyboard, by dragging, while others write too."""

import pytest
from playwright.sync_api import expect

from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.models import Comment
from commentsite.db.session import session, transaction
from commentsite.summaries.models import PositionComment
from commentsite.summaries.positions import services
from tests.support.browser import accessibility_violations, sign_in_browser
from tests.support.factories import mark_published, store_numbered_comment


@pytest.fixture
def workbench(site_app, site):
    """The address of a record with one question, two positions and three comments."""
    with site_app.app_context():
        for number in (1, 2, 3):
            body = f"Both texts belong in the report. This is comment number {number}."
            store_numbered_comment(site_app, number, body=body)
            mark_published(number)
            with transaction():
                session().get(Comment, number).quote_as = "name"
        with transaction():
            services.create_summary("hello", by=SYSTEM)
            services.add_question("hello", "Which texts belong in the report?", [], by=SYSTEM)
            services.add_position("hello", 1, "Both texts", "One two three.", by=SYSTEM)
            services.add_position("hello", 1, "One text", "One two three.", by=SYSTEM)
    return f"{site}/desk/letters/hello/positions"


def open_workbench(browser, site, address):
    page = browser.new_context(bypass_csp=True).new_page()
    sign_in_browser(page, site, "steward@staff.example")
    page.goto(address)
    return page


def test_comments_come_to_positions_by_keyboard_and_by_dragging(browser, site_app, site, workbench):
    page = open_workbench(browser, site, workbench)
    expect(page.locator("[data-unused]")).to_have_text("3 not yet used")
    page.keyboard.press("j")
    expect(page.locator("#comment-1")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("2")
    expect(page.locator("#evidence-2")).to_contain_text("It rests on 1 comment.")
    expect(page.locator("#comment-2")).to_be_focused()
    expect(page.locator("#comment-2")).to_contain_text("B. One text")
    page.drag_and_drop("#comment-3 header", "#position-1 h4")
    expect(page.locator("#evidence-1")).to_contain_text("It rests on 1 comment")
    expect(page.locator("[data-unused]")).to_have_text("1 not yet used")
    page.locator("#comment-1 .comment-text p").dblclick(position={"x": 8, "y": 8})
    page.keyboard.press("1")
    expect(page.locator("#evidence-1 blockquote")).to_have_text("Both")
    assert accessibility_violations(page, only=None) == []
    with site_app.app_context():
        rows = session().query(PositionComment).order_by(PositionComment.comment_id)
        assert [(row.comment_id, row.position_id, row.quotation) for row in rows] == [
            (1, 1, "Both"), (2, 2, ""), (3, 1, ""),
        ]  # fmt: skip


def test_texts_are_saved_while_two_editors_type_and_both_stay(browser, site, workbench):
    first, second = (open_workbench(browser, site, workbench) for _ in range(2))
    first.fill("#body-of-1", "One two three four five six.")
    expect(first.locator(".verdict")).to_contain_text("Not balanced: the shortest has 50%")
    expect(first.locator("#position-1 .saved")).to_contain_text("Saved")
    second.fill("#body-of-1", "Words of the second editor.")
    conflict = second.locator("#conflict-1 .conflict")
    expect(conflict).to_contain_text("Nothing is lost")
    second.fill("#body-of-1", "Words of the second editor, and more.")
    expect(conflict.get_by_label("Text").nth(0)).to_have_value(
        "Words of the second editor, and more."
    )
    expect(conflict.get_by_label("Text").nth(1)).to_have_value("One two three four five six.")
    assert accessibility_violations(second, only=None) == []
    conflict.get_by_role("button", name="Keep mine").click()
    expect(second.locator("main")).to_contain_text("Saved. Readers see it")
    expect(second.locator("#body-of-1")).to_have_value("Words of the second editor, and more.")
    first.goto(workbench)
    first.fill("#limits", "Few people commented.")
    first.keyboard.press("Control+A")
    first.click("text=Save the order")  # another form takes the typed text along
    expect(first.locator("#limits")).to_have_value("Few people commented.")
