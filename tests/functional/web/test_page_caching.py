"""Keys, limits and clearing of the caches of public pages."""

from datetime import timedelta

import pytest
from flask import url_for

from commentsite import clock
from commentsite.web.caching.fragments import Fragment, cached_fragment
from commentsite.web.caching.store import (
    BoundedCache,
    MemoryStore,
    Page,
    TwoLevelStore,
    app_singleton,
    clear_caches,
)
from commentsite.web.http.metrics_registry import PAGES
from commentsite.web.public.letters.comment_view import CommentAddresses

HELLO = "/letters/hello"


def counted(how):
    return PAGES.labels(how)._value.get()


def page(size=10):
    return Page(b"x" * size, {"Content-Type": "text/html"})


def test_a_page_is_rendered_again_the_next_day(client):
    client.get(HELLO)
    rendered, cached = counted("drawn"), counted("kept")
    client.get(HELLO)
    assert (counted("drawn"), counted("kept")) == (rendered, cached + 1)
    with clock.freeze_at(clock.now() + timedelta(days=1)):
        client.get(HELLO)
    assert (counted("drawn"), counted("kept")) == (rendered + 1, cached + 1)


def test_a_page_that_is_not_found_is_not_cached(client):
    before = counted("kept")
    for _ in range(2):
        assert client.get("/letters/none").status_code == 404
    assert counted("kept") == before


def test_clearing_one_cache_leaves_the_other(app, client):
    rendered = []

    def render():
        rendered.append(1)
        return Fragment("")

    client.get(HELLO)
    with app.test_request_context():
        cached_fragment("key", render)
        clear_caches(app, "pages")
        cached_fragment("key", render)
        assert len(rendered) == 1
    before = counted("drawn")
    client.get(HELLO)
    assert counted("drawn") == before + 1
    clear_caches(app)
    with app.test_request_context():
        cached_fragment("key", render)
    assert len(rendered) == 2


def test_each_application_has_caches_of_its_own(app):
    with app.app_context():
        first = app_singleton("pages", lambda: MemoryStore(1_000))
        assert app_singleton("pages", lambda: MemoryStore(1_000)) is first
        clear_caches(app)
        assert app_singleton("pages", lambda: MemoryStore(1_000)) is not first


def test_a_bounded_cache_drops_the_least_recently_used_value():
    cache = BoundedCache(8, size=lambda _: 1)
    for number in range(8):
        cache.put(number, str(number))
    assert cache.find(0) == "0"
    cache.put(8, "8")
    assert cache.find(0) == "0"
    assert cache.find(1) is None


def test_a_value_that_would_fill_a_quarter_of_the_cache_is_not_stored():
    store = MemoryStore(4_000)
    store.put("large", page(1_000))
    store.put("small", page())
    assert store.find("large") is None
    assert store.find("small") == page()


def test_a_page_of_the_shared_store_is_copied_to_the_near_one():
    near, shared = MemoryStore(10_000), MemoryStore(10_000)
    store = TwoLevelStore(near, shared)
    shared.put("key", page())
    assert near.find("key") is None
    assert store.find("key") == page()
    assert near.find("key") == page()
    store.put("another", page(20))
    assert near.find("another") == shared.find("another") == page(20)
    assert store.find("none") is None


@pytest.mark.parametrize("slug", ["hello", "é-letter", "100%"])
def test_the_addresses_of_a_comment_are_those_of_its_routes(app, slug):
    with app.test_request_context():
        addresses = CommentAddresses(slug)
        assert addresses.permalink(7) == url_for("comments.permalink", slug=slug, comment_id=7)
        assert addresses.report(7) == url_for("reports.new", slug=slug, comment_id=7)
        assert addresses.reply(7) == url_for("letters.show", slug=slug, reply_to=7, _anchor="leave")
