"""Readers see the pictures of published letters."""

import io
import os
import re
import tarfile

import pypdf
import pytest

from commentsite import clock
from commentsite.db.session import session, transaction
from commentsite.letters.queries import get_any_letter
from commentsite.worker import tasks
from tests.support.clients import fetch_page
from tests.support.commands import run_command
from tests.support.factories import make_app
from tests.support.letter_editing import act_on_letter, make_publishable
from tests.support.pdf import fetch_pdf
from tests.support.pictures import import_with_picture, make_picture, media_folder


@pytest.fixture
def picture(app, editor):
    """The name of the picture of the published letter /letters/pictured."""
    name = import_with_picture(app, description="A map of two rivers")
    make_publishable(editor, "pictured")
    assert act_on_letter(editor, "publish-now", "pictured").status_code == 303
    return name


def test_a_reader_sees_a_picture_with_its_description_and_size(client, picture):
    page = fetch_page(client, "/letters/pictured")
    assert (
        f'<figure><img src="/media/{picture}" alt="A map of two rivers" width="60" height="40" '
        'loading="lazy"></figure>' in page
    )
    assert "media:" not in fetch_page(client, "/letters/pictured/feed.json")
    pid = re.search(r'id="(p-\w+)"[^>]*>(?:(?!</div>).)*<figure>', page, re.DOTALL)[1]
    assert "A map of two rivers" in fetch_page(client, f"/letters/pictured/paragraphs/{pid}")


def test_a_picture_is_served_for_ever_and_cannot_act(client, picture):
    answer = client.get(f"/media/{picture}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, s-maxage=60, immutable"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "Set-Cookie" not in answer.headers
    again = client.get(f"/media/{picture}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    head = client.head(f"/media/{picture}")
    assert (head.status_code, head.data) == (200, b"")
    assert client.get(f"/media/{picture.replace('.png', '.jpg')}").status_code == 404


def test_the_picture_of_a_withdrawn_letter_is_gone(client, editor, picture):
    act_on_letter(editor, "withdraw", "pictured", reason="At its author’s wish.")
    assert client.get(f"/media/{picture}").status_code == 404


def test_a_picture_is_in_the_pdf(client, picture):
    answer = fetch_pdf(client, "/letters/pictured/letter.pdf")
    pages = pypdf.PdfReader(io.BytesIO(answer.data)).pages
    assert {image.image.size for page in pages for image in page.images} == {(60, 40)}


def test_a_picture_whose_file_is_missing_is_named_by_verify_and_the_pdf_still_opens(
    app, client, picture
):
    assert run_command(app, "verify").exit_code == 0
    (media_folder(app) / picture).unlink()
    result = run_command(app, "verify")
    assert result.exit_code == 1
    assert f"The picture {picture} of the letter pictured is missing or damaged" in result.output
    assert client.get(f"/media/{picture}").status_code == 404
    assert fetch_pdf(client, "/letters/pictured/letter.pdf").status_code == 200


def test_verify_names_a_picture_whose_file_was_changed(app, picture):
    (media_folder(app) / picture).write_bytes(make_picture(colour="black"))
    result = run_command(app, "verify")
    assert result.exit_code == 1
    assert picture in result.output


def test_a_backup_restores_the_pictures(app, picture, tmp_path):
    assert run_command(app, "backup", tmp_path / "site.tar.gz").exit_code == 0
    with tarfile.open(tmp_path / "site.tar.gz") as archive:
        assert f"media/{picture}" in archive.getnames()
    restored = make_app(tmp_path / "restored", None, RATELIMIT_ENABLED="false")
    result = run_command(restored, "restore", tmp_path / "site.tar.gz")
    assert result.exit_code == 0, result.output
    file = media_folder(restored) / picture
    assert file.read_bytes() == (media_folder(app) / picture).read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    assert restored.test_client().get(f"/media/{picture}").status_code == 200


def test_a_backup_with_a_picture_of_a_strange_name_is_refused(app, picture, tmp_path):
    run_command(app, "backup", tmp_path / "site.tar.gz")
    with (
        tarfile.open(tmp_path / "site.tar.gz") as archive,
        tarfile.open(tmp_path / "forged.tar.gz", "w:gz") as forged,
    ):
        for member in archive:
            content = archive.extractfile(member)
            if member.name.startswith("media/"):
                member.name = "media/../../escaped.png"
            forged.addfile(member, content)
    restored = make_app(tmp_path / "restored", None, RATELIMIT_ENABLED="false")
    result = run_command(restored, "restore", tmp_path / "forged.tar.gz")
    assert result.exit_code == 1
    assert "not a complete backup" in result.output
    assert not (tmp_path / "escaped.png").exists()
    assert restored.test_client().get("/letters/pictured").status_code == 404


def test_the_file_of_a_picture_is_deleted_with_the_last_letter_that_has_it(app, editor, picture):
    assert import_with_picture(app, slug="second", description="The same") == picture
    file = media_folder(app) / picture
    long_ago = clock.now().timestamp() - 2 * 86_400
    os.utime(file, (long_ago, long_ago))
    for slug, stays in (("second", True), ("pictured", False)):
        with app.app_context(), transaction():
            session().delete(get_any_letter(slug))
        tasks.run_pass(app)
        assert file.exists() is stays
