"""Feeds and structured data, read by third-party parsers."""

import subprocess
import sys
import zipfile
from pathlib import Path

import feedparser
import pytest

from tests.support.clients import publish, submit
from tests.support.factories import publish_sample_letter

ROOT = Path(__file__).parents[3]


def test_the_feed_of_letters_is_read_by_a_feed_reader(app, client):
    with app.app_context():
        publish_sample_letter("second")
    feed = feedparser.parse(client.get("/feed.atom").data)
    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.version == "atom10"
    assert [entry.link.rpartition("/")[2] for entry in feed.entries] == ["second", "hello"]
    assert feed.entries[0].author == "Amina Author"
    assert len({entry.id for entry in feed.entries}) == 2


def test_the_feed_of_comments_is_read_by_a_feed_reader(client, moderator):
    submit(client, name="Zoë & <b>Bo</b>", body="*One* & <i>two</i>")
    publish(moderator)
    feed = feedparser.parse(client.get("/letters/hello/feed.atom").data)
    assert not feed.bozo, feed.get("bozo_exception")
    entry = feed.entries[0]
    assert entry.author == "Zoë & <b>Bo</b>"
    assert entry.content[0].type == "text/html"
    assert "<em>One</em> &amp; &lt;i&gt;two" in entry.content[0].value
    assert client.get(entry.link.partition("//")[2].partition("/")[1] + entry.link.partition("//")[2].partition("/")[2]).status_code == 303  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["/sitemap.xml", "/robots.txt", "/.well-known/security.txt", "/feed.atom", "/", "/rules"],
)
def test_public_files_answer_304_gzip_and_head(client, address):
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Set-Cookie" not in answer.headers
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    head = client.head(address)
    assert (head.status_code, head.data) == (200, b"")


def test_the_wheel_holds_templates_static_files_and_migrations(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, check=True, cwd=ROOT, capture_output=True)
    inside = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    for folder in ("templates", "static"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.parent.name != "__pycache__":  # of a test that ran before
                assert f"commentsite/{path.relative_to(ROOT)}" in inside, path
    assert not [name for name in inside if "__pycache__" in name]
    unpacked = tmp_path / "unpacked"
    zipfile.ZipFile(next(tmp_path.glob("*.whl"))).extractall(unpacked)
    done = subprocess.run(
        [sys.executable, "-m", "commentsite", "db", "upgrade"],
        check=False,
        cwd=tmp_path,
        env={"PYTHONPATH": str(unpacked), "COMMENTSITE_INSTANCE": str(tmp_path / "instance")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
