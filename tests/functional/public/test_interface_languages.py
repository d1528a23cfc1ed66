"""The interface in six languages: addresses, links between them, forms, receipts, emails, errors and caches."""

import re

import pytest
from lxml import html

from commentsite.db.session import session, transaction
from commentsite.paths import find_resource_folder
from commentsite.site.models import StakeholderGroup
from tests.support.clients import (
    fetch_page,
    fill_comment_form,
    post_form,
    publish,
    submit,
    submit_for_receipt,
)
from tests.support.factories import publish_sample_letter, update_site_settings
from tests.support.smtp import read_mail

COMMENT_HEADINGS = {
    "ar": "ترك تعليق",
    "en": "Leave a comment",
    "es": "Dejar un comentario",
    "fr": "Laisser un commentaire",
    "ru": "Оставить комментарий",
    "zh": "发表评论",
}


def find_root(page: str) -> tuple[str, str]:
    return re.search(r'<html lang="(.*?)"\s+dir="(.*?)"', page).groups()


@pytest.mark.parametrize("language", COMMENT_HEADINGS)
def test_the_address_of_a_page_decides_its_language(client, language):
    address = "/letters/hello" if language == "en" else f"/{language}/letters/hello"
    # Neither a header nor a cookie changes it, so that caches hold one page for all readers.
    page = client.get(address, headers={"Accept-Language": "pt", "Cookie": "language=ru"})
    assert find_root(page.text) == (language, "rtl" if language == "ar" else "ltr")
    assert f">{COMMENT_HEADINGS[language]}</h2>" in page.text
    assert "Set-Cookie" not in page.headers
    assert page.headers["Vary"] == "Accept-Encoding"
    assert '<article aria-labelledby="title" lang="en" dir="ltr">' in page.text
    # All links of the page stay in its language, but for files.
    prefix = "" if language == "en" else f"/{language}"
    assert f'href="{prefix}/rules"' in page.text
    assert f'href="{prefix}/account/login"' in page.text


def test_each_page_names_itself_in_the_other_languages(client):
    page = fetch_page(client, "/fr/letters/hello?sort=newest")
    alternates = dict(
        re.findall(r'rel="alternate" hreflang="(.*?)" href="http://127.0.0.1:8000(.*?)"', page)
    )
    assert alternates.pop("x-default") == alternates["en"] == "/letters/hello?sort=newest"
    assert alternates["zh"] == "/zh/letters/hello?sort=newest"
    assert sorted(alternates) == sorted(COMMENT_HEADINGS)
    assert 'rel="canonical" href="http://127.0.0.1:8000/fr/letters/hello"' in page
    for address in alternates.values():
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200
    # An identifier is the same in every language.
    assert '"@id":"http://127.0.0.1:8000/letters/hello"' in page


def test_links_to_other_languages_repeat_no_argument_that_the_page_ignores(client):
    """A cached page is the same for all readers, so it repeats nothing from the first request."""
    first = fetch_page(client, "/fr/letters/hello?sort=newest&utm_source=first")
    assert "utm_source" not in first
    for argument in ("endpoint", "_anchor", "_external", "_scheme", "interface_language", "slug"):
        for address in ("/rules", "/search", "/letters/hello"):
            assert client.get(f"{address}?{argument}=http").status_code == 200


def test_a_translation_of_the_letter_stands_for_the_page_in_its_language(app, client):
    with app.app_context():
        publish_sample_letter("bonjour", title="Bonjour", language="fr", translation_of="hello")
    page = " ".join(fetch_page(client).split())
    assert 'hreflang="fr" href="http://127.0.0.1:8000/letters/bonjour"' in page
    assert 'hreflang="fr" href="http://127.0.0.1:8000/fr/letters/hello"' not in page
    assert 'hreflang="ru" href="http://127.0.0.1:8000/ru/letters/hello"' in page


def test_the_language_of_the_site_has_no_address_of_its_own(app, client):
    assert client.get("/en/letters/hello?sort=newest").location == "/letters/hello?sort=newest"
    # The rest of the path is no other site, no header and no query string.
    for rest in (
        "/evil.example",
        "%2Fevil.example",
        "%09/evil.example",
        "%0d%0aX:y",
        "rules%3Fa=b",
    ):
        assert client.get(f"/en/{rest}").status_code == 404
    update_site_settings(app, language="fr")
    assert find_root(fetch_page(client)) == ("fr", "ltr")
    assert client.get("/fr/letters/hello").status_code == 301
    assert find_root(fetch_page(client, "/en/letters/hello")) == ("en", "ltr")
    update_site_settings(app, language="sw")  # there is no interface in it
    assert find_root(fetch_page(client)) == ("en", "ltr")


@pytest.mark.parametrize("language", COMMENT_HEADINGS)
def test_the_names_of_controls_begin_with_their_visible_labels(client, moderator, language):
    """People who speak to the browser use the words that they see (WCAG 2.5.3)."""
    submit(client)
    publish(moderator)
    prefix = "" if language == "en" else f"/{language}"
    page = html.fromstring(fetch_page(client, f"{prefix}/letters/hello"))
    controls = page.xpath("//*[self::a or self::button][@aria-label]")
    assert len(controls) > 6
    for control in controls:
        label = control.get("data-label") or " ".join(control.text_content().split())
        assert label in control.get("aria-label")


@pytest.mark.parametrize(
    "address",
    ["/de/rules", "/FR/rules", "/fr/desk/", "/fr/api/v1/letters", "/fr/static/js/form.js"],
)
def test_other_languages_and_pages_have_no_such_address(client, address):
    assert client.get(address).status_code == 404


def test_errors_are_in_the_language_of_the_page(client):
    assert "Страница не найдена" in fetch_page(client, "/ru/none", 404)
    sent = client.post("/fr/letters/hello/comments", data=fill_comment_form(client, name=""))
    assert sent.status_code == 422
    assert find_root(sent.text) == ("fr", "ltr")
    assert "I read it twice" in sent.text


def test_receipt_and_emails_are_in_the_language_of_the_form(app, client, moderator):
    sent = client.post("/ru/letters/hello/comments", data=fill_comment_form(client))
    assert sent.location.startswith("/ru/receipts/")
    receipt = client.get(sent.location)
    assert find_root(receipt.text) == ("ru", "ltr")
    assert receipt.headers["Cache-Control"] == "private, no-store"
    assert receipt.headers["Referrer-Policy"] == "no-referrer"
    publish(moderator)
    mails = read_mail(app, "ada@example.org")
    assert mails
    for mail in mails:
        text = mail.get_body(("plain",)).get_content()
        assert "Здравствуйте" in text
        assert "http://127.0.0.1:8000/ru/receipts/" in text
        assert 'lang="ru"' in mail.get_body(("html",)).get_content()


def test_emails_of_one_language_do_not_change_those_of_another(app, client, moderator):
    submit(client, email="first@example.org", body="The first text of the two.")
    client.post(
        "/fr/letters/hello/comments",
        data=fill_comment_form(
            client, email="second@example.org", body="The second text of the two."
        ),
    )
    submit(client, email="third@example.org", body="The third text of them all.")
    greetings = {
        mail["To"]: mail.get_body(("plain",)).get_content()[:12] for mail in read_mail(app)
    }
    assert greetings["first@example.org"].startswith("Hello")
    assert greetings["second@example.org"].startswith("Bonjour")
    assert greetings["third@example.org"].startswith("Hello")


def test_staff_choose_the_language_of_the_desk_and_of_their_emails(app, client, moderator):
    answer = post_form(moderator, "/desk/me/language", "/desk/me/", language="ar")
    assert answer.location == "/desk/me/#language"
    assert find_root(fetch_page(moderator, "/desk/")) == ("ar", "rtl")
    # Public pages are the same for every reader.
    assert find_root(fetch_page(moderator)) == ("en", "ltr")
    assert find_root(fetch_page(client, "/account/login")) == ("en", "ltr")
    assert post_form(moderator, "/desk/me/language", "/desk/me/", language="tlh").status_code == 422
    post_form(moderator, "/desk/me/language", "/desk/me/", language="")
    assert find_root(fetch_page(moderator, "/desk/")) == ("en", "ltr")


def test_texts_of_a_new_site_are_translated_until_a_steward_changes_them(app, client):
    assert "société civile" in fetch_page(client, "/fr/letters/hello")
    assert "No advertising" not in fetch_page(client, "/fr/rules")
    with app.app_context(), transaction():
        session().query(StakeholderGroup).filter_by(code="CIV").one().label = "the public"
    update_site_settings(app)
    assert "the public" in fetch_page(client, "/fr/letters/hello")


@pytest.mark.parametrize(
    ("prefix", "sentence"),
    [
        ("", "This letter is also available in other languages: français, العربية."),
        ("/ru", "Это письмо доступно и на других языках: français, العربية."),
        ("/zh", "这封公开信另有其他语文版本：français、العربية。"),
    ],
)
def test_the_other_languages_of_a_letter_are_named_in_one_sentence(app, client, prefix, sentence):
    with app.app_context():
        publish_sample_letter("bonjour", title="Bonjour", language="fr", translation_of="hello")
        publish_sample_letter("ahlan", title="مرحبا", language="ar", translation_of="hello")
    page = fetch_page(client, f"{prefix}/letters/hello")
    paragraphs = [part.text_content() for part in html.fromstring(page).iter("p")]
    assert sentence in {" ".join(text.split()) for text in paragraphs}
    assert re.search(r'hreflang="ar">\s*<bdi lang="ar">العربية</bdi>', page)


def test_a_private_page_is_private_in_every_language(client):
    address = submit_for_receipt(client)
    for language in ("ar", "zh"):
        answer = client.get(f"/{language}{address}")
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["Cache-Control"] == "private, no-store"
    robots = fetch_page(client, "/robots.txt")
    assert "Disallow: /receipts/\n" in robots
    assert "Disallow: /zh/receipts/\n" in robots


def test_names_and_titles_keep_their_direction_in_an_arabic_sentence(app, client, moderator):
    client.post("/ar/letters/hello/comments", data=fill_comment_form(client, name="Ada Reader"))
    publish(moderator)
    assert "\u2068Ada Reader\u2069" in fetch_page(client, "/ar/letters/hello")
    assert "\u2068" not in fetch_page(client)
    for mail in read_mail(app, "ada@example.org"):
        assert re.search("\u2068[A-Z].*\u2069", mail["Subject"])


def test_texts_that_a_steward_wrote_name_their_own_language(app, client):
    update_site_settings(app, tagline="Lettres ouvertes", language="fr")
    assert '<bdi lang="fr">Lettres ouvertes</bdi>' in fetch_page(client, "/ar/")
    assert re.search(
        '<li id="rule-1" value="1" lang="ar" dir="rtl">', fetch_page(client, "/ar/rules")
    )


@pytest.mark.parametrize(
    ("address", "fonts"),
    [
        ("/", ["source-serif-4-latin"]),
        ("/zh/rules", ["source-serif-4-latin"]),
        ("/ru/rules", ["source-serif-4-cyrillic", "source-serif-4-latin"]),
        ("/ru/letters/hello", ["source-serif-4-latin"]),
        ("/ar/rules", ["noto-naskh-arabic-core", "source-serif-4-latin"]),
    ],
)
def test_a_page_loads_the_fonts_of_its_text_ahead(client, address, fonts):
    pattern = r'href="/static/vendor/fonts/([\w-]+)-wght-normal.woff2"'
    found = re.findall(pattern, fetch_page(client, address))
    assert found == fonts
    files = [
        find_resource_folder("static") / "vendor" / "fonts" / f"{name}-wght-normal.woff2"
        for name in found
    ]
    assert sum(path.stat().st_size for path in files) <= 100_000
