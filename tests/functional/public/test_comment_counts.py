"""Every place that counts the comments on a letter or a paragraph gives the same number."""

import json
import re

import pytest

from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import transaction
from commentsite.letters.publication.corrections import withdraw_letter
from tests.support.pages import visible_text


def in_words(count):
    return {0: "No comments yet", 1: "1 comment"}.get(count, f"{count} comments")


@pytest.fixture
def reader(demo_app):
    return demo_app.test_client()


def test_the_counts_of_each_letter_agree(reader):
    listed = reader.get("/letters/").text
    entries = re.findall(r'<li class="entry".*?</li>', listed, re.DOTALL)
    assert len(entries) > 3
    for entry in entries:
        slug = re.search(r'href="/letters/([^"]+)"', entry)[1]
        page = reader.get(f"/letters/{slug}").text
        data = json.loads(re.search(r"application/ld\+json\">(.*?)</script>", page, re.DOTALL)[1])
        words = in_words(data.get("commentCount", 0))
        assert visible_text(entry).endswith(words)
        assert f'<a href="#comments">{words}</a>' in page
        assert f'<h2 id="comments-h">{words}</h2>' in page
        groups = page.partition('<ul class="groups"')[2].partition("</ul>")[0]
        assert sum(map(int, re.findall(r"<b>(\d+)</b>", groups))) == data.get("commentCount", 0)
        for group, n in re.findall(r'<option value="([A-Z]{3})">[^<]*\((\d+)\)', page):
            chosen = visible_text(reader.get(f"/letters/{slug}?group={group}").text)
            assert f"{n} of {words}" in chosen


def test_the_counts_of_each_paragraph_agree(reader):
    count = 0
    for slug in ("we-dropped-the-route", "the-width-of-a-column"):
        page = reader.get(f"/letters/{slug}").text
        for pid, words in re.findall(
            rf'href="/letters/{slug}/paragraphs/([^"]+)"[^>]*>(\d+ comments?)<', page
        ):
            beside = reader.get(f"/letters/{slug}/paragraphs/{pid}").text
            assert f'id="comments-h">{words}</h2>' in beside
            chosen = visible_text(reader.get(f"/letters/{slug}?paragraph={pid}").text)
            assert f"{words.split()[0]} of " in chosen
            shown = beside.count('<article class="comment')
            hidden = sum(map(int, re.findall(r"(\d+) more (?:person|people) sent this", beside)))
            assert shown + hidden >= int(words.split()[0])
            if hidden:
                assert f"so the list shows {shown} text" in beside
            count += 1
    assert count > 10


def test_a_withdrawn_letter_says_that_comments_are_closed(app, client):
    with app.app_context(), transaction():
        withdraw_letter("hello", "The author asked for it.", by=SYSTEM)
    words = visible_text(client.get("/letters/hello").text)
    assert "Comments are closed: the letter was withdrawn." in words
    assert "No comments yet" not in words
    assert "appear here" not in words
