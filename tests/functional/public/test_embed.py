"""Comments inside the pages of other sites, as the site serves them."""

import re
import time
from unittest import mock
from urllib.parse import quote

import pytest

from commentsite.letters.embedding import services as embedding_services
from tests.support.clients import fetch_page, form_fields, post_form, publish, submit_for_receipt
from tests.support.pages import visible_text

BLOG = "https://blog.example"
PAGE = f"{BLOG}/2026/a-post"


@pytest.fixture
def blog(steward):
    """A site that may show comments, also on its own pages."""
    answer = post_form(steward, "/desk/embed/", origin=BLOG, has_pages="1")
    assert answer.status_code == 303
    return steward


def policy_of(answer):
    return answer.headers["Content-Security-Policy"]


def fill_page_form(client, url=PAGE, **changes):
    earlier = time.time() - 30
    with mock.patch.object(time, "time", return_value=earlier), client.application.app_context():
        page = client.post(f"/embed/pages/comments/preview?url={quote(url)}", data={}).text
    return form_fields(page, **changes)


def submit_to_page(client, url=PAGE, **changes):
    fields = fill_page_form(client, url, **changes)
    return client.post(f"/embed/pages/comments?url={quote(url)}", data=fields)


def test_only_named_sites_may_show_comments_and_nothing_else_of_the_site(client, blog):
    embedded = client.get("/embed/letters/hello")
    assert f"frame-ancestors 'self' {BLOG}" in policy_of(embedded)
    assert "X-Frame-Options" not in embedded.headers
    assert "Set-Cookie" not in embedded.headers
    for address in ("/letters/hello", "/", "/desk/", "/account/login"):
        answer = client.get(address)
        assert "frame-ancestors 'none'" in policy_of(answer)
        assert answer.headers["X-Frame-Options"] == "DENY"
    post_form(blog, "/desk/embed/remove", page="/desk/embed/", origin=BLOG)
    answer = client.get("/embed/letters/hello")
    assert "frame-ancestors 'none'" in policy_of(answer)
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_the_embedded_page_has_the_comments_and_the_form_but_not_the_letter(
    client, blog, moderator
):
    submit_for_receipt(client)
    publish(moderator)
    page = fetch_page(client, "/embed/letters/hello")
    words = visible_text(page)
    assert "I read it twice" in words
    assert "Leave a comment" in words
    assert "The first paragraph says" not in page.replace("data-words", "").split("<details")[0]
    assert 'href="/letters/hello/comments/1"' in page
    answer = client.get("/embed/letters/hello")
    again = client.get("/embed/letters/hello", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_comment_sent_from_a_frame_gets_a_receipt_that_opens_outside(client, blog):
    fields = form_fields(fetch_page(client, "/embed/letters/hello"))
    early = client.post("/embed/letters/hello/comments", data=fields)
    assert early.status_code == 422  # faster than a person can type
    assert "I read it twice" in early.text
    assert 'action="/embed/letters/hello/comments#leave"' in early.text
    with mock.patch.object(time, "time", return_value=time.time() + 30):
        answer = client.post("/embed/letters/hello/comments", data=fields)
    assert answer.status_code == 303
    sent = client.get(answer.headers["Location"])
    assert f"frame-ancestors 'self' {BLOG}" in policy_of(sent)
    assert sent.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in sent.headers["Cache-Control"]
    receipt = re.search(r'value="http://127.0.0.1:8000(/receipts/[^"]+)"', sent.text)[1]
    assert "frame-ancestors 'none'" in policy_of(client.get(receipt))
    assert "I read it twice" in fetch_page(client, receipt)


def test_a_form_from_the_page_around_the_frame_is_refused(client, blog):
    fields = form_fields(fetch_page(client, "/embed/letters/hello"))
    answer = client.post("/embed/letters/hello/comments", data=fields, headers={"Origin": BLOG})
    assert answer.status_code == 403
    assert "I read it twice" in answer.text


def test_a_withdrawn_and_an_unknown_letter_answer_as_their_pages_do(client, blog):
    assert client.get("/embed/letters/nothing").status_code == 404
    address = "/desk/letters/hello/publish"
    post_form(blog, f"{address}/withdraw", page=address, reason="Asked for.")
    assert client.get("/embed/letters/hello").status_code == 410


def test_a_page_elsewhere_has_comments_from_its_first_one_on(client, blog):
    before = fetch_page(blog, "/desk/embed/")
    assert "No page of another site has comments." in before
    for _ in range(3):
        assert "No comments yet" in fetch_page(client, f"/embed/pages?url={PAGE}&lang=fr")
    assert "No page of another site has comments." in fetch_page(blog, "/desk/embed/")

    assert submit_to_page(client).status_code == 303
    assert "blog.example/2026/a-post" in visible_text(fetch_page(blog, "/desk/embed/"))
    publish(blog)
    for variant in (
        PAGE,
        f"{PAGE}?utm_source=mail",
        f"{PAGE}#end",
        "https://BLOG.example:443/2026/a-post",
    ):
        assert "I read it twice" in fetch_page(client, f"/embed/pages?url={quote(variant)}"), (
            variant
        )
    assert "No comments yet" in fetch_page(client, f"/embed/pages?url={BLOG}/other")
    answer = submit_to_page(client, body="A second one.", email="bo@example.org")
    assert answer.status_code == 303
    assert "Back to the comments" in fetch_page(client, answer.headers["Location"])

    searches = ("/search?q=blog", "/search?q=twice", "/search?q=twice&kind=comments")
    for address in ("/", "/letters/", "/feed.atom", "/sitemaps/1.xml", *searches):
        assert "a-post" not in client.get(address).text, address
    assert "a-post" not in fetch_page(client, "/letters/hello")
    embedded = fetch_page(client, f"/embed/pages?url={quote(PAGE)}&sort=answered")
    assert "I read it twice" in embedded
    assert "Most answered first" in embedded
    outside = re.search(r'href="(/letters/page-[^"#]+)#comments"', embedded)[1]
    assert "I read it twice" in fetch_page(client, outside)


def test_a_page_of_a_site_that_is_not_named_takes_no_comments(client, steward):
    assert client.get(f"/embed/pages?url={PAGE}").status_code == 404
    post_form(steward, "/desk/embed/", origin=BLOG)
    assert client.get(f"/embed/pages?url={PAGE}").status_code == 404
    assert client.post(f"/embed/pages/comments?url={PAGE}", data={}).status_code == 404
    assert client.get("/embed/pages").status_code == 404
    assert client.get("/embed/pages?url=javascript:alert(1)").status_code == 404


@pytest.mark.parametrize("limit", ["MAX_NEW_PAGES_PER_HOUR", "MAX_PAGES"])
def test_nobody_can_make_pages_without_limit(client, blog, monkeypatch, limit):
    monkeypatch.setattr(embedding_services, limit, 1)
    assert submit_to_page(client, f"{BLOG}/1").status_code == 303
    refused = submit_to_page(client, f"{BLOG}/2", body="Words that must stay.")
    assert refused.status_code == 409
    assert "Words that must stay." in refused.text
    assert submit_to_page(client, f"{BLOG}/1", body="On the page that is there.").status_code == 303


def test_the_script_is_small_and_may_be_loaded_by_any_site(client):
    answer = client.get("/embed.js")
    assert len(answer.data) < 5000
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.mimetype == "text/javascript"


def test_the_desk_gives_the_lines_with_a_link_for_readers_without_javascript(blog):
    page = fetch_page(blog, "/desk/embed/?letter=hello")
    assert "data-letter=&#34;hello&#34;" in page
    assert "&lt;noscript&gt;&lt;a href=&#34;http://127.0.0.1:8000/letters/hello#comments" in page
    wrong = post_form(blog, "/desk/embed/", origin="blog.example/path", has_pages="1")
    assert wrong.status_code == 422
    assert 'value="blog.example/path"' in wrong.text
