"""A reader compares a letter with its translation, paragraph by paragraph."""

import re

import pytest

from commentsite.db.session import session, transaction
from commentsite.letters.draft import LetterDraft, PermissionDraft
from commentsite.letters.models import Letter
from tests.support.clients import fetch_page, publish, submit
from tests.support.factories import publish_draft, publish_sample_letter
from tests.support.pages import paragraph_ids, visible_text

BESIDE = "/letters/hello/beside/ahlan"


@pytest.fixture
def translated(app, client, moderator):
    """A letter of three paragraphs, its Arabic translation without the last one, and a comment on the second."""
    text = "# مرحبا\n\nالفقرة الأولى تقول ما حدث.[^1]\n\nوالثانية تقول لماذا يهم ذلك.\n\n[^1]: حاشية.\n"
    with app.app_context():
        draft = LetterDraft(
            title="مرحبا", slug="ahlan", language="ar", translation_of="hello", translator="Zoé",
            permission=PermissionDraft(given_by="Zoé"), source_text=text
        )  # fmt: skip
        with transaction():
            publish_draft(draft)
        publish_sample_letter("another", language="fr")
    submit(client, kind="paragraph", paragraphs=paragraph_ids(fetch_page(client))[1])
    publish(moderator)
    return client


def read_rows(page):
    rows = re.findall(r'<section class="parallel-row".*?</section>', page, re.DOTALL)
    return [
        [visible_text(cell) for cell in re.split(r'<div class="parallel-cell"[^>]*>', row)[1:]]
        for row in rows
    ]


def test_both_texts_stand_side_by_side_with_their_languages_and_comments(translated):
    letter = fetch_page(translated)
    assert f'href="{BESIDE}"' in letter
    page = fetch_page(translated, BESIDE)
    rows = {row[0]: row[1] for row in read_rows(page)}
    assert "English 1 The first paragraph says what happened." in rows
    second = "English 2 The second says why it matters. 1 comment"
    assert "والثانية تقول لماذا يهم ذلك." in rows[second]
    assert rows["English 3 The third asks for an answer."].endswith(
        "This text has no such paragraph."
    )
    assert 'lang="ar" dir="rtl"' in page
    assert "Translated by <bdi" in page
    assert 'name="robots" content="noindex"' in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    etag = translated.get(BESIDE).headers["ETag"]
    assert translated.get(BESIDE, headers={"If-None-Match": etag}).status_code == 304
    assert "/fr/letters/hello/paragraphs/" in fetch_page(translated, f"/fr{BESIDE}")


def test_only_translations_of_each_other_have_such_a_page(app, translated):
    for address in (
        "/letters/hello/beside/another",
        "/letters/hello/beside/hello",
        "/letters/hello/beside/none",
    ):
        assert "of which one is a translation of the other" in fetch_page(translated, address, 404)
    with app.app_context(), transaction():
        session().query(Letter).filter_by(slug="ahlan").one().state = "withdrawn"
        session().query(Letter).filter_by(slug="hello").one().page_version += 1
    assert f'href="{BESIDE}"' not in fetch_page(translated)
    assert translated.get(BESIDE).status_code == 404
