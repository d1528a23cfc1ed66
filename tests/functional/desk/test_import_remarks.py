"""An editor checks what an import left out, and confirms it before the letter is published."""

import io
import re

import pytest

from commentsite.accounts.queries import build_actor, get_staff_member
from commentsite.db.session import session, transaction
from commentsite.errors import Invalid, NotAllowed
from commentsite.letters import import_review
from commentsite.letters.importing.queries import find_current_import
from commentsite.letters.models import LetterImport, Media
from commentsite.letters.queries import get_any_letter
from commentsite.letters.remarks import RemarkKind
from tests.support.clients import fetch_csrf_token, fetch_page
from tests.support.commands import run_command
from tests.support.factories import make_app
from tests.support.letter_editing import (
    SOURCE,
    act_on_letter,
    confirm_import,
    import_file,
    make_publishable,
    post_letter_form,
    save_text,
)
from tests.support.pictures import import_with_picture, make_picture, media_folder

REMARKS = (
    (
        RemarkKind.TRACKED_CHANGES,
        3,
        "− an unkind word\n+ a kinder one\n→ a moved one\nan older remark",
    ),
    (RemarkKind.REVIEW_COMMENTS, 2, "Is this <b>true</b>?"),
    (RemarkKind.HIDDEN_TEXT, 1, "twelve secret words"),
)
ARABIC = """رسالة إلى الأمانة

السادة الأعضاء

اجتمعنا يومين في شهر أكتوبر، وفي المساء الثاني أُوقف جهاز التسجيل ولم يلاحظ أحد ذلك.

نطلب أن يُطبع الموقفان جنبًا إلى جنب، كما رغب الوفدان، وأن يُنشر محضر الاجتماع كاملًا.
"""
SLUG = "pictured"
TEXT_PAGE, PUBLISH_PAGE = f"/desk/letters/{SLUG}/edit", f"/desk/letters/{SLUG}/publish"


def import_id(page):
    return re.search(r"/imports/(\d+)/confirm", page)[1]


def log_entries(client, action):
    lines = fetch_page(client, "/transparency/log.jsonl").splitlines()
    return [line for line in lines if f'"{action}"' in line]


@pytest.fixture
def letter(app, editor):
    """A draft with a picture without a description and with remarks, and a permission to publish."""
    import_with_picture(app, remarks=REMARKS)
    make_publishable(editor, SLUG)
    return SLUG


@pytest.mark.parametrize("address", [TEXT_PAGE, PUBLISH_PAGE])
def test_the_panel_shows_each_remark_with_its_words(editor, letter, address):
    page = fetch_page(editor, address)
    assert "Check the import of letter.docx" in page
    for sentence in (
        "3 tracked changes accepted",
        "2 review comments left out",
        "Hidden text left out: 3 words",
        "1 picture needs a description",
    ):
        assert sentence in page
    assert "Is this &lt;b&gt;true&lt;/b&gt;?" in page
    changes = "Deleted: an unkind word\nInserted: a kinder one\nMoved: a moved one\nan older remark"
    assert changes in page
    assert 'name="description-' in page
    assert "picture left out" not in page


@pytest.mark.parametrize("action", ["publish-now", "schedule", "review"])
def test_unconfirmed_remarks_stop_a_publication(client, editor, letter, action):
    refused = act_on_letter(editor, action, SLUG, scheduled_for="2999-01-01T00:00")
    assert refused.status_code == 409
    assert "Check the remarks on the import of this letter first" in refused.text
    assert '<a href="#import">' in refused.text
    assert 'id="import"' in refused.text
    assert client.get(f"/letters/{SLUG}").status_code == 404


@pytest.mark.parametrize("on_page", ["text", "publish"])
def test_a_confirmed_letter_is_published_without_the_words_of_its_remarks(
    client, editor, letter, on_page
):
    answer = confirm_import(editor, SLUG, on_page)
    assert answer.headers["Location"] == (TEXT_PAGE if on_page == "text" else PUBLISH_PAGE)
    assert "Edda Editor checked the remarks" in fetch_page(editor, TEXT_PAGE)
    assert act_on_letter(editor, "publish-now", SLUG).status_code == 303
    (entry,) = log_entries(client, "letter.import_confirmed")
    assert '"remarks":4' in entry.replace(" ", "")
    base = f"/letters/{SLUG}"
    for address in (
        *(
            base,
            f"{base}/versions/1",
            f"{base}/feed.atom",
            f"{base}/feed.json",
            f"{base}/letter.pdf",
        ),
        *("/", "/feed.atom", "/feed.json", "/letters/", "/search?q=secret", "/transparency/log"),
        *("/transparency/log.jsonl", f"{base}/cite/csl-json"),
    ):
        page = client.get(address).get_data()
        for words in (b"unkind", b"twelve secret", b"Is this"):
            assert words not in page, address


def test_the_picture_of_a_confirmed_letter_has_its_description(client, app, editor, letter):
    name = re.search(r'name="(description-\w+)"', fetch_page(editor, TEXT_PAGE))[1]
    assert confirm_import(editor, SLUG, **{name: "A [map] of *two* rivers"}).status_code == 303
    text = fetch_page(editor, TEXT_PAGE)
    assert 'alt="A [map] of *two* rivers"' in text
    assert "/desk/letters/pictured/media/" in text
    act_on_letter(editor, "publish-now", SLUG)
    page = fetch_page(client, f"/letters/{SLUG}")
    image = re.search(r'<img src="(/media/\w+\.png)" alt="([^"]*)" width="60" height="40"', page)
    assert image[2] == "A [map] of *two* rivers"
    assert client.get(image[1]).status_code == 200


def test_a_picture_without_a_description_is_not_published_but_stays_for_later(
    client, editor, letter
):
    confirm_import(editor, SLUG)
    act_on_letter(editor, "publish-now", SLUG)
    assert "<img" not in fetch_page(client, f"/letters/{SLUG}").partition('class="prose"')[2]
    page = fetch_page(editor, TEXT_PAGE)
    assert "Pictures without a description" in page
    name = re.search(r'name="(description-(\w+))"', page)
    assert client.get(f"/media/{name[2]}.png").status_code == 404
    saved = editor.post(
        f"/desk/letters/{SLUG}/pictures/descriptions",
        data={"csrf_token": fetch_csrf_token(editor, TEXT_PAGE), name[1]: "Two rivers"},
    )
    assert saved.status_code == 303
    assert client.get(f"/media/{name[2]}.png").status_code == 404
    act_on_letter(editor, "correct", SLUG, change="editorial", note="A picture was missing.")
    assert 'alt="Two rivers"' in fetch_page(client, f"/letters/{SLUG}")
    assert client.get(f"/media/{name[2]}.png").status_code == 200


def test_a_confirmation_of_an_older_file_is_refused_and_keeps_the_description(editor, letter):
    page = fetch_page(editor, TEXT_PAGE)
    number, name = import_id(page), re.search(r'name="(description-\w+)"', page)[1]
    replaced = post_letter_form(
        editor,
        f"/desk/letters/{SLUG}/replace",
        files={"file": (io.BytesIO(SOURCE_WITH_NOTE), "second.txt")},
        revision="0",
    )
    assert replaced.status_code == 303
    sent = {"csrf_token": fetch_csrf_token(editor, TEXT_PAGE), name: "Two rivers", "page": "text"}
    refused = editor.post(f"/desk/letters/{SLUG}/imports/{number}/confirm", data=sent)
    assert refused.status_code == 409
    assert "comes from another file by now" in refused.text
    assert "Check the import of second.txt" in refused.text


SOURCE_WITH_NOTE = f"A record\n\nThis letter was found in a drawer of the secretariat.\n\nDear all\n\n{SOURCE}".encode()


def test_a_file_that_replaces_the_text_is_checked_too(client, editor):
    import_file(editor)
    make_publishable(editor)
    act_on_letter(editor, "publish-now")
    post_letter_form(
        editor,
        "/desk/letters/a-record/replace",
        files={"file": (io.BytesIO(SOURCE_WITH_NOTE), "second.txt")},
        revision="0",
        editors_note="Published with permission.",
    )
    page = fetch_page(editor, "/desk/letters/a-record/edit")
    assert "The text before the salutation was moved to the editor’s note" in page
    assert (
        "Published with permission.\n\nThis letter was found in a drawer of the secretariat."
        in page
    )
    download = re.search(r'href="(/desk/letters/a-record/imports/\d+/file)"', page)[1]
    received = editor.get(download)
    assert received.data == SOURCE_WITH_NOTE
    assert received.headers["Content-Type"] == "application/octet-stream"
    correction = {"change": "editorial", "note": "Another file."}
    assert act_on_letter(editor, "correct", **correction).status_code == 409
    number = import_id(page)
    sent = {"csrf_token": fetch_csrf_token(editor, "/desk/letters/a-record/edit")}
    assert (
        editor.post(f"/desk/letters/a-record/imports/{number}/confirm", data=sent).status_code
        == 303
    )
    assert act_on_letter(editor, "correct", **correction).status_code == 303
    assert editor.get("/desk/letters/a-record/original/2").data == SOURCE_WITH_NOTE
    assert editor.get("/desk/letters/a-record/original/1").status_code == 200
    assert len(log_entries(client, "letter.text_replaced")) == 1


def test_discarding_a_replaced_text_discards_its_remarks(editor):
    import_file(editor)
    make_publishable(editor)
    post_letter_form(
        editor,
        "/desk/letters/a-record/replace",
        files={"file": (io.BytesIO(SOURCE_WITH_NOTE), "second.txt")},
        revision="0",
    )
    assert act_on_letter(editor, "publish-now").status_code == 409
    post_letter_form(editor, "/desk/letters/a-record/discard")
    assert act_on_letter(editor, "publish-now").status_code == 303


def test_metadata_of_a_file_that_replaces_the_text_are_named_when_they_are_not_used(editor):
    import_file(editor)
    front = "---\ntitle: A record\noccasion: The other meeting\nauthors: [Ada Delegate]\n---\n"
    post_letter_form(
        editor,
        "/desk/letters/a-record/replace",
        files={"file": (io.BytesIO(f"{front}{SOURCE}".encode()), "second.md")},
        revision="0",
    )
    page = fetch_page(editor, "/desk/letters/a-record/edit")
    assert "2 fields of the file not used" in page
    assert "occasion: The other meeting\nauthors: Ada Delegate" in page


def test_images_of_other_sites_are_named_in_a_remark(editor):
    text = f"# A record\n\n![A map](https://maps.example/a.png)\n\n{SOURCE}"
    import_file(editor, content=text.encode())
    page = fetch_page(editor, "/desk/letters/a-record/edit")
    assert "1 picture left out" in page
    assert "https://maps.example/a.png A map" in page


def test_a_described_picture_needs_no_description_any_more(app, editor):
    import_with_picture(app, content=make_picture(), remarks=[(RemarkKind.PICTURES, 2, "")])
    page = fetch_page(editor, TEXT_PAGE)
    assert "1 picture needs a description" in page
    assert "2 pictures left out" in page
    name = re.search(r'name="(description-\w+)"', page)[1]
    sent = {"csrf_token": fetch_csrf_token(editor, TEXT_PAGE), name: "Two rivers"}
    editor.post(f"/desk/letters/{SLUG}/pictures/descriptions", data=sent)
    page = fetch_page(editor, TEXT_PAGE)
    assert "needs a description" not in page
    assert "1 picture had no description in the file" in page


def test_a_language_that_is_no_code_is_refused_by_the_service_too(app, letter):
    with app.app_context():
        actor = build_actor(get_staff_member(1))
        with pytest.raises(Invalid, match="not a code of a language"), transaction():
            import_review.confirm_import(SLUG, by=actor, language="english")


def test_edits_do_not_confirm_the_remarks(editor, letter):
    assert save_text(editor, 0, SOURCE, slug=SLUG).status_code == 303
    assert act_on_letter(editor, "publish-now", SLUG).status_code == 409


def test_a_text_in_another_language_is_not_published_before_an_editor_chooses(app, client, editor):
    import_with_picture(app, remarks=[(RemarkKind.LANGUAGE, 1, "ar")], description="A map")
    make_publishable(editor, SLUG)
    page = fetch_page(editor, TEXT_PAGE)
    assert "The text seems to be in Arabic" in page
    assert act_on_letter(editor, "publish-now", SLUG).status_code == 409
    refused = confirm_import(editor, SLUG, language="")
    assert refused.status_code == 422
    assert "Choose the language of the text." in refused.text
    assert confirm_import(editor, SLUG, language="<b>").status_code == 422
    assert confirm_import(editor, SLUG, language="ar").status_code == 303
    assert act_on_letter(editor, "publish-now", SLUG).status_code == 303
    assert re.search(r'lang="ar" dir="rtl"', fetch_page(client, f"/letters/{SLUG}"))


def test_an_arabic_file_without_a_stated_language_is_not_published_as_english(client, editor):
    answer = import_file(editor, "letter.txt", ARABIC.encode())
    slug = answer.headers["Location"].split("/")[3]
    make_publishable(editor, slug)
    page = fetch_page(editor, answer.headers["Location"])
    assert "The text seems to be in Arabic" in page
    assert '<option value="ar" selected>' in page
    assert act_on_letter(editor, "publish-now", slug).status_code == 409
    assert confirm_import(editor, slug, language="ar").status_code == 303
    assert act_on_letter(editor, "publish-now", slug).status_code == 303
    assert 'lang="ar" dir="rtl"' in fetch_page(client, f"/letters/{slug}")


def test_a_backup_has_the_remarks_and_the_end_of_a_letter_removes_them(app, letter, tmp_path):
    assert run_command(app, "backup", tmp_path / "site.tar.gz").exit_code == 0
    restored = make_app(tmp_path / "restored", None, RATELIMIT_ENABLED="false")
    assert run_command(restored, "restore", tmp_path / "site.tar.gz").exit_code == 0
    with restored.app_context():
        row = find_current_import(get_any_letter(SLUG))
        assert [item["words"] for item in row.remarks][:1] == [REMARKS[0][2]]
        with transaction():
            session().delete(get_any_letter(SLUG))
        assert session().query(LetterImport).count() == 1  # that of the sample letter
        assert session().query(Media).count() == 0


def test_remarks_belong_to_editors_of_the_letter(app, client, editor, moderator, letter):
    page = fetch_page(editor, TEXT_PAGE)
    number, name = import_id(page), re.search(r"media/(\w+\.png)", page)[1]
    confirmation = f"/desk/letters/{SLUG}/imports/{number}/confirm"
    for address in (
        f"/desk/letters/{SLUG}/media/{name}",
        f"/desk/letters/{SLUG}/imports/{number}/file",
    ):
        assert client.get(address).status_code == 303
        assert moderator.get(address).status_code == 403
    sent = {"csrf_token": fetch_csrf_token(moderator)}
    assert moderator.post(confirmation, data=sent).status_code == 403
    assert editor.post(confirmation).status_code == 400
    # The number of an import works at its own letter only.
    other = f"/desk/letters/hello/imports/{number}"
    assert editor.get(f"{other}/file").status_code == 404
    sent = {"csrf_token": fetch_csrf_token(editor)}
    assert editor.post(f"{other}/confirm", data=sent).status_code == 409
    assert editor.get(f"/desk/letters/hello/media/{name}").status_code == 404
    with app.app_context():
        assert find_current_import(get_any_letter(SLUG)).confirmed_at is None


def test_an_editor_of_another_letter_cannot_confirm(app, editor, letter):
    with app.app_context():
        actor = build_actor(get_staff_member(1))
        elsewhere = type(actor)(**{**actor.__dict__, "letter_ids": frozenset({1})})
        number = find_current_import(get_any_letter(SLUG)).id
        with pytest.raises(NotAllowed), transaction():
            import_review.confirm_import(SLUG, number, by=elsewhere)
        with pytest.raises(NotAllowed), transaction():
            import_review.describe_pictures(SLUG, {"0" * 64: "A map"}, by=elsewhere)


def test_a_letter_without_remarks_has_no_panel_and_is_published_at_once(editor):
    import_file(editor, content=f"---\ntitle: A record\nlanguage: en\n---\n{SOURCE}".encode())
    make_publishable(editor)
    assert 'id="import"' not in fetch_page(editor, "/desk/letters/a-record/edit")
    assert act_on_letter(editor, "publish-now").status_code == 303


def test_an_editor_adds_a_picture_with_a_description(app, client, editor):
    import_file(editor)
    make_publishable(editor)
    address = "/desk/letters/a-record/pictures"

    def send(content, description, *, json=False):
        token = fetch_csrf_token(editor, "/desk/letters/a-record/edit")
        sent = {"csrf_token": token, "picture_description": description}
        if content:
            sent["picture"] = (io.BytesIO(content), "map.jpg")
        headers = {"Accept": "application/json"} if json else {}
        return editor.post(address, data=sent, content_type="multipart/form-data", headers=headers)

    picture = make_picture((3200, 100), "JPEG")
    refused = send(picture, " ")
    assert (refused.status_code, "Describe the picture" in refused.text) == (422, True)
    assert "The picture is not added. Choose it again." in refused.text
    assert "still in the form" not in refused.text
    refused = send(b"", "A map")
    assert (refused.status_code, "Choose a picture." in refused.text) == (422, True)
    assert 'value="A map"' in refused.text
    refused = send(b"<html>", "A map", json=True)
    assert refused.status_code == 422
    assert "not a picture" in refused.get_json()["problem"]
    answer = send(picture, "A map", json=True).get_json()
    assert re.fullmatch(r"!\[A map\]\(media:[0-9a-f]{64}\)", answer["markdown"])
    assert answer["markdown"] not in fetch_page(editor, "/desk/letters/a-record/edit")
    assert send(picture, "A map").status_code == 303
    assert answer["markdown"] in fetch_page(editor, "/desk/letters/a-record/edit")
    preview = editor.post(
        "/desk/letters/a-record/preview",
        data={
            "csrf_token": fetch_csrf_token(editor, "/desk/letters/a-record/edit"),
            "source_text": answer["markdown"],
        },
    )
    assert '<img src="/desk/letters/a-record/media/' in preview.text
    act_on_letter(editor, "publish-now")
    assert 'alt="A map" width="1600" height="50"' in fetch_page(client, "/letters/a-record")
    assert len(list(media_folder(app).iterdir())) == 1
