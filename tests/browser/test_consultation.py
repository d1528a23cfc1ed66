"""A whole consultation in a browser without JavaScript: two positions, a refusal, "no report", a correction."""

import re

import pytest
from playwright.sync_api import expect

from commentsite.comments.models import Comment, CommentTarget
from commentsite.db.session import session, transaction
from commentsite.letters.models import Block
from commentsite.notifications.models import Message
from tests.support.browser import sign_in_browser
from tests.support.factories import mark_published, store_numbered_comment
from tests.support.smtp import read_mail, text_of

GROUPS = ("GOV", "BUS", "CIV", "TEC", "ACA", "IGO")
DESK = "/desk/letters/hello/positions"
FAIR = (
    "The group keeps both texts side by side, with the same space for each, and with their authors."
)
OTHER = (
    "The group keeps a single text, with the notes of those who disagree, and with their reasons."
)
REFUSAL = "It leaves out that we asked for a vote."
CORRECTION = "The record should say that the second text came from eleven people."


@pytest.fixture
def consultation(site_app, site):
    """Sixty published comments by people of six groups, who support or oppose the second paragraph."""
    with site_app.app_context():
        pid = session().query(Block.pid).filter_by(number=2).scalar()
        for number in range(1, 61):
            store_numbered_comment(
                site_app, number, stakeholder_group=GROUPS[number % 6], kind="paragraph",
                stance="support" if number % 6 < 3 else "oppose",
                body=f"Both texts belong in the report, says person number {number}.",
                paragraphs=(pid,), quote_as=("name", "group", "count")[number % 3],
            )  # fmt: skip
            mark_published(number)
        with transaction():
            session().query(Message).delete()  # about the comments
            for target in session().query(CommentTarget):
                comment = session().get(Comment, target.comment_id)
                target.stance = comment.stance
    return site


def save_text(page, name, text):
    page.fill(f"#{name}", text)
    page.locator(f"#text-{name}").get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("Saved. Readers see it")


def write_record(page, site):
    page.goto(f"{site}{DESK}")
    page.get_by_role("button", name="Begin the record").click()
    page.fill("#question", "How does the report treat two texts?")
    page.get_by_role("button", name="Add the question").click()
    for title in ("Both texts", "One text with notes"):
        if not page.locator("#title-1").is_visible():
            page.locator("summary", has_text="Add a position").click()
        page.fill("#title-1", title)
        page.get_by_role("button", name="Add the position").click()
    for number, text in ((1, FAIR), (2, OTHER)):
        page.fill(f"#body-of-{number}", text)
        page.locator(f"#position-{number} form.autosave").get_by_role("button", name="Save").click()
        expect(page.locator("main")).to_contain_text("Saved. Readers see it")
        page.locator(f"#holder-{number} summary").click()
        page.select_option(f"#holder-{number}-kind", "organisation")
        page.select_option(f"#holder-{number}-group", GROUPS[number])
        page.fill(f"#holder-{number}-name", f"Holder {number}")
        page.locator(f"#holder-{number}").get_by_role("button", name="Add the holder").click()
    page.locator("#outcome").get_by_label("no report", exact=True).check()
    page.get_by_role("button", name="Save the outcome").click()
    save_text(page, "overview", "Sixty people of six groups wrote. They did not agree.")
    save_text(page, "limits", "People chose themselves whether to comment.")


def ask_holders(app, page, site):
    """Ask both holders, and return the private addresses of the two."""
    links = []
    for number in (1, 2):
        page.goto(f"{site}{DESK}/holders")
        page.fill(f"#email-{number}", f"holder{number}@example.org")
        page.locator(f"#holder-{number}").get_by_role("button", name="Ask by email").click()
        expect(page.locator("main")).to_contain_text("The holder is asked by email.")
        mail = text_of(read_mail(app, f"holder{number}@example.org")[-1])
        links.append(re.search(r"http://\S+/positions/\S+", mail)[0])
    return links


def publish(page, site, change=""):
    page.goto(f"{site}{DESK}/publication")
    if change:
        page.fill("#change_note", change)
    page.get_by_role("button", name="Publish version").click()
    expect(page.locator("main")).to_contain_text("of the record is published.")


def test_a_consultation_ends_with_an_honest_record_and_a_correction(
    browser, site_app, site, consultation
):
    editor, reader = (browser.new_context(java_script_enabled=False).new_page() for _ in range(2))
    sign_in_browser(editor, site, "steward@staff.example")
    write_record(editor, site)
    agreed, refused = ask_holders(site_app, editor, site)
    reader.goto(agreed)
    reader.get_by_label("Yes, it states my position fairly").check()
    reader.get_by_role("button", name="Send answer").click()
    expect(reader.locator(".notice.good")).to_have_text("Your answer is saved.")
    reader.goto(refused)
    reader.get_by_label("No, it does not").check()
    reader.fill("#note", REFUSAL)
    reader.get_by_role("button", name="Send answer").click()
    expect(reader.locator(".state.stop")).to_contain_text("that the text is not fair")
    editor.goto(f"{site}/desk/letters/hello/objections")
    editor.get_by_role("button", name="Record as an objection").first.click()
    expect(editor.locator(".objections").first).to_contain_text("Objection, open")
    publish(editor, site)
    reader.goto(f"{site}/letters/hello/summary")
    record = reader.locator("main")
    for words in ("no report", FAIR, OTHER, REFUSAL, "Holder 1", "Holder 2", "Objection"):
        expect(record).to_contain_text(words, ignore_case=True)
    expect(record).not_to_contain_text("person number 2.")  # who asked only to be counted
    reader.get_by_role("link", name="Ask for a correction").last.click()
    reader.fill("#body", CORRECTION)
    reader.fill("#name", "Ines Inquirer")
    reader.fill("#email", "ines@example.org")
    reader.select_option("#stakeholder_group", "ACA")
    reader.wait_for_timeout(2300)  # a form sent within two seconds is taken for a robot's
    reader.get_by_role("button", name="Send request").click()
    expect(reader.locator("#sent")).to_contain_text("Your request is sent.")
    editor.goto(f"{site}{DESK}/inquiries")
    editor.get_by_role("button", name="Publish", exact=False).first.click()
    expect(editor.locator("main")).to_contain_text("The inquiry is public.")
    editor.goto(f"{site}{DESK}")
    save_text(editor, "overview", "Sixty people of six groups wrote. Eleven wrote the second text.")
    publish(editor, site, "It says how many people wrote the second text.")
    editor.goto(f"{site}{DESK}/inquiries")
    editor.get_by_label("The record was changed.", exact=True).check()
    editor.fill("#answer-1", "You are right. Version 2 says so.")
    editor.get_by_role("button", name="Publish the answer").click()
    expect(editor.locator("main")).to_contain_text("The answer is public.")
    reader.goto(f"{site}/letters/hello/summary")
    for words in (CORRECTION, "The record was changed.", "You are right. Version 2 says so."):
        expect(record).to_contain_text(words)
    reader.get_by_role("link", name="Version 2 has the correction").click()
    expect(record).to_contain_text("Eleven wrote the second text.")
    reader.goto(f"{site}/letters/hello/summary/changes/1/2")
    expect(reader.locator("ins", has_text="Eleven").first).to_be_visible()
