"""Pages of authors, and the pictures of link previews."""

import io
import json
import re
from html import unescape

import feedparser
import pytest
from PIL import Image

from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import transaction
from commentsite.letters.draft import AuthorDraft
from commentsite.letters.publication.corrections import withdraw_letter
from commentsite.web.cards import drawing
from commentsite.worker import tasks
from tests.support.factories import publish_sample_letter

AUTHOR = "Amina Author"


def publish_letter(app, slug, **changes):
    with app.app_context():
        publish_sample_letter(slug, **changes)


def meta(page, name):
    return re.search(rf'(?:property|name)="{name}"\s+content="([^"]*)"', page)[1]


def test_a_byline_leads_to_the_letters_under_the_name(app, client):
    publish_letter(app, "second", authors=(AuthorDraft(AUTHOR, "GOV", "personal", ""),))
    publish_letter(app, "other", authors=(AuthorDraft("Amina", "GOV", "personal", ""),))
    address = re.search(
        r'href="http://127.0.0.1:8000(/authors/[^"]+)"', client.get("/letters/hello").text
    )[1]
    page = client.get(address).text
    assert "2 letters under this name." in page
    assert "Two people can have the same name." in page
    assert "Open Networks" in page  # as the first letter states it
    assert "/letters/other" not in page
    data = json.loads(re.search(r"ld\+json\">(.*?)</script>", page)[1])
    assert data["mainEntity"]["name"] == AUTHOR
    assert data["mainEntity"]["affiliation"][0]["name"] == "Open Networks"
    feed = feedparser.parse(client.get(f"{address}/feed.atom").data)
    assert [entry.link.rpartition("/")[2] for entry in feed.entries] == ["second", "hello"]
    assert client.get("/authors/Nobody").status_code == 404
    with app.app_context(), transaction():
        withdraw_letter("second", "Because.", by=SYSTEM)
    assert "1 letter under this name." in client.get(address).text


@pytest.mark.parametrize(
    "name", ["ليلى الحسن", "李小明", "A & B <c>", "what? #1", "50%", "a/b", ".."]
)
def test_any_name_can_have_letters(app, client, name):
    publish_letter(app, "named", authors=(AuthorDraft(name, "GOV", "personal", ""),))
    page = client.get("/letters/named").text
    found = re.search(r'byline">\s*<strong>\s*<a href="http://127.0.0.1:8000([^"]+)"', page)
    if name in {"a/b", ".."}:  # no address can hold such a name
        assert found is None
    else:
        assert "1 letter under this name." in client.get(unescape(found[1])).text


def test_a_letter_has_a_card_that_says_its_words(app, client, monkeypatch):
    monkeypatch.setattr(drawing, "MAX_WAIT", 60)  # the machine may be busy with other tests
    page = client.get("/letters/hello").text
    address = meta(page, "og:image").removeprefix("http://127.0.0.1:8000")
    assert meta(page, "twitter:card") == "summary_large_image"
    assert meta(page, "og:image:alt") == "“Hello” by Amina Author"
    answer = client.get(address)
    with Image.open(io.BytesIO(answer.data)) as card:
        assert (card.format, card.size) == ("PNG", (1200, 630))
        title = card.convert("L").crop((70, 120, 700, 320))
        assert title.getextrema()[0] < 80  # dark letters where the title stands
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert len(answer.data) < 100_000
    assert "og:image" in client.get("/").text
    with app.app_context():
        folder = drawing.CardFolder(app.extensions["commentsite"].settings.instance)
        assert folder.list_subjects() == {"1"}
        with transaction():
            withdraw_letter("hello", "Because.", by=SYSTEM)
    assert client.get(address).status_code == 404
    tasks.run_pass(app)
    assert folder.list_subjects() == set()


def test_a_card_that_cannot_be_drawn_is_a_picture_without_words(
    app, client, monkeypatch, log_lines
):
    monkeypatch.setattr(drawing, "MAX_WAIT", 60)
    monkeypatch.setattr(drawing, "RENDERER", "commentsite.web.cards.none")
    for _again in range(2):
        answer = client.get("/letters/hello/card.png")
        with Image.open(io.BytesIO(answer.data)) as card:
            assert card.size == (1200, 630)
        assert answer.headers["Cache-Control"] == "no-cache"
    assert log_lines().count("could not be drawn") == 1  # it is not tried again at once
