"""A public page is answered from the cache before Flask, and never after a change."""

import gzip
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from flask import request_started

from commentsite import clock
from commentsite.app import create_app
from commentsite.db.session import transaction
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_public_letter
from tests.support.factories import SECRET, close_database, make_app, publish_sample_letter

PAGE = "/letters/hello"


@pytest.fixture
def served(tmp_path, template_database, monkeypatch):
    """A client of a served site, a second application on the same database, and the requests that reached Flask."""
    other = make_app(tmp_path, template_database)
    with other.app_context():
        publish_sample_letter()
    app = create_app({"INSTANCE": str(tmp_path), "SECRET_KEY": SECRET}, is_serving=True)
    reached, watchers = [], []
    connect = sqlite3.connect

    def connect_watcher(*args, **options):
        watchers.append(connect(*args, **options))
        return watchers[-1]

    monkeypatch.setattr(sqlite3, "connect", connect_watcher)  # a served site never closes its own
    with (
        clock.freeze_at(clock.now()),
        request_started.connected_to(lambda *_args, **_more: reached.append(1), app),
    ):
        yield app.test_client(), other, reached
    for watcher in watchers:
        watcher.close()
    with app.app_context():
        close_database()


def test_the_next_reader_gets_the_same_page_from_the_cache(served, log_lines):
    client, _other, reached = served
    first, second = client.get(PAGE), client.get(PAGE)
    assert len(reached) == 1
    assert (second.data, second.status_code) == (first.data, 200)
    assert dict(second.headers) == dict(first.headers)
    assert log_lines().count('"route": "/letters/<slug>", "status": 200') == 2
    assert 'commentsite_pages_total{how="again"}' in client.get("/metrics").text


def test_a_write_by_another_process_invalidates_the_cache_at_once(served):
    client, other, reached = served
    client.get(PAGE)
    with other.app_context(), transaction():
        letter = get_public_letter("hello")
        letter.title = "Hello again"
        bump_page_version(letter)
    assert "Hello again" in client.get(PAGE).text
    assert len(reached) == 2


def test_a_write_by_another_program_invalidates_the_cache_at_once(served, tmp_path):
    client, _other, reached = served
    client.get(PAGE)
    with closing(sqlite3.connect(tmp_path / "commentsite.db")) as database, database:
        database.execute("UPDATE letter SET title = 'Otherwise', page_version = page_version + 1")
    assert "Otherwise" in client.get(PAGE).text
    assert len(reached) == 2


def test_a_change_by_time_alone_is_shown_within_a_second(served):
    client, _other, reached = served
    client.get(PAGE)
    with clock.freeze_at(clock.now() + timedelta(seconds=1)):
        client.get(PAGE)
    assert len(reached) == 2


def test_each_client_gets_an_encoding_that_it_accepts(served):
    client, _other, _reached = served
    plain = client.get(PAGE).data
    packed = client.get(PAGE, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain
    assert client.get(PAGE, headers={"Accept-Encoding": "gzip;q=0"}).data == plain
    assert client.get(PAGE).data == plain
    assert client.head(PAGE).data == b""


@pytest.mark.parametrize(
    "path", ["/desk/", "/account/login", "/healthz", "/letters/none", "/search?q=first"]
)
def test_only_successful_public_pages_are_cached(served, path):
    client, _other, reached = served
    client.get(path)
    client.get(path)
    assert len(reached) == 2


def test_a_client_with_the_current_page_gets_304(served):
    client, _other, _reached = served
    etag = client.get(PAGE).headers["ETag"]
    assert client.get(PAGE, headers={"If-None-Match": etag}).status_code == 304
