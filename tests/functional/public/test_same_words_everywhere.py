"""Readers, moderators and machines get the same words of a comment, with the numbers as typed."""

import html
import io
import json
import re

import feedparser
import pytest
from pypdf import PdfReader

from tests.support.clients import fetch_case, fetch_page, publish, submit, submit_for_receipt
from tests.support.pdf import fetch_pdf

BODY = (
    "Begin.\n\n5. fivefold\n7. sevenfold\n12. twelvefold\n\n> quotedword\nmineword\n\n"
    "* * * * * * * * * * deepword\n\n\\\\server\\shareword\n\n```kept infoword\ncodeword\n```\n\n"
    "1. listword\n2. secondword\nafterword https://a.example/x。然后 [linkword](https://b.example/ 'titleword')"
)
WORDS = re.compile(r"\w*(?:fold|word)\b|\b(?:5|7|12)\.|\\\\server\\")


def words_of(text):
    return WORDS.findall(text)


def inner_text(markup):
    return html.unescape(re.sub(r"<[^>]+>", " ", markup))


@pytest.fixture
def page_words(client, moderator):
    """The words on the letter's page, after the comment was published."""
    submit(client, body=BODY)
    publish(moderator)
    page = fetch_page(client)
    return words_of(
        inner_text(page.partition('class="comment-text text-body"')[2].partition("</article>")[0])
    )


def test_the_page_shows_every_typed_word_in_order(page_words):
    assert page_words == words_of(BODY)


def test_the_moderator_sees_the_words_before_publication(client, moderator):
    submit(client, body=BODY)
    case = fetch_case(moderator).partition('class="comment-text text-body"')[2].partition("<h")[0]
    assert words_of(inner_text(case))[: len(words_of(BODY))] == words_of(BODY)


def test_the_preview_and_the_receipt_show_the_words(client):
    receipt = fetch_page(client, submit_for_receipt(client, body=BODY))
    shown = words_of(inner_text(receipt.partition('class="comment-text text-body"')[2]))
    assert shown[: len(words_of(BODY))] == words_of(BODY)


def test_structured_data_has_the_words(client, page_words):
    data = re.search(
        r'<script type="application/ld\+json"[^>]*>(.*?)</script>', fetch_page(client), re.DOTALL
    )
    assert words_of(json.loads(data[1])["comment"][0]["text"]) == page_words


def test_the_feeds_have_the_words(client, page_words):
    atom = feedparser.parse(client.get("/letters/hello/feed.atom").data)
    assert words_of(inner_text(atom.entries[0].content[0].value)) == page_words
    items = client.get("/letters/hello/feed.json").json["items"]
    assert words_of(inner_text(items[0]["content_html"])) == page_words


def test_the_pdf_has_the_words_and_the_typed_numbers(client, page_words):
    reader = PdfReader(io.BytesIO(fetch_pdf(client, "/letters/hello/letter.pdf").data))
    text = "\n".join(page.extract_text() for page in reader.pages).partition("Begin.")[2]
    assert words_of(text) == page_words


def test_the_search_finds_the_words(client, page_words):
    for word in ("deepword", "infoword", "titleword", "afterword"):
        assert word in fetch_page(client, f"/search?q={word}").partition("<main")[2]
    assert page_words
