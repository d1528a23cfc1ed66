"""A letter as a reader sees it: numbers beside lists, comments in reach, quotations, and the form below."""

import pytest
from playwright.sync_api import expect

from commentsite.db.session import transaction
from commentsite.letters.draft import AuthorDraft, LetterDraft, PermissionDraft
from commentsite.letters.queries import get_public_letter
from commentsite.letters.text.queries import list_current_blocks
from tests.support.browser import accessibility_violations, sign_in_browser
from tests.support.factories import mark_published, publish_draft, store_numbered_comment

ENGLISH = """A first paragraph.

- A point of a list
- Another point

A paragraph with a long label. {no=Recommendation 12}

See https://example.org/a_b and [the record](https://example.org/record).
"""
ARABIC = """هذه هي الفقرة الأولى من الرسالة.

- نقطة أولى
- نقطة ثانية

> اقتباس قصير من رسالة سابقة
"""


def publish_text(app, slug, text, language):
    draft = LetterDraft(
        title="A letter",
        slug=slug,
        source_text=text,
        language=language,
        authors=(AuthorDraft("Ana Author", "CIV"),),
        permission=PermissionDraft(given_by="Ana Author"),
        editors_note="ملاحظة قصيرة" if language == "ar" else "",
    )
    with app.app_context(), transaction():
        publish_draft(draft)


def publish_comment(app, slug, position=0):
    with app.app_context():
        pids = [b.pid for b in list_current_blocks(get_public_letter(slug)) if b.pid]
        comment = store_numbered_comment(
            app, position + 1, slug, paragraphs=(pids[position],), kind="paragraph"
        )
        mark_published(comment.id)


@pytest.mark.parametrize(("text", "language"), [(ENGLISH, "en"), (ARABIC, "ar")])
def test_the_number_of_a_list_stands_above_it_on_a_phone(browser, site_app, site, text, language):
    publish_text(site_app, "lists", text, language)
    page = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
    page.goto(f"{site}/letters/lists")
    number = page.locator(".para:has(> ul) > .para-n q").bounding_box()
    first = page.locator(".para > ul > li").first.bounding_box()
    assert number["y"] + number["height"] <= first["y"] + 1


@pytest.mark.parametrize("width", [360, 768, 1024])
def test_a_long_number_stands_in_its_paragraph(browser, site_app, site, width):
    publish_text(site_app, "labels", ENGLISH, "en")
    page = browser.new_context(viewport={"width": width, "height": 740}).new_page()
    page.goto(f"{site}/letters/labels")
    label = page.get_by_text("Recommendation 12", exact=True).first.bounding_box()
    text = page.locator(".para > p").first.bounding_box()
    assert label["x"] >= text["x"] - 3


def test_the_comments_of_a_paragraph_come_into_the_window_and_close_by_mouse(
    browser, site_app, site
):
    publish_comment(site_app, "hello")
    page = browser.new_context(
        viewport={"width": 1280, "height": 740}, reduced_motion="reduce"
    ).new_page()
    page.goto(f"{site}/letters/hello")
    count = page.locator("a.para-count").first
    count.evaluate("e => scrollTo(0, e.getBoundingClientRect().bottom + scrollY - innerHeight + 8)")
    count.click()
    panel = page.locator(".para-comments")
    expect(panel).to_be_in_viewport(ratio=0.5)
    panel.get_by_role("button", name="Close").click(timeout=3000)
    expect(panel).to_have_count(0)


def test_an_arabic_letter_keeps_english_words_in_order_and_quotes_upright(browser, site_app, site):
    publish_text(site_app, "risala", ARABIC, "ar")
    publish_comment(site_app, "risala")
    page = browser.new_context(viewport={"width": 1280, "height": 740}).new_page()
    page.goto(f"{site}/letters/risala")
    style = "e => getComputedStyle(e).fontStyle"
    assert page.locator(".prose blockquote").evaluate(style) == "normal"
    page.locator("a.para-count").first.click()
    direction = "e => getComputedStyle(e).direction"
    assert page.locator(".note b").evaluate(direction) == "ltr"
    assert page.locator(".dates").evaluate(direction) == "ltr"
    page.goto(f"{site}/ar/letters/risala")
    assert page.locator(".note b").evaluate(direction) == "rtl"
    for name in (".note", "#about-h", "#comments-h", "#leave-h", "#comments .comment-head"):
        # Every part begins on the side where the letter begins.
        side = "e => Math.abs(e.getBoundingClientRect().right - document.querySelector('#title').getBoundingClientRect().right)"
        assert page.locator(f"main {name}").first.evaluate(side) < 60, name


def test_the_form_says_which_paragraphs_a_comment_is_about(browser, site_app, site):
    publish_text(site_app, "lists", ENGLISH, "en")
    page = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
    page.goto(f"{site}/letters/lists")
    expect(page.locator("a.para-ask").nth(2)).to_be_visible()  # without a touch before
    for number in (2, 0):
        page.locator("a.para-ask").nth(number).press("Enter")
    lines = page.locator("[aria-live=polite] .asking")
    expect(lines).to_have_text(
        [
            "On paragraph [1]: “A first paragraph.”",
            "On paragraph Recommendation 12: “A paragraph with a long label.”",
        ]
    )
    page.locator("input[name=paragraphs]").first.uncheck(force=True)
    expect(lines).to_have_count(1)
    page.fill("#body", "About no paragraph after all.")
    page.click("text=Not on a paragraph")
    expect(lines).to_have_count(0)
    expect(page.locator("#body")).to_have_value("About no paragraph after all.")
    assert page.locator("input[name=kind]:checked").get_attribute("value") == "general"


def test_links_to_a_letter_a_paragraph_and_a_comment_are_copied(browser, site_app, site):
    publish_comment(site_app, "hello")
    context = browser.new_context(
        viewport={"width": 1280, "height": 740}, permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    page.goto(f"{site}/letters/hello")
    pid = page.locator(".para").first.get_attribute("id")
    for name, address in (
        (".jump .copy", "/letters/hello"),
        (".para .copy", f"/letters/hello#{pid}"),
        (".comment-foot .copy", "/letters/hello/comments/1"),
    ):
        page.locator(name).first.press("Enter")
        expect(page.get_by_role("status").filter(has_text="Link copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == site + address
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(f"{site}/letters/hello")
    expect(plain.locator(".copy").first).to_be_hidden()
    line = "e => getComputedStyle(e).textDecorationLine"
    assert plain.locator(".comment-foot a").first.evaluate(line) == "underline"


def test_nothing_moves_while_a_page_loads(browser, site_app, site):
    publish_comment(site_app, "hello")
    page = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
    page.add_init_script(
        "globalThis.shifts = []; new PerformanceObserver((list) => shifts.push(...list.getEntries().map((e) => e.value)))"
        ".observe({ type: 'layout-shift', buffered: true })"
    )
    for address in ("/letters/hello", "/", "/letters/hello?group=CIV#comments"):
        page.goto(site + address)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
        assert page.evaluate("shifts.reduce((sum, value) => sum + value, 0)") == 0, address


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_on_pages_for_reading(browser, site_app, site, scheme):
    for position in (0, 1):
        publish_comment(site_app, "hello", position)
    publish_text(site_app, "risala", ARABIC, "ar")
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": 360, "height": 740}, bypass_csp=True
    )
    page = context.new_page()
    for address in (
        "/", "/letters/", "/letters/hello?group=CIV&sort=answered", "/letters/hello/versions/1",
        "/letters/hello/changes/1/1?only=changes", "/letters/risala", "/documents/",
    ):  # fmt: skip
        page.goto(site + address)
        assert accessibility_violations(page, only=None) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_the_buttons_of_a_decision_leave_room_for_the_case_on_a_phone(browser, site_app, site):
    with site_app.app_context():
        store_numbered_comment(site_app, 1)
    page = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
    sign_in_browser(page, site)
    page.goto(f"{site}/desk/moderation/1")
    buttons = page.locator(".verdict-bar")
    expect(buttons).to_be_in_viewport(ratio=1)
    assert buttons.bounding_box()["height"] <= 130
    page.get_by_role("button", name="Refuse").click()
    expect(page.locator("#reason")).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("the author reads this", exact=True)).to_be_visible()


def test_an_error_at_the_desk_is_read_first(browser, site):
    page = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
    sign_in_browser(page, site, "steward@staff.example")
    page.goto(f"{site}/desk/allowances/")
    page.fill("#network", "nonsense")
    page.locator("main .actions button").click()
    expect(page.locator(".summary")).to_be_focused()
    expect(page.locator(".summary")).to_be_in_viewport()
