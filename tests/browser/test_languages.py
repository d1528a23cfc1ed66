"""People who read no English: they read, comment, confirm and follow; a moderator and an editor work a day."""

import re

import pytest
from playwright.sync_api import expect

from commentsite.accounts.models import User
from commentsite.db.session import session, transaction
from commentsite.worker import tasks
from tests.support.browser import accessibility_violations, follow, sign_in_browser, type_comment
from tests.support.factories import (
    PASSWORD,
    mark_published,
    publish_sample_letter,
    store_comment,
)
from tests.support.smtp import find_confirmation_link

#: Of each language: the heading of the form, and a word of the state on the receipt.
WORDS = {
    "ar": ("ترك تعليق", "انتظار"),
    "es": ("Dejar un comentario", "espera"),
    "fr": ("Laisser un commentaire", "attente"),
    "ru": ("Оставить комментарий", "ожидает"),
    "zh": ("发表评论", "等待"),
}
TEXTS = {
    "ar": "لا أوافق على الفقرة الثانية، وأطلب طباعة الموقفين جنبًا إلى جنب.",
    "es": "No estoy de acuerdo con el segundo párrafo.",
    "fr": "Je ne suis pas d’accord avec le deuxième paragraphe.",
    "ru": "Я не согласен со вторым абзацем.",
    "zh": "我不同意第二段，请并列两种立场。",
}


@pytest.mark.parametrize(
    ("language", "width"), [("ar", 360), ("es", 1280), ("fr", 360), ("ru", 360), ("zh", 1280)]
)
def test_a_reader_comments_confirms_and_follows_in_their_language(
    browser, site_app, site, language, width
):
    form, state = WORDS[language]
    page = browser.new_context(
        bypass_csp=True, viewport={"width": width, "height": 800}, locale="pt-BR"
    ).new_page()
    page.goto(f"{site}/letters/hello")
    page.locator(f"nav.languages a[lang={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("#leave h2")).to_have_text(form)
    assert accessibility_violations(page) == []
    type_comment(page, TEXTS[language])
    page.locator("#leave form button[type=submit]").first.click()
    page.wait_for_url(f"**/{language}/receipts/**")
    expect(page.locator("h1")).to_contain_text(state)
    expect(page.locator(".comment-text")).to_contain_text(TEXTS[language][:20])
    assert accessibility_violations(page) == []
    assert not re.search(r"\b(the|your|comment is)\b", page.inner_text("main"))
    page.goto(f"{site}/{language}{find_confirmation_link(site_app)}")
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert browser.contexts[-1].cookies() == []


def set_language(app, email, language):
    with app.app_context(), transaction():
        session().query(User).filter_by(email=email).one().language = language


@pytest.mark.parametrize("width", [360, 1280])
def test_a_member_of_staff_signs_in_in_arabic(browser, site_app, site, width):
    page = browser.new_context(bypass_csp=True, viewport={"width": width, "height": 800}).new_page()
    page.goto(f"{site}/account/login")
    page.locator("nav.languages a[lang=ar]").click()
    page.wait_for_url("**/ar/account/login")
    # The foot of each page in Arabic leads here.
    page.locator(".site-foot >> text=تسجيل دخول فريق الموقع").click()
    page.wait_for_url("**/ar/account/login")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    # The cookie is that of the form. The language is in none.
    assert [cookie["name"] for cookie in browser.contexts[-1].cookies()] == ["desk"]
    assert accessibility_violations(page) == []
    email = page.get_by_label("عنوان البريد الإلكتروني")
    # An address runs from left to right, below a label that stands on the right.
    assert email.evaluate("field => getComputedStyle(field).direction") == "ltr"
    label = page.locator("label[for=email]").bounding_box()
    field = email.bounding_box()
    assert abs(label["x"] + label["width"] - field["x"] - field["width"]) < 2
    email.fill("mod@staff.example")
    page.get_by_label("كلمة المرور").fill("a-wrong-password")
    follow(page, "main button[type=submit]")
    expect(page.get_by_role("alert")).to_contain_text("كلمة المرور")
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    assert accessibility_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    follow(page, "main a[href$='/account/reset']")
    page.wait_for_url("**/ar/account/reset")
    page.get_by_label("عنوان البريد الإلكتروني").fill("mod@staff.example")
    follow(page, "main button[type=submit]")
    expect(page.locator("main [role=status]")).to_contain_text("mod@staff.example")
    assert not re.search(r"\b(the|your|email)\b", page.inner_text("main").replace("mod@staff", ""))
    page.goto(f"{site}/ar/account/login")
    page.get_by_label("عنوان البريد الإلكتروني").fill("mod@staff.example")
    page.get_by_label("كلمة المرور").fill(PASSWORD)
    follow(page, "main button[type=submit]")
    page.wait_for_url("**/desk/")


def test_an_arabic_moderator_decides_from_right_to_left(browser, site_app, site):
    reader = browser.new_page()
    reader.goto(f"{site}/ar/letters/hello")
    type_comment(reader, TEXTS["ar"])
    reader.locator("#leave form button[type=submit]").first.click()
    reader.wait_for_url("**/receipts/**")
    set_language(site_app, "mod@staff.example", "ar")
    page = browser.new_context(bypass_csp=True, viewport={"width": 1280, "height": 800}).new_page()
    sign_in_browser(page, site)
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.goto(f"{site}/desk/moderation/")
    page.click(".rows >> text=Ada Reader")
    text = page.locator(".comment-text")
    expect(text).to_contain_text("لا أوافق")
    # The list of cases stands on the right of the case.
    assert page.locator(".rows").bounding_box()["x"] > text.bounding_box()["x"]
    assert accessibility_violations(page) == []
    page.keyboard.press("a")
    page.click("form.decide button[value=publish]")
    page.wait_for_load_state()
    reader.reload()
    expect(reader.locator("h1")).to_contain_text("منشور")
    reader.goto(f"{site}/ar/letters/hello")
    comment = reader.locator("#comments .comment-text")
    expect(comment).to_contain_text("لا أوافق")
    assert comment.evaluate("e => getComputedStyle(e).direction") == "rtl"


def test_a_chinese_editor_publishes_a_letter(browser, site_app, site):
    set_language(site_app, "steward@staff.example", "zh")
    page = browser.new_context(bypass_csp=True, viewport={"width": 1366, "height": 768}).new_page()
    sign_in_browser(page, site, "steward@staff.example")
    page.goto(f"{site}/desk/letters/new")
    page.fill("#title", "致工作组的信")
    page.fill("#author-1", "李华")
    page.select_option("#author-group-1", "CIV")
    page.fill("#date_written", "2026-10-09")
    page.select_option("#language", "zh")
    page.fill("#text", "两种立场不能并列印出。我们要求把它们并列印出。")
    assert accessibility_violations(page) == []
    page.click("text=保存草稿")
    page.wait_for_url("**/edit")
    page.click("nav.tabs >> text=许可")
    page.fill("#given_by", "李华")
    follow(page, "button:has-text('记录许可')")
    follow(page, "nav.tabs >> text=发布")
    assert accessibility_violations(page) == []
    page.click("button:has-text('立即发布')")
    page.wait_for_load_state()
    tasks.run_pass(site_app)
    address = re.search(r"/desk/letters/([^/]+)/", page.url)[1]
    reader = browser.new_page()
    reader.goto(f"{site}/zh/letters/{address}")
    expect(reader.locator("h1")).to_have_text("致工作组的信")
    assert reader.locator("article").get_attribute("lang") == "zh"


def find_fonts(page, address: str) -> dict[str, int]:
    """Open a page in a browser without a cache. Return the bytes of each font that it loads."""
    found = {}
    page.on(
        "response",
        lambda answer: (
            found.update({answer.url.rpartition("/")[2]: len(answer.body())})
            if answer.url.endswith(".woff2")
            else None
        ),
    )
    page.goto(address)
    page.evaluate("document.fonts.ready")
    page.wait_for_load_state("networkidle")
    return found


@pytest.mark.parametrize("address", ["/ar/letters/ahlan", "/letters/ahlan", "/ar/letters/hello"])
def test_english_words_in_italics_cost_an_arabic_page_no_third_font(
    browser, site_app, site, address
):
    body = "> A quotation in a comment.\n\nWe ask when *yet* will be."
    with site_app.app_context():
        publish_sample_letter("ahlan", title="مرحبا", language="ar")
        for slug in ("ahlan", "hello"):
            mark_published(store_comment(site_app, slug, body=body, language="en").comment.id)
    page = browser.new_context(viewport={"width": 360, "height": 800}).new_page()
    fonts = find_fonts(page, f"{site}{address}")
    assert sorted(name.partition("-wght")[0] for name in fonts) == [
        "noto-naskh-arabic-core",
        "source-serif-4-latin",
    ]
    assert sum(fonts.values()) < 100_000
    # The stressed word is slanted, and the quotation is upright as those in Arabic are.
    styles = "e => getComputedStyle(e).fontStyle"
    assert page.locator(".comment-text em").evaluate(styles) == "italic"
    assert page.locator(".comment-text blockquote").evaluate(styles) == "normal"


def test_an_english_page_has_real_italics(browser, site_app, site):
    with site_app.app_context():
        mark_published(store_comment(site_app, body="When *yet* will be.").comment.id)
    page = browser.new_context(viewport={"width": 360, "height": 800}).new_page()
    assert "source-serif-4-latin-wght-italic.woff2" in find_fonts(page, f"{site}/letters/hello")
