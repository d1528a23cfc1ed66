"""Pages besides letters: written at the desk, linked in menus, and found by readers and search engines."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.support.audit import list_latest_entries
from tests.support.clients import fetch_page, post_form, save_settings

ABOUT = {
    "title": "About us",
    "source_text": "Who we are, and **why**.\n\n## Money\n\n1. Grants\n\n2. Gifts\n\n![A <cat>](https://x.example/c.png)",
    "language": "en",
    "placement": "menu",
    "is_public": "1",
}


@pytest.fixture
def about(steward):
    return create(steward)


def create(steward, **changes):
    answer = post_form(steward, "/desk/pages/new", **ABOUT | changes)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def change(steward, address, **changes):
    version = re.search(r'name="version" value="(\d+)"', fetch_page(steward, address))[1]
    return post_form(steward, address, **{"version": version, "slug": "about-us"} | ABOUT | changes)


def menu_of(page):
    return re.search(r'<ul class="site-nav">(.*?)</ul>', page, re.DOTALL)[1]


def footer_of(page):
    return page.partition('<footer class="site-foot')[2]


def test_a_page_has_an_address_from_its_title_and_stands_in_the_menu(client, about):
    page = fetch_page(client, "/pages/about-us")
    assert "<strong>why</strong>" in page
    assert "<h2>Money</h2>" in page
    assert "<ol>" in page
    assert "x.example" not in page
    assert 'href="/pages/about-us" lang="en" dir="ltr" aria-current="page"' in menu_of(page)
    assert 'href="/pages/about-us"' in menu_of(fetch_page(client, "/letters/hello"))
    assert "/pages/about-us</loc>" in fetch_page(client, "/sitemap.xml")


def test_a_page_in_another_language_runs_in_its_direction(client, steward):
    create(steward, title="من نحن", language="ar", slug="", placement="footer")
    page = fetch_page(client, "/pages/page-1")
    assert '<article class="text-page" lang="ar" dir="rtl">' in page
    assert "من نحن" not in menu_of(page)
    assert 'lang="ar" dir="rtl"' in footer_of(page)


def test_a_page_is_cached_until_it_changes(client, steward, about):
    answer = client.get("/pages/about-us")
    assert "Set-Cookie" not in answer.headers
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert client.get("/pages/about-us", headers=tag).status_code == 304
    change(steward, about, source_text="Something else.")
    assert "Something else." in client.get("/pages/about-us", headers=tag).text


def test_a_draft_is_not_found_and_a_former_address_redirects(client, steward, about):
    change(steward, about, slug="who-we-are")
    answer = client.get("/pages/about-us")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/pages/who-we-are")
    change(steward, about, slug="who-we-are", is_public="")
    for address in ("/pages/about-us", "/pages/who-we-are", "/pages/nothing"):
        assert client.get(address).status_code == 404
    assert "who-we-are" not in fetch_page(client, "/sitemap.xml")
    create(steward)  # another page takes the former address
    assert client.get("/pages/about-us").status_code == 200


def test_each_change_is_kept_shown_and_in_the_audit_log(app, steward, about):
    change(steward, about, source_text="Who we are, and **how**.")
    page = fetch_page(steward, about)
    assert "<del>why</del>" in page
    assert "<ins>how</ins>" in page
    assert "Sada Steward" in page
    assert "<strong>why</strong>" in fetch_page(steward, f"{about}/versions/1")
    with app.app_context():
        actions = [entry.action for entry in list_latest_entries(5)]
    assert {"page.created", "page.published", "page.changed"} <= set(actions)


def test_a_preview_stores_nothing_and_keeps_what_was_typed(client, steward):
    answer = post_form(steward, "/desk/pages/new", **ABOUT, preview="1")
    assert "<strong>why</strong>" in answer.text
    assert "and **why**" in answer.text
    assert client.get("/pages/about-us").status_code == 404


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"title": ""}, 422, "Enter a title."),
        ({"source_text": " "}, 422, "Write the text of the page."),
        ({"slug": "about-us"}, 409, "has this address"),
        ({"language": "klingonish"}, 422, "is not a code of a language"),
        ({"position": "first"}, 422, "Enter a number."),
        ({"placement": "everywhere"}, 422, "Choose one of these options."),
    ],
)
def test_a_mistake_gets_a_sentence_and_loses_nothing(steward, about, changes, status, sentence):
    answer = post_form(steward, "/desk/pages/new", **ABOUT | {"title": "A second"} | changes)
    assert answer.status_code == status
    assert sentence in answer.text
    if changes.get("source_text") is None:
        assert "and **why**" in answer.text


def test_the_second_of_two_stewards_sees_the_change_of_the_first(steward, about):
    assert change(steward, about, source_text="Who we are, and **how**.").status_code == 303
    answer = change(steward, about, version="1", source_text="The second.")
    assert answer.status_code == 409
    assert "Another steward changed this page" in answer.text
    assert "The second." in answer.text
    assert "<ins>how</ins>" in answer.text
    version = re.search(r'name="version" value="(\d+)"', answer.text)[1]
    assert change(steward, about, version=version, source_text="The second.").status_code == 303


def test_a_draft_can_be_deleted_and_a_public_page_cannot(client, steward, about):
    assert post_form(steward, f"{about}/delete", about).status_code == 409
    change(steward, about, is_public="")
    assert "for good" in fetch_page(steward, f"{about}/delete")
    assert post_form(steward, f"{about}/delete", about).status_code == 303
    assert "About us" not in fetch_page(steward, "/desk/pages/").partition("<tbody>")[2]


def test_the_footer_shows_the_text_of_the_settings(client, steward):
    text = "Run by [us](/pages/about-us) <b>and</b> friends."
    assert save_settings(steward, footer=text, hold_new_links="1").status_code == 303
    assert "Changed: Text of the footer." in fetch_page(steward, "/desk/settings/")
    foot = footer_of(fetch_page(client, "/rules"))
    assert '<a href="/pages/about-us" rel="noopener">us</a> &lt;b&gt;and' in foot


def test_the_privacy_page_states_who_is_responsible(client, steward):
    facts = {
        "controller": "Example Foundation, Geneva",
        "privacy_contact": "data@example.org",
        "privacy_rights": "You can complain to the [authority](https://authority.example).",
    }
    assert save_settings(steward, **facts, hold_new_links="1").status_code == 303
    page = fetch_page(client, "/privacy")
    assert "Example Foundation, Geneva" in page
    assert 'href="mailto:data@example.org"' in page
    assert 'href="https://authority.example"' in page


def test_the_accessibility_statement_names_the_tests_and_a_contact(client, steward):
    assert 'href="/accessibility"' in footer_of(fetch_page(client, "/letters/hello"))
    answer = client.get("/accessibility")
    assert "Set-Cookie" not in answer.headers
    assert "WCAG) 2.2</a>, level AA" in answer.text
    assert "have not named a contact yet" in answer.text
    # The version of the checker is the one that the tests use.
    version = re.match(r"/\*! axe v([0-9]+[.][0-9]+)", Axe().axe_script)[1]
    assert f"axe-core {version} " in answer.text
    assert save_settings(steward, contact="help@example.org").status_code == 303
    assert 'href="mailto:help@example.org"' in fetch_page(client, "/accessibility")
