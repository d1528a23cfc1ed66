"""Every word that the interface shows is translated, in whole sentences that a translator can turn around."""

import shutil
from zoneinfo import available_timezones

import pytest
from babel import Locale
from lxml import html
from sqlalchemy import select

from commentsite.accounts.models import User
from commentsite.db.base import Base
from commentsite.db.session import session, transaction
from commentsite.letters.citations.references import get_document_title
from tests.support.clients import sign_in
from tests.support.crawler import crawl, list_letters, list_receipts
from tests.support.databases import create_demo
from tests.support.factories import add_staff_member, make_app
from tests.support.pseudo_locale import (
    LANGUAGE,
    WORD,
    find_glued,
    find_untranslated,
    speak_pseudo_language,
)
from tests.support.shared_work import prepare_once

STEWARD = "steward@staff.example"
#: The names of formats, hashes and keys. They are the same in all languages.
PROPER_NAMES = {"BibTeX", "CSL", "CSV", "Ctrl", "DOCX", "JSON", "ODS", "PDF", "RIS", "SHA", "Shift"}
NAMED_BY_OTHERS = available_timezones() | {
    code.replace("_", "-") for code in Locale(LANGUAGE).languages
}


class PageCollector:
    """A client that keeps the HTML pages which it gets."""

    def __init__(self, client):
        self.client, self.pages = client, {}

    def get(self, address, **options):
        answer = self.client.get(address, **options)
        if answer.mimetype == "text/html":
            self.pages[address] = answer.text
        return answer


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages of the demo in the language of tests, for a reader and for a steward, and all texts of its database.

    The application is one of its own, because it keeps parts of pages in this language.
    """
    folder = tmp_path_factory.mktemp("pseudo") / "instance"
    shutil.copytree(prepare_once(tmp_path_factory, "demo", create_demo), folder)
    app = make_app(folder, RATELIMIT_ENABLED="false")
    add_staff_member(app, "steward", STEWARD, "Sada Steward")
    with app.app_context():
        with transaction():
            steward = session().scalar(select(User).where(User.email == STEWARD))
            steward.language = LANGUAGE
        contents = collect_contents()
    with speak_pseudo_language(app):
        reader, steward = PageCollector(app.test_client()), PageCollector(sign_in(app, STEWARD))
        letters, receipts = list_letters(app), list_receipts(app)
        starts = [f"/{LANGUAGE}{path}" for path in ("/", *letters, *receipts, "/no-such-page")]
        crawl(app, reader, starts, follows=is_public_page)
        crawl(app, steward, ["/desk/"], follows=is_desk_page)
    pages = reader.pages | steward.pages
    return {address: read(page) for address, page in pages.items()}, contents


def is_public_page(path):
    # The address of a PDF answers with a page only while the PDF is drawn.
    return path.startswith(f"/{LANGUAGE}/") and not path.endswith(".pdf")


def is_desk_page(path):
    # Sample emails and the content of letters are in the language of the site.
    return path.startswith(("/desk/", "/account/")) and not path.endswith("/html")


def collect_contents():
    """Return all texts of the database, with single spaces, and the titles of the documents that it cites."""
    rows = [
        row for table in Base.metadata.sorted_tables for row in session().execute(select(table))
    ]
    texts = {" ".join(text.split()) for row in rows for text in list_texts(list(row))}
    return texts | {title for text in texts if (title := get_document_title(text))}


def list_texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from list_texts([*value, *value.values()])
    elif isinstance(value, list | tuple):
        for part in value:
            yield from list_texts(part)


def read(page):
    """Return a page without options that Babel and the database of time zones name."""
    tree = html.document_fromstring(page)
    for option in tree.xpath("//option"):
        if NAMED_BY_OTHERS & {option.get("value"), option.text}:
            option.drop_tree()
    return tree


def list_names_of_babel():
    locale = Locale(LANGUAGE)
    months = locale.months["format"]  # the first of a month is "1er" in French
    names = [
        "er",
        *months["wide"].values(),
        *months["abbreviated"].values(),
        *locale.languages.values(),
    ]
    return {word.lower() for name in names for word in WORD.findall(name)}


def test_every_word_of_the_interface_is_translated(site):
    pages, contents = site
    known = list_names_of_babel() | {word.lower() for word in PROPER_NAMES}
    everything = "\n".join(contents)
    found = set()
    for address, page in pages.items():
        for text in find_untranslated(page):
            for part in " ".join(text.split()).split("– "):  # as in the titles of pages
                shown = part.strip(" .,:;()–“”…0123456789")
                words = [word for word in WORD.findall(shown) if word.lower() not in known]
                is_content = shown in contents or (" " in shown and shown in everything)
                if words and not is_content:
                    found.add(f"{address}: {shown}")
    assert len(pages) > 100
    assert not found, "\n".join(sorted(found))


def test_no_sentence_is_put_together_from_parts(site):
    found = {f"{address}: {line}" for address, page in site[0].items() for line in find_glued(page)}
    assert not found, "\n".join(sorted(found))
