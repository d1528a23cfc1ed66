"""A moderator decides fifty comments by keyboard."""

import re

from playwright.sync_api import expect

from commentsite.comments.models import Comment
from commentsite.db.session import session
from tests.support.factories import PASSWORD, store_numbered_comments

#: What becomes of the fifty, in the order in which they come: a key each.
SITTING = ("p" * 6 + "s" + "f" + "r" + "p") * 5


def wait_for_queue(page, left):
    words = "Nothing waits" if not left else "1 waits" if left == 1 else f"{left} wait"
    expect(page.locator("#cases-h")).to_have_text(re.compile(rf"\s*{words}"))
    page.wait_for_load_state()  # a key pressed while the next page loads is a key lost


def test_fifty_comments_are_cleared_without_a_mouse(page, site, site_app):
    store_numbered_comments(site_app, 50)
    page.goto(f"{site}/account/login")
    page.locator("#email").focus()
    page.keyboard.type("mod@staff.example")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/**")
    page.goto(f"{site}/desk/moderation/")
    wait_for_queue(page, 50)
    page.keyboard.press("?")
    expect(page.locator("dialog.keys-help")).to_be_visible()
    page.keyboard.press("Escape")

    for done, key in enumerate(SITTING, 1):
        page.keyboard.press(key)
        if key in "fr":  # these rest on a rule: the key leads to it, letters choose it
            expect(page.locator("#reason")).to_be_focused()
            page.keyboard.type("Rule 5")
            page.keyboard.press("Tab")
            page.keyboard.type("It is not about this letter.")
            page.keyboard.press("Control+Enter")
        wait_for_queue(page, 50 - done)
        if done == 7:  # the spam was none: undo, and do it again
            page.keyboard.press("z")
            wait_for_queue(page, 44)
            page.keyboard.press(key)
            wait_for_queue(page, 43)

    with site_app.app_context():
        states = [str(c.state) for c in session().query(Comment)]
    expected = {"published": SITTING.count("p"), "spam": 5, "refused": 5, "returned": 5}
    assert {state: states.count(state) for state in set(states)} == expected
