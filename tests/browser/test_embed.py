"""Comments inside a page of another site, in a browser that blocks third-party cookies."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import transaction
from commentsite.site.embed_origins import set_embed_origin
from tests.support.browser import accessibility_violations, follow, type_comment
from tests.support.factories import mark_published, store_comment

HOST_PAGE = """<!doctype html><html lang="{lang}" dir="{dir}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>A blog</title></head>
<body><main><h1>A post</h1><a id="before" href="#x">before</a>
<script src="{site}/embed.js" {data} async></script>
<noscript><a href="{site}/letters/hello#comments">Comments</a></noscript>
<p><a id="after" href="#y">after</a></p></main></body></html>"""


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        pass


@pytest.fixture
def host(tmp_path, site_app):
    """A function that writes a page of another site and returns its address. Its origin is named in the settings."""
    folder = tmp_path / "blog"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    origin = f"http://localhost:{server.server_port}"  # another site than 127.0.0.1
    with site_app.app_context(), transaction():
        set_embed_origin(origin, has_pages=True, by=SYSTEM)

    def write(data='data-letter="hello"', lang="en", direction="ltr"):
        page = HOST_PAGE.format(site=site_app.config["AT"], data=data, lang=lang, dir=direction)
        (folder / "index.html").write_text(page, encoding="utf-8")
        return f"{origin}/"

    yield write
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture(scope="module")
def strict_browser(browser_type, whole_browser_launch_args):
    """A browser that blocks third-party cookies."""
    arguments = [*whole_browser_launch_args["args"], "--test-third-party-cookie-phaseout"]
    launched = browser_type.launch(**{**whole_browser_launch_args, "args": arguments})
    yield launched
    launched.close()


def open_frame(page, address):
    page.goto(address)
    frame = page.frame_locator("iframe")
    expect(frame.locator("#comments-h")).to_be_visible()
    return frame


def wait_for_full_height(page):
    """Wait until the frame is as high as its content, so that nothing scrolls inside it."""
    inner = next(frame for frame in page.frames if "/embed/" in frame.url or "/sent" in frame.url)
    fits = (
        "Math.abs(document.body.getBoundingClientRect().height - innerHeight) <= 2"
        " && document.documentElement.scrollHeight <= innerHeight + 2"
    )
    for _attempt in range(200):  # wait_for_function would need eval, which the frame forbids
        if inner.evaluate(fits):
            return
        page.wait_for_timeout(50)
    raise AssertionError(fits)


@pytest.mark.parametrize("data", ['data-letter="hello"', 'data-url=""'])
def test_a_comment_is_sent_from_another_site_without_cookies(strict_browser, host, data):
    context = strict_browser.new_context()
    page = context.new_page()
    frame = open_frame(page, host(data))
    assert page.locator("iframe").get_attribute("title") == "Comments"
    wait_for_full_height(page)
    type_comment(frame.locator(":root").page.frames[1])
    frame.get_by_text("Preview", exact=True).click()
    expect(frame.locator(".preview")).to_contain_text("A comment typed in a browser.")
    frame.get_by_text("Send for moderation").click()
    expect(frame.locator("h1")).to_have_text("Your comment was sent")
    wait_for_full_height(page)
    assert frame.get_by_label("Keep its address").input_value().startswith("http://127.0.0.1:")
    with context.expect_page() as opened:
        frame.get_by_text("Open your private page").click()
    expect(opened.value.locator("h1")).to_contain_text("waiting for a moderator")
    assert page.url.startswith("http://localhost:")
    assert context.cookies() == []


def test_the_keyboard_passes_through_the_frame(strict_browser, host):
    page = strict_browser.new_page()
    frame = open_frame(page, host())
    page.focus("#before")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "IFRAME"
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "after":
            break
    assert page.evaluate("document.activeElement.id") == "after"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.tagName") == "IFRAME"
    # A mistake takes the focus to the summary, which comes into view.
    frame.locator("#body").fill("Words that must stay.")
    frame.get_by_text("Send for moderation").click()
    expect(frame.locator(".summary")).to_be_focused()
    expect(frame.locator(".summary")).to_be_in_viewport()
    assert frame.locator("#body").input_value() == "Words that must stay."


def test_a_reply_stays_in_the_frame_and_other_links_leave_it(strict_browser, host, site_app):
    with site_app.app_context():
        store_comment(site_app)
        mark_published(1)
    context = strict_browser.new_context()
    page = context.new_page()
    frame = open_frame(page, host())
    frame.locator("a.reply").click()
    expect(frame.locator(".replying-name")).to_have_text("Ada")
    expect(frame.locator("#body")).to_be_focused()
    with context.expect_page() as opened:
        frame.locator(".comment-foot a").first.click()
    opened.value.wait_for_url("**/letters/hello**")


def test_messages_of_other_pages_are_ignored_and_other_sites_see_no_frame(
    strict_browser, host, site
):
    page = strict_browser.new_page()
    address = host()
    open_frame(page, address)
    wait_for_full_height(page)
    height = page.locator("iframe").bounding_box()["height"]
    page.evaluate("postMessage({type: 'commentsite:height', height: 7}, '*')")
    page.evaluate("new Promise((done) => setTimeout(done))")
    assert page.locator("iframe").bounding_box()["height"] == height

    page.goto(address.replace("localhost", "127.0.0.1"))  # another origin, which no setting names
    refused = page.locator("iframe")
    expect(refused).to_be_attached()
    page.wait_for_load_state("networkidle")
    assert not any("Comments on" in frame.title() for frame in page.frames[1:])

    # The frame answers no page that its settings do not name, so it says nothing about its content.
    page.goto(f"{site}/embed/letters/hello")
    heard = page.evaluate(
        """new Promise((done) => {
            addEventListener("message", (event) => {
                if (event.data.type !== "commentsite:hello") done("answered");
            });
            postMessage({type: "commentsite:hello"}, "*");
            requestAnimationFrame(() => requestAnimationFrame(() => done("silent")));
        })"""
    )
    assert heard == "silent"


@pytest.mark.parametrize(
    ("scheme", "width", "direction"),
    [("light", 1280, "ltr"), ("dark", 360, "ltr"), ("light", 360, "rtl")],
)
def test_the_frame_is_readable_on_every_screen(strict_browser, host, scheme, width, direction):
    context = strict_browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 740}, bypass_csp=True
    )
    page = context.new_page()
    lang = "ar" if direction == "rtl" else "en"
    open_frame(page, host('data-url="/post"', lang, direction))
    wait_for_full_height(page)
    inner = page.frames[1]
    assert inner.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert inner.evaluate("document.documentElement.dir") == direction
    assert accessibility_violations(page) == []


def test_readers_without_javascript_get_a_link(browser, host, site):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(host())
    follow(page, "noscript a, a:has-text('Comments')")
    assert page.url == f"{site}/letters/hello#comments"
