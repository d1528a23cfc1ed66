"""Two moderators of different groups open the same case."""

import pytest
from flask_security import hash_password
from playwright.sync_api import expect

from commentsite.accounts.permissions import SYSTEM, RoleName
from commentsite.accounts.services import add_staff
from commentsite.comments.models import Comment
from commentsite.db.session import session, transaction
from commentsite.letters.publication.comment_settings import set_moderation_mode
from tests.support.browser import follow
from tests.support.factories import PASSWORD, store_numbered_comments


@pytest.fixture
def across_groups(site_app):
    with site_app.app_context():
        hashed = hash_password(PASSWORD)
        with transaction():
            add_staff(
                by=SYSTEM, email="gov@staff.example", name="Gova Second", role=RoleName.MODERATOR,
                password_hash=hashed, group="GOV",
            )  # fmt: skip
            set_moderation_mode("hello", "cross_group", by=SYSTEM)
    store_numbered_comments(site_app, 1)
    return site_app


def open_first_case(browser, site, email, **screen):
    page = browser.new_context(**screen).new_page()
    page.goto(f"{site}/account/login")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/**")
    page.goto(f"{site}/desk/moderation/1")
    return page


@pytest.mark.parametrize("script", [True, False])
def test_two_of_different_groups_decide_together(browser, site, across_groups, script):
    screen = {"java_script_enabled": script}
    one = open_first_case(browser, site, "mod@staff.example", **screen)
    other = open_first_case(browser, site, "gov@staff.example", **screen)

    if script:  # whoever begins is seen
        with one.expect_response(lambda answer: "/claim" in answer.url):
            one.locator(".verdict-bar button[value=refuse]").focus()
    else:
        follow(one, "button:has-text('Assign to me')")
    other.reload()
    expect(other.locator(".claim-said")).to_contain_text("Mona Moderator has been reviewing this")
    other.get_by_role("button", name="Assign to me instead").click()
    expect(other.locator(".claim-said")).to_contain_text("You are reviewing this")

    one.locator(".verdict-bar button[value=refuse]").click()
    one.select_option("form.decide [name=reason]", "R5")
    one.fill("form.decide [name=facts]", "It is about something else.")
    one.locator("[data-confirm][value=refuse]").click()
    expect(one.locator(".undo")).to_contain_text(
        "your vote is saved. Another moderator must vote next."
    )

    # The other decides on what was shown before, and reads first what has been said.
    other.reload()
    expect(other.locator("#case")).to_contain_text(
        "A second moderator, from another group, must vote."
    )
    other.get_by_text("Show the votes so far").click()
    expect(other.locator(".vote")).to_contain_text("It is about something else.")
    other.get_by_role("button", name="Agree with Mona Moderator").click()
    expect(other.locator(".undo")).to_contain_text("Refused: Reader 0")
    with across_groups.app_context():
        assert [str(c.state) for c in session().query(Comment)] == ["refused"]

    # The first, who still looks at the old page, is told what became of it.
    one.goto(f"{site}/desk/moderation/1")
    expect(one.locator("#case")).to_contain_text("The reasons, as the author reads them")
