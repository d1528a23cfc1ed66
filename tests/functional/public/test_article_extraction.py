"""Programs that extract the article of a page find the whole letter and its comments, and no buttons."""

import re
import warnings

import lxml.html
import pytest
from readability import Document

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import trafilatura

ADDRESS = "/letters/the-width-of-a-column"
MAX_LINK_SHARE = 0.2  # of a text that readability takes for an article


@pytest.fixture(scope="module")
def demo_page(demo_app):
    """The page of the demo's longest letter."""
    return demo_app.test_client().get(ADDRESS).text


def words(text):
    return " ".join(text.split())


def extract_with_trafilatura(page):
    return words(trafilatura.extract(page, include_comments=True))


def extract_with_readability(page):
    return words(lxml.html.fromstring(Document(page).summary()).text_content())


def list_comments(page):
    """Return the beginning of each comment, and the share of its text that is in links."""
    for element in lxml.html.fromstring(page).xpath("//div[contains(@class, 'comment-text')]"):
        text = words(element.text_content())
        links = sum(len(words(link.text_content())) for link in element.iter("a"))
        yield text[:40], links / len(text)


@pytest.mark.parametrize("extract", [extract_with_trafilatura, extract_with_readability])
def test_greeting_paragraphs_and_comments_are_kept(demo_page, extract):
    found = extract(demo_page)
    assert "Dear fellow members," in found
    paragraphs = lxml.html.fromstring(demo_page).xpath("//div[@class='para']/p[1]")
    assert len(paragraphs) > 20
    assert not [p for p in paragraphs if words(p.text_content())[:40] not in found]
    comments = list(list_comments(demo_page))
    assert len(comments) == 50
    missing = [text for text, links in comments if links <= MAX_LINK_SHARE and text not in found]
    assert not missing


@pytest.mark.parametrize("extract", [extract_with_trafilatura, extract_with_readability])
def test_the_numbers_of_paragraphs_are_kept(demo_page, extract):
    found = extract(demo_page)
    for paragraph in lxml.html.fromstring(demo_page).xpath("//div[@class='para'][p]"):
        number = words(paragraph.xpath("a[@class='para-n']")[0].text_content())
        assert f"{number} {words(paragraph.xpath('p[1]')[0].text_content())[:40]}" in found


@pytest.mark.parametrize("extract", [extract_with_trafilatura, extract_with_readability])
def test_the_words_of_buttons_are_not_part_of_the_article(demo_page, extract):
    found = extract(demo_page)
    assert not re.search(r"Comment on this|\bReply\b|\bReport\b", found)
    # They stay for people, by eye and by screen reader.
    for label, name in (
        ("Reply", "Reply: "),
        ("Report", "Report: "),
        ("Comment on this",) * 2,
    ):
        assert re.search(f'data-label="{label}"[^>]*aria-label="{name}', demo_page)
