"""A comment is sent, followed and decided, and a letter published, by keyboard and accessibility tree alone."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from commentsite.db.session import transaction
from commentsite.letters.draft import AuthorDraft, LetterDraft, PermissionDraft
from commentsite.letters.importing.services import import_letter
from tests.support.accessibility import KeyboardWalk
from tests.support.factories import PASSWORD, SYSTEM, store_numbered_comments

STEWARD = "steward@staff.example"
FORM = [
    "textbox Your comment",
    "textbox Name",
    "checkbox This is a pseudonym (shown beside the name)",
    "textbox Email address",
    "combobox Stakeholder group (required)",
    "radio may be quoted by group",
    "DisclosureTriangle More about you (optional)",
    "DisclosureTriangle What is it about? (optional)",
    "checkbox Email me about replies (we will ask you to confirm your address)",
    "checkbox Save my draft in this browser (not on a shared computer)",
    "button Send for moderation",
]


@pytest.fixture
def walk(page):
    return KeyboardWalk(page)


def sign_in_by_keyboard(walk, site):
    walk.page.goto(f"{site}/account/login")
    walk.type("textbox Email address", STEWARD)
    walk.type("textbox Password", PASSWORD)
    walk.page.keyboard.press("Enter")
    walk.page.wait_for_url("**/desk/**")


def test_a_comment_is_sent_and_followed_on_its_receipt(walk, page, site):
    page.goto(f"{site}/letters/hello")
    walk.press("link Skip to main content")
    walk.tab_to(FORM[0])
    page.keyboard.type("Heard, and answered by keyboard.")
    assert [*walk.tab_to("button Preview"), "button Preview"] == [*FORM[1:], "button Preview"]
    page.wait_for_timeout(2300)  # a form sent within two seconds is taken for a robot's
    walk.press("button Send for moderation", back=True)

    # The summary of the mistakes has the focus. Its links lead to the fields, which say what is wrong.
    expect(page.get_by_role("alert")).to_be_focused()
    assert walk.focus() == "alert There are 3 problems. Correct them, then send the comment."
    walk.press("link Enter a name. It may be a pseudonym.")
    for field, text in (
        ("textbox Name", "Ada Reader"),
        ("textbox Email address", "ada@example.org"),
        ("combobox Stakeholder group (required)", "civil"),
    ):
        if walk.focus() != field:
            walk.tab_to(field)
        about = walk.read_focus()
        assert about["invalid"] == "true", field
        assert about["description"], field
        page.keyboard.type(text)
    walk.press("button Send for moderation")

    page.wait_for_url("**/receipts/**")
    expect(page.locator("main")).to_match_aria_snapshot("""
      - heading /Your comment is waiting for a moderator/ [level=1]
      - region "Keep the address of this page":
        - textbox "Address of this page"
        - button "Copy"
      - region "Your comment as it will be published":
        - article "Your comment":
          - heading "Ada Reader" [level=3]
          - paragraph: civil society
      - region "Status of your comment":
        - list:
          - listitem: /Sent/
          - listitem: Waiting for a moderator
    """)
    walk.press("button Withdraw")
    expect(page.get_by_role("heading", level=1)).to_have_text("You withdrew your comment.")
    walk.press("button Undo")
    expect(page.get_by_role("status")).to_have_text("The withdrawal is undone.")


def test_a_comment_is_decided_and_published(walk, page, site, site_app):
    store_numbered_comments(site_app, 2)
    sign_in_by_keyboard(walk, site)
    walk.press("link Moderation")
    page.wait_for_url("**/desk/moderation/**")
    expect(page.get_by_role("main")).to_match_aria_snapshot("""
      - navigation "Views"
      - region "2 wait for a moderator":
        - heading "2 wait for a moderator" [level=1]
        - list:
          - listitem:
            - checkbox "Select the comment by Reader 0"
            - link /Reader 0/
      - region "Reader 0":
        - heading "Reader 0" [level=2]
        - form "Decision":
          - group "Decision":
            - button "Publish"
            - button "Return"
            - button "Refuse"
            - button "Spam"
    """)
    walk.press("link Skip to the content")
    walk.press("button Refuse")
    assert walk.focus() == "combobox Rule"
    page.keyboard.press("Escape")
    assert walk.focus() == "button Refuse"
    walk.press("button Publish", back=True)
    # The next case has the focus of the page, and begins with the news about the last.
    expect(page.get_by_role("region", name="Reader 1")).to_match_aria_snapshot("""
      - status: /Published. Reader 0/
      - heading "Reader 1" [level=2]
    """)
    page.goto(f"{site}/letters/hello")
    expect(page.get_by_role("region", name="1 comment")).to_match_aria_snapshot("""
      - heading "1 comment" [level=2]
      - list:
        - listitem:
          - article "Comment by Reader 0, civil society":
            - heading "Reader 0" [level=3]
            - paragraph: Thought number 0 about this letter.
            - paragraph:
              - 'button "Copy link: Reader 0"'
              - 'link "Reply: Reader 0"'
              - 'link "Report: Reader 0"'
    """)


def test_a_letter_is_published(walk, page, site, site_app):
    draft = LetterDraft(
        title="By keyboard",
        source_text="It is short, and it says why.",
        language="en",
        authors=(AuthorDraft("Ada Delegate", "CIV"),),
        date_written=date(2026, 10, 9),
        permission=PermissionDraft(given_by="Ada Delegate"),
    )
    with site_app.app_context(), transaction():
        import_letter(draft, by=SYSTEM)
    sign_in_by_keyboard(walk, site)
    walk.press("link Letters")
    expect(page).to_have_title(re.compile(r"Letters – desk – .+"))
    walk.press("link By keyboard")
    expect(page).to_have_title(re.compile(r"Text – By keyboard – desk – .+"))
    walk.press("link Publication")
    expect(page).to_have_title(re.compile(r"Publication – By keyboard – desk – .+"))
    walk.press("button Publish now")
    expect(page.get_by_role("status")).to_have_text("The letter is published.")
    walk.press("link View the public page")
    expect(page.get_by_role("main")).to_match_aria_snapshot("""
      - article "By keyboard":
        - heading "By keyboard" [level=1]
        - link "Paragraph 1"
        - paragraph: It is short, and it says why.
    """)
