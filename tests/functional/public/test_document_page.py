"""The pages of a document that many letters cite lead a reader to each of its citations once."""

import re

import pytest
from sqlalchemy import insert

from commentsite import clock
from commentsite.db.session import session, transaction
from commentsite.letters.models import Citation, Letter
from commentsite.web.caching.store import clear_caches
from tests.support.clients import fetch_page
from tests.support.pages import visible_text

DOCUMENT = "A/RES/70/125"
ADDRESS = f"/documents/{DOCUMENT}"
#: Letters that cite each paragraph, in the order of the page. A page has a hundred citations.
COUNTS = {"": 30, "2": 240, "10": 1, "61": 20, "61a": 3}


@pytest.fixture
def cited(any_app):
    """A site with a letter for each citation. The letters were published in the order of their numbers."""
    places = [place for place, count in COUNTS.items() for _ in range(count)]
    with transaction():
        for number, place in enumerate(places, 1):
            add_citing_letter(number, place)
        add_citing_letter(900, "2", state="draft")
        add_citing_letter(901, "77", state="withdrawn")
        add_citing_letter(902, "2", is_page=True)
        add_citing_letter(903, "2", symbol="A/RES/1/1")
    session().rollback()
    return any_app


def add_citing_letter(number, place, *, symbol=DOCUMENT, state="published", **values):
    now = clock.now().replace(microsecond=number)
    letter = {
        "slug": f"citing-{number}",
        "title": f"Letter {number}",
        "created_at": now,
        "published_at": now,
    }
    letter_id = session().scalars(
        insert(Letter).values(**letter, state=state, **values).returning(Letter.id)
    ).one()  # fmt: skip
    session().execute(
        insert(Citation).values(
            letter_id=letter_id, pid=f"p-{number}", number=1, label="1", symbol=symbol,
            cited_paragraph=place, citing_text=f"Words {number}.",
        )
    )  # fmt: skip


def list_citations(page):
    """Return the numbers of the citing letters on a page, in their order."""
    return [int(number) for number in re.findall(r'href="/letters/citing-(\d+)#p-\1"', page)]


def find_link(page, relation):
    found = re.search(rf'<a rel="{relation}" href="([^"]+)"', page)
    return found and found[1]


def test_a_reader_who_follows_the_pages_sees_every_citing_letter_once(cited):
    client, address, pages = cited.test_client(), ADDRESS, []
    while address:
        pages.append(fetch_page(client, address))
        assert f"Page {len(pages)} of 3" in visible_text(pages[-1])
        address = find_link(pages[-1], "next")
    assert [len(list_citations(page)) for page in pages] == [100, 100, 94]
    assert [n for page in pages for n in list_citations(page)] == list(range(1, 295))
    assert find_link(pages[0], "prev") is None
    assert fetch_page(client, find_link(pages[2], "prev")) == pages[1]
    assert fetch_page(client, find_link(pages[1], "prev")) == pages[0]
    assert fetch_page(client, f"{ADDRESS}?page=99") == pages[2]
    assert fetch_page(client, f"{ADDRESS}?page=x") == pages[0]


def test_numbers_beyond_the_last_page_do_not_fill_the_cache(cited):
    client = cited.test_client()
    last, *others = [
        client.get(f"{ADDRESS}?page={number}").headers["ETag"] for number in (3, 4, 99, 2**31 - 1)
    ]
    assert set(others) == {last}


def test_each_paragraph_has_its_count_and_a_link_to_its_first_citation(cited):
    client, first = cited.test_client(), 1
    page = fetch_page(client, ADDRESS)
    links = re.findall(r'<a href="([^"]+)#((?:paragraph-|whole)[^"]*)">([^<]+) \((\d+)\)</a>', page)
    labels = ["The document as a whole", *(f"Paragraph {place}" for place in list(COUNTS)[1:])]
    assert [(label, int(count)) for *_, label, count in links] == list(
        zip(labels, COUNTS.values(), strict=True)
    )
    for address, anchor, label, count in links:
        _before, heading, section = fetch_page(client, address).partition(
            f'<h2 id="{anchor}">{label}</h2>'
        )
        assert heading
        assert list_citations(section)[0] == first
        first += int(count)


def test_a_letter_that_is_withdrawn_leaves_the_pages_and_the_counts(cited):
    with transaction():
        letter = session().query(Letter).filter_by(slug="citing-31").one()
        letter.state = "withdrawn"
        letter.page_version += 1
    clear_caches(cited, "pages")
    client = cited.test_client()
    page = fetch_page(client, ADDRESS)
    assert "Paragraph 2 (239)" in visible_text(page)
    numbers = [
        n
        for number in (1, 2, 3)
        for n in list_citations(fetch_page(client, f"{ADDRESS}?page={number}"))
    ]
    assert numbers == [*range(1, 31), *range(32, 295)]


def test_a_document_with_few_citations_has_one_page_without_links_to_others(cited):
    page = fetch_page(cited.test_client(), "/documents/A/RES/1/1")
    assert list_citations(page) == [903]
    assert 'class="pages"' not in page
    assert "Paragraph 2" in visible_text(page)
    assert "(1)" not in visible_text(page)
