"""The comment under decision can be read: its first six lines stand above the decision bar."""

import pytest
from playwright.sync_api import expect

from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.comments.models import Comment
from commentsite.comments.reports.services import report_comment
from commentsite.db.session import session, transaction
from commentsite.letters.queries import get_public_letter
from commentsite.letters.text.queries import list_current_blocks
from commentsite.moderation.models import PreparedNote
from commentsite.site.queries import get_current_rulebook
from tests.support.browser import sign_in_browser
from tests.support.factories import (
    comment_states,
    mark_published,
    record_decision,
    store_numbered_comment,
    store_numbered_comments,
)

SCREENS = [(1366, 768), (1280, 720), (360, 640)]
LONG = " ".join(
    f"This is sentence {n} of a comment that needs more than six lines." for n in range(30)
)
PARAGRAPHS = "\n\n".join(f"Paragraph {n} of this comment says a little." for n in range(12))
#: Where the first lines of the comment end, and between which heights a person can read.
MEASURE = """() => {
  const range = document.createRange();
  range.selectNodeContents(document.querySelector('#case .comment-text'));
  const lines = [...range.getClientRects()].filter(box => box.width > 1);
  const bottoms = [...new Set(lines.map(box => Math.round(box.bottom)))].sort((a, b) => a - b);
  const bar = document.querySelector('form.decide').getBoundingClientRect();
  const buttons = [...document.querySelectorAll('form.decide button')].filter(one => one.offsetWidth);
  const ends = buttons.map(button => button.getBoundingClientRect().bottom);
  const pane = document.querySelector('#case').getBoundingClientRect();
  return {
    first: Math.min(...lines.map(box => box.top)), sixth: bottoms[Math.min(5, bottoms.length - 1)],
    from: Math.max(0, pane.top), to: Math.min(innerHeight, bar.top), bar: bar.height,
    end: Math.max(...ends), heights: buttons.map(button => button.offsetHeight),
    sideways: document.documentElement.scrollWidth - innerWidth,
  };
}"""


def assert_readable(page):
    page.wait_for_load_state()
    found = page.evaluate(MEASURE)
    assert found["from"] <= found["first"], found
    assert found["sixth"] <= found["to"], found
    assert found["bar"] <= 64, found
    assert min(found["heights"]) >= 44, found
    assert found["end"] <= page.viewport_size["height"], found
    assert found["sideways"] <= 0, found


@pytest.fixture
def cases(site_app):
    """Store a long comment, a held one, a reply about two paragraphs, a short one and a reported one."""
    with site_app.app_context():
        reported = store_numbered_comment(site_app, 1, body=LONG, organisation="Open Networks")
        mark_published(reported.id)
        with transaction():
            for words in ("It attacks the author and not the letter. " * 6, "It repeats itself."):
                report_comment(
                    session().get(Comment, reported.id), "R2", words, by=READER,
                    rulebook=get_current_rulebook(),
                )  # fmt: skip
        store_numbered_comment(site_app, 2, body=LONG + " First.")
        links = " ".join(f"https://example{n}.org/a-page-with-a-long-address" for n in range(9))
        store_numbered_comment(site_app, 3, body=f"{LONG} {links}")
        blocks = list_current_blocks(get_public_letter("hello"))
        pids = tuple(block.pid for block in blocks if block.label)[:2]
        store_numbered_comment(
            site_app, 4, body=PARAGRAPHS, parent_id=reported.id, kind="paragraph", paragraphs=pids,
            stance="support_with_changes", capacity="on_behalf_of", name="Nurzhan Adeleke-Whittington",
            organisation="The Association of Small and Medium Operators of the Northern Regions",
        )  # fmt: skip
        store_numbered_comment(site_app, 5, body="A short one.")
    return site_app


@pytest.mark.parametrize("screen", SCREENS)
def test_the_first_lines_are_in_view_on_load_after_a_decision_and_after_a_conflict(
    page, site, cases, screen
):
    page.set_viewport_size({"width": screen[0], "height": screen[1]})
    sign_in_browser(page, site)
    for number in range(1, 6):
        page.goto(f"{site}/desk/moderation/{number}")
        assert_readable(page)
    page.goto(f"{site}/desk/moderation/2")
    for _name in ("long", "held"):
        page.locator(".verdict-bar button[value=publish]").click()
        expect(page.locator(".undo")).to_contain_text("Published: ")
        assert_readable(page)
    with cases.app_context():
        record_decision(cases, 4, "spam", by=SYSTEM)
    page.locator(".verdict-bar button[value=publish]").click()
    expect(page.locator(".undo.overtaken")).to_contain_text("marked this comment as spam at")
    expect(page.locator("#case-h")).to_contain_text("Name 5")
    assert_readable(page)


def test_ten_comments_are_approved_with_ten_keys_and_each_can_be_read(page, site, site_app):
    store_numbered_comments(site_app, 10)
    page.set_viewport_size({"width": 1366, "height": 768})
    sign_in_browser(page, site)
    page.goto(f"{site}/desk/moderation/")
    for number in range(10):
        expect(page.locator("#case .comment-text")).to_contain_text(
            f"Thought number {number} about"
        )
        assert_readable(page)
        page.keyboard.press("p")
        expect(page.locator(".undo")).to_contain_text(f"Published: Reader {number}")
    expect(page.locator("#cases-h")).to_have_text("Nothing waits for a moderator")
    assert comment_states(site_app) == ["published"] * 10


def test_the_key_of_a_refusal_opens_fields_that_a_prepared_note_fills(page, site, site_app):
    store_numbered_comments(site_app, 1)
    with site_app.app_context(), transaction():
        session().add(
            PreparedNote(title="Advertising", text="Send it without the link.", rule="R5")
        )
    page.set_viewport_size({"width": 1366, "height": 768})
    sign_in_browser(page, site)
    page.goto(f"{site}/desk/moderation/")
    page.keyboard.press("f")
    expect(page.locator("#reason")).to_be_focused()
    expect(page.locator(".decide .wrong:visible")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".verdict-bar [value=refuse]")).to_be_focused()
    page.keyboard.press("f")
    page.locator("[data-confirm][value=refuse]").click()
    expect(page.locator("#reason-wrong")).to_be_visible()
    expect(page.locator("#reason")).to_be_focused()
    page.select_option("#prepared_note", label="Advertising")
    expect(page.locator("#note")).to_have_value("Send it without the link.")
    expect(page.locator("#reason")).to_have_value("R5")
    page.locator("#facts").fill("It sells a router.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".undo")).to_contain_text("Refused: Reader 0")
    assert comment_states(site_app) == ["refused"]
