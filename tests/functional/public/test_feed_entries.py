"""Entries of feeds keep their ids, move their dates with every change, and are valid for readers."""

import xml.etree.ElementTree as ET
from datetime import timedelta

import feedparser
import pytest
from sqlalchemy import update

from commentsite import clock
from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.comments.models import Comment
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import session, transaction
from commentsite.letters import editing
from commentsite.letters.models import Letter
from commentsite.letters.publication import corrections
from commentsite.letters.slugs import change_slug
from commentsite.letters.states import ChangeKind
from tests.support.clients import decide, publish, submit
from tests.support.factories import make_app

ATOM = "{http://www.w3.org/2005/Atom}"
REPLY = "{http://purl.org/syndication/thread/1.0}in-reply-to"


def read_feed(client, address="/letters/hello/feed.atom"):
    answer = client.get(address)
    feed = feedparser.parse(answer.data)
    assert not feed.bozo, feed.get("bozo_exception")
    root = ET.fromstring(answer.data)
    for entry in root.iter(f"{ATOM}entry"):
        links = [link for link in entry.iter(f"{ATOM}link") if link.get("rel") == "alternate"]
        assert len(links) == 1
        assert links[0].get("type") == "text/html"
        assert len(entry.findall(f"{ATOM}id")) == len(entry.findall(f"{ATOM}updated")) == 1
    json_feed = client.get(address.replace(".atom", ".json")).json
    assert [i["id"] for i in json_feed["items"]] == [e.id for e in feed.entries]
    assert [i["date_modified"] for i in json_feed["items"]] == [e.updated for e in feed.entries]
    assert [i["url"] for i in json_feed["items"]] == [e.link for e in feed.entries]
    return feed


@pytest.fixture
def later(monkeypatch):
    """Return a function that moves the clock on by an hour."""
    now, hours = clock.now, [0]

    def move():
        hours[0] += 1

    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(hours=hours[0]))
    return move


def correct_letter():
    with transaction():
        content = editing.LetterContent("Hello again", "", "", "Dear all\n\nIt was corrected.\n")
        editing.save_working_copy("hello", 0, content, by=SYSTEM)
    with transaction():
        corrections.publish_correction("hello", ChangeKind.SUBSTANTIVE, "Because.", by=SYSTEM)


def test_ids_stay_when_the_address_of_the_letter_or_of_the_site_changes(app, client, moderator):
    submit(client)
    publish(moderator)
    before = [
        read_feed(client, a).entries[0].id for a in ("/feed.atom", "/letters/hello/feed.atom")
    ]
    assert all(entry_id.startswith("urn:uuid:") for entry_id in before)
    with app.app_context(), transaction():
        change_slug("hello", "renamed", by=SYSTEM)
    moved = make_app(
        app.extensions["commentsite"].settings.instance,
        None,
        BASE_URL="https://moved.example",
        RATELIMIT_ENABLED="false",
    ).test_client()
    after = [read_feed(moved, a).entries[0] for a in ("/feed.atom", "/letters/renamed/feed.atom")]
    assert [entry.id for entry in after] == before
    assert after[0].link == "https://moved.example/letters/renamed"


def test_an_entry_known_to_feed_readers_before_keeps_its_id(app, client, moderator):
    submit(client)
    publish(moderator)
    submit(client, parent="1", body="A reply to an old comment.", email="b@example.org")
    publish(moderator, 2)
    with app.app_context(), transaction():
        session().execute(update(Letter).values(feed_id="https://old.example/letters/hello"))
        known = "https://old.example/letters/hello/comments/1"
        session().execute(update(Comment).where(Comment.id == 1).values(feed_id=known))
        session().execute(update(Letter).values(page_version=Letter.page_version + 1))
    assert read_feed(client, "/feed.atom").entries[0].id == "https://old.example/letters/hello"
    reply, comment = read_feed(client).entries
    assert comment.id == known
    assert reply.id.startswith("urn:uuid:")
    root = ET.fromstring(client.get("/letters/hello/feed.atom").data)
    assert [found.get("ref") for found in root.iter(REPLY)] == [
        known, "https://old.example/letters/hello"
    ]  # fmt: skip


def test_the_date_of_a_letter_moves_with_a_correction_and_a_removal(app, client, later):
    first = read_feed(client, "/feed.atom")
    later()
    with app.app_context():
        correct_letter()
    second = read_feed(client, "/feed.atom")
    assert second.entries[0].title == "Hello again"
    assert second.entries[0].updated > first.entries[0].updated
    assert second.entries[0].published == first.entries[0].published
    assert second.feed.updated == second.entries[0].updated
    later()
    with app.app_context(), transaction():
        corrections.withdraw_letter("hello", "Because.", by=SYSTEM)
    third = read_feed(client, "/feed.atom")
    assert not third.entries
    assert third.feed.updated > second.feed.updated


def test_the_dates_of_comments_move_with_every_change(app, client, moderator, later):
    submit(client)
    submit(client, body="Another one.", email="b@example.org")
    publish(moderator)
    publish(moderator, 2)
    seen = [read_feed(client)]
    for verdict in ("restrict", "restore"):
        later()
        assert decide(moderator, 1, verdict, reason="R5").status_code == 303
        seen.append(read_feed(client))
    later()
    with app.app_context(), transaction():
        erase_comment(get_comment_for_update(2), by=READER)
    seen.append(read_feed(client))
    updates = [feed.feed.updated for feed in seen]
    assert updates == sorted(set(updates))
    by_title = [{e.link.rpartition("/")[2]: e for e in feed.entries} for feed in seen]
    assert [sorted(entries) for entries in by_title] == [["1", "2"], ["2"], ["1", "2"], ["1"]]
    assert by_title[2]["1"].updated > by_title[0]["1"].updated
    assert by_title[2]["1"].published == by_title[0]["1"].published


def test_each_comment_names_the_one_entry_that_it_answers(client, moderator):
    submit(client)
    publish(moderator)
    submit(client, parent="1", body="A reply.", email="b@example.org")
    publish(moderator, 2)
    letter_id = read_feed(client, "/feed.atom").entries[0].id
    entries = read_feed(client).entries
    root = ET.fromstring(client.get("/letters/hello/feed.atom").data)
    found = [entry.findall(REPLY) for entry in root.iter(f"{ATOM}entry")]
    assert [len(replies) for replies in found] == [1, 1]
    assert [replies[0].get("ref") for replies in found] == [entries[1].id, letter_id]
    assert found[0][0].get("href").endswith("/letters/hello/comments/1")


def test_the_direction_of_a_comment_is_an_attribute(client, moderator):
    for n, body in enumerate(("نص قصير RFC 9162 من اليمين", "Short text, no more."), 1):
        submit(client, body=body, email=f"n{n}@example.org")
        publish(moderator, n)
    contents = [entry.content[0].value for entry in read_feed(client).entries]
    raw = client.get("/letters/hello/feed.json").json["items"]
    assert [item["content_html"].split(">")[0] for item in raw] == [
        '<div dir="ltr"',
        '<div dir="rtl"',
    ]
    assert "bdi" not in "".join(contents)


def test_characters_that_xml_forbids_do_not_break_a_feed(app, client, moderator):
    submit(client)
    publish(moderator)
    with app.app_context(), transaction():
        odd = {"name": "A\x01\ufffe\x0bda", "body_html": "<p>Bell\x07 \uffff]]> &amp;</p>"}
        session().execute(update(Comment).values(**odd))
        session().execute(update(Letter).values(title="T\x02itle", page_version=99))
    assert read_feed(client).entries[0].author == "Ada"
    assert read_feed(client, "/feed.atom").entries[0].title == "Title"
