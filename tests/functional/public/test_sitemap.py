"""The sitemap names every published letter, in several files on a large site."""

import re

import pytest

from commentsite.web.public.site import well_known
from tests.support.factories import publish_sample_letter

LOCATION = re.compile(r"<loc>([^<]+)</loc>")


@pytest.fixture
def large_client(app, client, monkeypatch):
    """A site with four letters, and files of at most three."""
    monkeypatch.setattr(well_known, "MAX_SITEMAP_LETTERS", 3)
    with app.app_context():
        for number in range(1, 4):
            publish_sample_letter(f"letter-{number}")
    return client


def test_a_small_site_has_one_file(client):
    assert LOCATION.findall(client.get("/sitemap.xml").text) == [
        "http://127.0.0.1:8000/",
        "http://127.0.0.1:8000/letters/hello",
    ]


def test_no_letter_of_a_large_site_is_left_out(large_client):
    index = large_client.get("/sitemap.xml")
    assert "<sitemapindex" in index.text
    files = [address.partition("8000")[2] for address in LOCATION.findall(index.text)]
    assert files == ["/sitemaps/1.xml", "/sitemaps/2.xml"]
    found = [a for file in files for a in LOCATION.findall(large_client.get(file).text)]
    assert [address.rpartition("/")[2] for address in found] == [
        "",
        "hello",
        "letter-1",
        "letter-2",
        "letter-3",
    ]


@pytest.mark.parametrize("number", [0, 3])
def test_a_file_that_the_index_does_not_name_is_not_there(large_client, number):
    assert large_client.get(f"/sitemaps/{number}.xml").status_code == 404
