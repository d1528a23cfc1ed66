"""A comment carries its language: detected, chosen by its author, or corrected by a moderator."""

import re

import pytest

from commentsite.comments.models import Comment
from commentsite.comments.screening.checks import CheckCode
from commentsite.db.session import session
from tests.support.clients import (
    fetch_case,
    fetch_page,
    post_from_queue,
    post_receipt_form,
    publish,
    submit,
    submit_and_identify,
)
from tests.support.factories import detect_languages, update_site_settings

ARABIC = "نشكر المجموعة على مسودتها الثالثة، ونطلب تعيين أمين للسجل."
FRENCH = "Nous remercions le groupe de son projet. Nous demandons que le procès-verbal soit public."
SHORT = "Muy bien."


@pytest.fixture
def comments(client, moderator):
    """An Arabic, a French and a short comment, all published. The author of the last one chose its language."""
    for number, (body, language) in enumerate(((ARABIC, ""), (FRENCH, ""), (SHORT, "es")), 1):
        submit(client, email=f"{number}@example.org", body=body, language=language)
        publish(moderator, number)
    detect_languages(client.application)
    return client


def find_text_attributes(page, number=1):
    comment = page.partition(f'id="comment-{number}"')[2]
    return re.search(r'class="comment-text text-body"([^>]*)>', comment)[1].split()


def test_each_text_is_shown_in_its_language_and_readers_filter_by_it(comments):
    page = fetch_page(comments)
    assert find_text_attributes(page, 1) == ['lang="ar"', 'dir="rtl"']
    assert find_text_attributes(page, 2) == ['lang="fr"', 'dir="ltr"']
    assert find_text_attributes(page, 3) == ['lang="es"', 'dir="ltr"']
    assert '<option value="es">Spanish (español) (1)</option>' in page
    filtered = fetch_page(comments, "/letters/hello?language=ar")
    assert "1 of 3 comments." in filtered
    assert 'id="comment-2"' not in filtered
    assert "No comment matches this choice." in fetch_page(comments, "/letters/hello?language=ko")
    found = comments.get("/api/v1/letters/hello/comments").get_json()["items"]
    assert [comment["language"] for comment in found] == ["ar", "fr", "es"]
    assert '"language": "fr"' in comments.get("/letters/hello/feed.json").text
    for query, number in (("المجموعه", 1), ("projet", 2)):
        page = fetch_page(comments, f"/search?q={query}")
        assert f"comments/{number}" in page
        assert '<option value="ar">' in page
    assert "comments/2" not in fetch_page(comments, "/search?q=projet&language=ar")


def test_words_for_a_language_hold_a_comment_in_it_on_a_letter_in_another(app, client):
    update_site_settings(app, banned_words="[es]\nlotería")
    spanish = "Agradecemos el proyecto y pedimos que el acta sea pública. Ganen en nuestra lotería."
    submit(client, body=spanish)
    submit(
        client,
        email="b@example.org",
        body="A lotería is a word that English texts may quote freely.",
    )
    with app.app_context():
        checks = [c.held_by_check for c in session().query(Comment).order_by(Comment.id)]
    assert checks == [CheckCode.BANNED_WORD, CheckCode.PREMODERATION]


def test_an_author_chooses_the_language_and_changes_it_with_the_text(client, moderator):
    for forged in ("x-read-this", "Spanish!"):
        refused = submit(client, body=SHORT, language=forged)
        assert refused.status_code == 422
    assert refused.status_code == 422
    assert "Choose a language from the list, or let it be detected." in refused.text
    receipt, number = submit_and_identify(client, body=SHORT, language="es")
    assert '<option value="es" selected>' in fetch_page(client, receipt)
    wrong = post_receipt_form(client, receipt, "edit", body="x", language="pt")
    assert wrong.status_code == 422
    assert '<option value="pt" selected>' in wrong.text
    assert (
        post_receipt_form(client, receipt, "edit", body="Muito bem.", language="pt").status_code
        == 303
    )
    assert "Portuguese (chosen by the author)" in fetch_case(moderator, number)
    publish(moderator, number)
    assert find_text_attributes(fetch_page(client))[0] == 'lang="pt"'


def test_a_moderator_corrects_a_language_without_changing_the_text(client, moderator):
    number = submit_and_identify(client, body=FRENCH)[1]
    detect_languages(client.application)
    case = fetch_case(moderator, number)
    assert "French (detected)" in case
    version = re.search(rf'value="({number}@\d+)"', case)[1]
    address = f"/desk/moderation/{number}/language"
    post_from_queue(moderator, address, language="?")
    assert "“?” is not a code of a language." in fetch_case(moderator, number)
    post_from_queue(moderator, address, language="oc")
    case = fetch_case(moderator, number)
    assert "Occitan (set by a moderator)" in case
    assert f'value="{version}"' in case  # the version that a decision names is the same
    assert "corrected the language of the text" in case
    assert "corrected the language of" in fetch_page(moderator, "/desk/audit/")
    publish(moderator, number)
    assert find_text_attributes(fetch_page(client))[0] == 'lang="oc"'
