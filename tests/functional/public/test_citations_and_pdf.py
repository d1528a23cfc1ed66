"""Citations, metadata and PDF of a letter, read by the libraries of their consumers."""

import io
import json
import re
import warnings

import bibtexparser
import pytest
import rispy
from citeproc import (
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
)
from citeproc.source.json import CiteProcJSON
from pypdf import PdfReader

from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import transaction
from commentsite.letters.draft import AuthorDraft, LetterDraft, PermissionDraft
from tests.support.clients import fill_comment_form, publish, submit
from tests.support.factories import publish_draft
from tests.support.pdf import fetch_pdf, read_with_pypdf

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import extruct

TITLE = "100% of {us} & them: “共识” </script><b>"
LETTERS = {
    "odd": LetterDraft(
        title=TITLE,
        slug="odd",
        authors=(AuthorDraft("Zoë O'Neil_Brown", "CIV", "delegate", "A & B"), AuthorDraft("李明")),
        standfirst="What it is about.",
        topics=("records",),
        licence="CC BY 4.0",
        source_text="Dear all\n\nThe first of two paragraphs cites A/RES/70/125, para 65.\n\nالفقرة الثانية من الرسالة. {lang=ar}\n",
        permission=PermissionDraft("Zoë"),
    ),
    "traduit": LetterDraft(
        title="Traduit",
        slug="traduit",
        language="fr",
        translation_of="odd",
        translator="Zoé Traductrice",
        source_text="Le premier de deux paragraphes.\n\nLe second paragraphe de la lettre.\n",
        permission=PermissionDraft("Zoë"),
    ),
}


@pytest.fixture
def cited_letters(app):
    with app.app_context():
        for draft in LETTERS.values():
            with transaction():
                publish_draft(draft)
    return app.test_client()


def test_bibtex_is_read_by_bibtexparser(cited_letters):
    answer = cited_letters.get("/letters/odd/cite/bibtex")
    assert answer.mimetype == "application/x-bibtex"
    parser = bibtexparser.bparser.BibTexParser(common_strings=True)
    entry = bibtexparser.loads(answer.text, parser).entries[0]
    assert entry["ENTRYTYPE"] == "misc"
    assert entry["url"].endswith("/letters/odd/versions/1")
    assert entry["author"] == r"{Zoë O'Neil\_Brown} and {李明}"
    assert "共识" in entry["title"]
    assert r"100\%" in entry["title"]
    assert entry["note"] == "Version 1"


def test_ris_is_read_by_rispy(cited_letters):
    answer = cited_letters.get("/letters/odd/cite/ris")
    entry = rispy.loads(answer.text)[0]
    assert entry["authors"] == ["Zoë O'Neil_Brown", "李明"]
    assert entry["title"] == TITLE
    assert entry["urls"][0].endswith("/letters/odd/versions/1")
    assert entry["language"] == "en"


def test_csl_json_is_set_by_citeproc(cited_letters):
    source = CiteProcJSON(json.loads(cited_letters.get("/letters/odd/cite/csl-json").data))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        style = CitationStylesStyle("harvard-cite-them-right", validate=False)
        bibliography = CitationStylesBibliography(style, source, formatter.plain)
        bibliography.register(Citation([CitationItem("odd")]))
        words = str(bibliography.bibliography()[0])
    assert "共识" in words
    assert "Zoë O'Neil_Brown" in words
    assert "/letters/odd/versions/1" in words


def test_search_engines_read_the_letter_and_its_comments(cited_letters, moderator):
    for slug in ("odd",):
        cited_letters.post(
            f"/letters/{slug}/comments",
            data=fill_comment_form(cited_letters, slug=slug, body="Said </script><i>."),
        )
    publish(moderator)
    page = cited_letters.get("/letters/odd").text
    found = extruct.extract(
        page, base_url="http://127.0.0.1:8000", syntaxes=["json-ld", "opengraph", "dublincore"]
    )
    article = found["json-ld"][0]
    assert article["@type"] == "Article"
    assert article["headline"] == TITLE
    assert [a["name"] for a in article["author"]] == ["Zoë O'Neil_Brown", "李明"]
    assert article["commentCount"] == 1
    assert article["comment"][0]["text"] == "Said </script><i>."
    assert article["citation"] == ["A/RES/70/125"]
    assert article["workTranslation"][0].endswith("/letters/traduit")
    assert "@" not in json.dumps(article["comment"]).replace('"@', "")
    graph = dict(found["opengraph"][0]["properties"])
    assert graph["og:title"] == TITLE
    assert graph["og:type"] == "article"
    core = {e["name"]: e["content"] for e in found["dublincore"][0]["elements"] if "name" in e}
    assert core["DC.title"] == TITLE
    scholar = re.findall(r'<meta name="citation_author" content="([^"]+)"', page)
    assert len(scholar) == 2
    assert page.count("</script><b>") == 0


def test_the_translation_and_its_original_point_to_each_other(cited_letters):
    original, translated = (
        " ".join(cited_letters.get(f"/letters/{slug}").text.split()) for slug in ("odd", "traduit")
    )
    assert 'hreflang="fr" href="http://127.0.0.1:8000/letters/traduit"' in original
    assert 'hreflang="en" href="http://127.0.0.1:8000/letters/odd"' in translated
    assert "Zoé Traductrice" in translated
    pids = [re.findall(r'class="para" id="(p-\w+)"', page) for page in (original, translated)]
    assert pids[0] == pids[1] != []


def test_every_block_has_its_language_and_direction(cited_letters):
    page = cited_letters.get("/letters/odd").text
    assert re.search(r'class="para" id="p-\w+" lang="en" dir="ltr"', page)
    assert re.search(r'class="para" id="p-\w+" lang="ar" dir="rtl"', page)
    assert "{lang=" not in page


def test_the_pdf_contains_letter_and_comments_and_fetches_nothing(client, moderator):
    submit(client, body="A comment for paper, see ![x](http://127.0.0.1:1/x.png)")
    publish(moderator)
    answer = fetch_pdf(client, "/letters/hello/letter.pdf")
    assert answer.mimetype == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.data))
    words = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for part in (
        "Hello",
        "Amina Author",
        "The second says why it matters.",
        "A comment for paper",
        "civil society",
    ):
        assert part in words
    assert "ada@example.org" not in words
    assert reader.metadata.title == "Hello"
    again = client.get("/letters/hello/letter.pdf")
    assert again.headers["ETag"]
    assert again.headers["Content-Disposition"] == 'inline; filename="hello.pdf"'
    cited = client.get("/letters/hello/cite/bibtex")
    assert cited.headers["Content-Disposition"] == 'inline; filename="hello.bib"'


def test_arabic_is_in_reading_order_in_the_pdf(cited_letters):
    words = read_with_pypdf(fetch_pdf(cited_letters, "/letters/odd/letter.pdf").data)
    assert "الثانية من الرسالة" in words


def test_oembed_describes_a_letter_and_nothing_else(cited_letters):
    found = cited_letters.get("/oembed?url=http://127.0.0.1:8000/letters/odd").json
    assert (found["version"], found["type"], found["title"]) == ("1.0", "link", TITLE)
    assert found["author_name"] == "Zoë O'Neil_Brown, 李明"
    for bad in ("http://evil.example/letters/odd", "http://127.0.0.1:8000/desk/", "odd", ""):
        assert cited_letters.get("/oembed", query_string={"url": bad}).status_code == 404
    assert (
        cited_letters.get("/oembed?format=xml&url=http://127.0.0.1:8000/letters/odd").status_code
        == 501
    )


def test_json_feeds_have_the_content_of_the_atom_feeds(cited_letters, client, moderator):
    submit(client, body="*One* word.")
    publish(moderator)
    letters = cited_letters.get("/feed.json").json
    assert letters["version"] == "https://jsonfeed.org/version/1.1"
    assert [i["title"] for i in letters["items"]] == ["Traduit", TITLE, "Hello"]
    comments = client.get("/letters/hello/feed.json").json
    assert comments["items"][0]["content_html"] == (
        '<div dir="ltr"><p><em>One</em> word.</p></div>'
    )
    assert comments["items"][0]["authors"] == [{"name": "Ada Reader"}]
    assert "ada@example.org" not in json.dumps(comments)


def test_an_unknown_format_and_a_withdrawn_letter_cannot_be_cited(cited_letters, app):
    assert cited_letters.get("/letters/odd/cite/word").status_code == 404
    from commentsite.letters.publication.corrections import withdraw_letter  # noqa: PLC0415

    with app.app_context(), transaction():
        withdraw_letter("odd", "Because.", by=SYSTEM)
    assert cited_letters.get("/letters/odd/cite/ris").status_code == 404
    assert cited_letters.get("/letters/odd/letter.pdf").status_code == 404
    assert "ld+json" not in cited_letters.get("/letters/odd").text
