"""Comment threads with and without JavaScript, by keyboard, on narrow screens, and right to left."""

import pytest
from playwright.sync_api import expect

from commentsite.comments.emails.mailbox import make_confirmation_code
from commentsite.db.session import transaction
from commentsite.letters.draft import AuthorDraft, LetterDraft, PermissionDraft
from commentsite.letters.queries import get_public_letter
from commentsite.letters.text.queries import list_current_blocks
from tests.support.browser import accessibility_violations, follow, sign_in_browser, type_comment
from tests.support.factories import mark_published, publish_draft, store_comment

TEXT = (
    "We ask that both positions stand side by side in the report, since neither was agreed, and since "
    "those who were not in the room must be able to see what was said there and by whom."
)
ARABIC = "عزيزي القارئ\n\nهذه هي الفقرة الأولى من الرسالة.\n\nوهذه هي الفقرة الثانية منها.\n"


def store_published_comment(app, slug="hello", **typed):
    """Store a comment as if a moderator had published it; return its number."""
    usual = {
        "name": "Ada Reader", "email": f"a{len(str(typed))}@example.org", "body": TEXT,
        "network_address": None,
    }  # fmt: skip
    with app.app_context():
        number = store_comment(app, slug, **usual | typed).comment.id
        mark_published(number)
        return number


def paragraph_ids_of(app, slug="hello"):
    with app.app_context():
        return [b.pid for b in list_current_blocks(get_public_letter(slug)) if b.pid]


@pytest.fixture
def long_thread(site_app):
    """A letter with a campaign, a long thread and comments on paragraphs; the number of its last answer."""
    first, second = paragraph_ids_of(site_app)[:2]
    top = store_published_comment(
        site_app, paragraphs=(first, second), kind="paragraph", paragraph_stances={second: "oppose"}
    )
    store_published_comment(
        site_app, email="b@example.org", name="Ben Sender", body=TEXT + " Thank you."
    )
    for n in range(9):
        last = store_published_comment(
            site_app, email=f"c{n}@example.org", body=f"Answer {n} to that.", parent_id=top
        )
    return last


@pytest.fixture
def arabic(site_app):
    draft = LetterDraft(
        title="رسالة",
        slug="risala",
        source_text=ARABIC,
        language="ar",
        authors=(AuthorDraft("أمينة", "CIV"),),
        permission=PermissionDraft(given_by="أمينة"),
    )
    with site_app.app_context(), transaction():
        publish_draft(draft)
    first = paragraph_ids_of(site_app, "risala")[0]
    store_published_comment(
        site_app, "risala", body="تعليق على الفقرة الأولى", paragraphs=(first,), kind="paragraph"
    )
    return "/letters/risala"


def test_a_position_for_each_paragraph_by_keyboard_without_javascript(browser, site_app, site):
    page = browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 740}
    ).new_page()
    page.goto(f"{site}/letters/hello#leave")
    type_comment(page)
    page.locator("details.more > summary").nth(1).press("Enter")
    for n in (0, 2):
        page.locator("input[name=paragraphs]").nth(n).press("Space")
    page.locator(".own > summary").press("Enter")
    select = page.locator(f"#stance-{paragraph_ids_of(site_app)[2]}")
    select.focus()
    page.keyboard.type("opp")
    page.click("text=Send for moderation")
    expect(page.locator(".comment-head")).to_contain_text("on paragraphs 1, 3 (opposes)")


def test_a_paragraphs_comments_open_beside_it_and_close_by_key(browser, site, long_thread):
    for width in (360, 1440):
        page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
        page.goto(f"{site}/letters/hello")
        mark = page.locator("a.para-count").first
        mark.press("Enter")
        panel = page.locator(".para-comments")
        panel.wait_for()
        expect(panel).to_contain_text(TEXT)
        box, text = panel.bounding_box(), page.locator(".para > p").first.bounding_box()
        if width == 360:
            assert box["y"] > text["y"] + text["height"] - 1
        else:
            assert box["x"] > text["x"] + text["width"] - 1
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.keyboard.press("Escape")
        expect(panel).to_have_count(0)
        assert page.evaluate("document.activeElement.matches('a.para-count')")


def test_without_javascript_the_comment_count_links_to_the_paragraph_page(
    browser, site, long_thread
):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site}/letters/hello")
    page.locator("a.para-count").first.click()
    page.wait_for_url("**/paragraphs/**")
    expect(page.locator("main")).to_contain_text(TEXT)


@pytest.mark.parametrize("script", [True, False])
def test_folded_replies_open_on_click_and_by_permalink(browser, site, long_thread, script):
    page = browser.new_context(java_script_enabled=script).new_page()
    page.goto(f"{site}/letters/hello")
    answer = page.locator(f"#comment-{long_thread}")
    assert not answer.is_visible()
    page.click("text=9 replies")
    expect(answer).to_be_visible()
    page.goto("about:blank")
    page.goto(f"{site}/letters/hello/comments/{long_thread}")
    expect(answer).to_be_visible()


def test_a_campaign_text_links_to_all_its_senders(browser, site, long_thread):
    page = browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 740}
    ).new_page()
    page.goto(f"{site}/letters/hello")
    page.click("text=1 more person sent this text")
    expect(page.locator("main")).to_contain_text("Ben Sender")
    expect(page.locator("ins")).to_contain_text("Thank you")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [360, 1280])
def test_a_right_to_left_letter(browser, site, arabic, width):
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{site}/ar{arabic}")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    words = page.locator(".comment-text").first
    assert words.evaluate("e => getComputedStyle(e).direction") == "rtl"
    page.locator("a.para-count").first.click()
    page.locator(".para-comments").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert accessibility_violations(page) == []


def test_a_receipt_works_without_javascript(browser, site):
    page = browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 740}
    ).new_page()
    page.goto(f"{site}/letters/hello")
    type_comment(page)
    page.click("text=Send for moderation")
    page.fill("#body", "Other words, a minute later.")
    page.click("text=Send edited comment")
    expect(page.locator("article.as-shown")).to_contain_text("Other words, a minute later.")
    expect(page.get_by_role("status")).to_have_text("Your edited comment is sent.")
    copy = page.request.get(page.url.partition("?")[0] + "/data.json").json()
    assert copy["email"] == "ada@example.org"
    page.get_by_role("button", name="Withdraw", exact=True).click()
    expect(page.locator("h1")).to_contain_text("You withdrew your comment.")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator("h1")).to_contain_text("Your comment has been deleted.")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_in_threads(browser, site_app, site, long_thread, scheme):
    page = browser.new_context(color_scheme=scheme, bypass_csp=True).new_page()
    page.goto(f"{site}/letters/hello")
    page.locator("a.para-count").first.click()
    page.locator(".para-comments").wait_for()
    page.locator("details.answers > summary").click()
    for summary in page.locator("details.more > summary").all():
        summary.click()
    page.locator("input[name=paragraphs]").first.check(force=True)
    page.locator(".own > summary").click()
    assert accessibility_violations(page) == []
    first = paragraph_ids_of(site_app)[0]
    for address in ("comments/1/same", f"paragraphs/{first}", "comments/1/report"):
        page.goto(f"{site}/letters/hello/{address}")
        assert accessibility_violations(page) == [], address
    sign_in_browser(page, site)
    page.goto(f"{site}/desk/moderation/2")
    page.locator("details.aside > summary").first.click()
    assert accessibility_violations(page) == []


def test_an_address_is_confirmed_and_emails_are_chosen_without_javascript(
    browser, site_app, site, encryption
):
    page = browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 740}
    ).new_page()
    page.goto(f"{site}/letters/hello")
    type_comment(page)
    page.check("text=This is a pseudonym")
    page.click("text=Send for moderation")
    page.wait_for_url("**/receipts/*")
    receipt = page.url.partition("#")[0]
    page.goto(f"{receipt}/confirm/{make_confirmation_code(encryption, receipt.rpartition('/')[2])}")
    expect(page.locator("h1")).to_contain_text("Confirm your email address")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("text=Confirm this address").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".comment-head")).to_contain_text("pseudonym")
    expect(page.locator(".comment-head")).to_contain_text("address confirmed")
    page.check("text=all new comments in its thread")
    page.check("text=once a day, in one email")
    follow(page, "text=Save notification settings")
    assert page.is_checked("input[name=follow][value=thread]")
    assert page.is_checked("input[name=daily][value='1']")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
