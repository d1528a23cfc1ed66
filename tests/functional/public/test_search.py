"""Readers search letters and comments from the header of every public page."""

import re

import pytest

from tests.support.clients import fetch_page, publish, submit


@pytest.fixture
def comments(client, moderator):
    for number, group in ((1, "CIV"), (2, "GOV")):
        submit(
            client,
            body=f"A quince is a fruit, says number {number}.",
            email=f"{number}@example.org",
            stakeholder_group=group,
        )
        publish(moderator, number)


def found(client, arguments):
    page = fetch_page(client, f"/search?{arguments}").partition("<main")[2]
    return re.findall(r"says number (\d)", page)


@pytest.mark.parametrize("address", ["/", "/letters/", "/letters/hello", "/rules", "/privacy"])
def test_every_public_page_has_the_search_box(client, address):
    head = fetch_page(client, address).partition("<main")[0]
    form = re.search(r'<form class="site-search".*?</form>', head, re.DOTALL)[0]
    assert 'action="/search"' in form
    assert "Search letters and comments</label>" in form


def test_the_earlier_address_of_the_search_leads_to_it_with_all_its_parameters(client):
    answer = client.get("/letters/?q=quince&topic=fruit&comments=2")
    assert answer.status_code == 301
    assert answer.headers["Location"] == "/search?q=quince&topic=fruit&comments=2"
    assert client.get("/letters/?q=").status_code == 200


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [
        ("q=quince", ["2", "1"]),
        ("q=quince&group=GOV", ["2"]),
        ("q=quince&group=ACA", []),
        ("q=quince&group=none", ["2", "1"]),  # there is no such group, so it filters nothing
        ("q=quince&year=1999", ["2", "1"]),  # no letter is from then
        ("q=quince&kind=letters", []),
        ("q=quince&kind=comments&group=CIV", ["1"]),
    ],
)
def test_filters_narrow_the_results(client, comments, arguments, numbers):
    assert found(client, arguments) == numbers


def test_letters_come_first_and_a_filter_by_group_looks_at_their_authors(client, comments):
    page = fetch_page(client, "/search?q=hello")
    assert '<a href="/letters/hello"><mark>Hello</mark>' in page
    assert 'name="robots" content="noindex"' in page
    groups = [
        group
        for group in ("CIV", "GOV", "TEC", "ACA")
        if "<mark>Hello" in fetch_page(client, f"/search?q=hello&group={group}")
    ]
    assert len(groups) == 1
    assert re.search(
        rf'value="{groups[0]}" selected', fetch_page(client, f"/search?q=hello&group={groups[0]}")
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("q=nowhere", "Check the spelling, or search for fewer words."),
        ("q=nowhere&group=CIV", "Search again without filters"),
        ("q=%3F%21", "Punctuation marks alone find nothing."),
        ("q=" + "quince " * 40, "Only the first 200 were used."),
    ],
)
def test_a_search_without_results_says_what_to_do(client, comments, arguments, sentence):
    assert sentence in fetch_page(client, f"/search?{arguments}")


def test_the_page_of_comments_keeps_the_filters(client, moderator):
    for number in range(1, 22):
        submit(client, body=f"A quince, number {number}.", email=f"{number}@example.org")
        publish(moderator, number)
    page = fetch_page(client, "/search?q=quince&group=CIV")
    address = re.search(r'rel="next" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert address == "/search?q=quince&group=CIV&comments=2#comments-h"
    assert "Page 2 of 2" in fetch_page(client, address.partition("#")[0])
