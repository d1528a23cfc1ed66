"""Archive all public pages, and read them as files, without a server."""

import json
from dataclasses import replace

import bagit
import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import transaction
from commentsite.exchange.archive import writer
from commentsite.letters.publication.corrections import withdraw_letter
from commentsite.letters.slugs import change_slug
from commentsite.site.pages.services import PageDraft, change_page, create_page
from tests.support.archives import find_broken_links, list_foreign_files, parse_page
from tests.support.clients import submit_numbered
from tests.support.commands import run_command
from tests.support.factories import mark_published, publish_sample_letter


@pytest.fixture
def filled(app):
    """A site with a withdrawn letter, a renamed one, and comments of which one is not public."""
    client = app.test_client()
    submit_numbered(client, 1, body="A public word about routes")
    submit_numbered(client, 2, body="A secret word")
    with app.app_context():
        publish_sample_letter("gone")
        publish_sample_letter("before")
        with transaction():
            mark_published(1)
        with transaction():
            withdraw_letter("gone", "Its author asked for it.", by=SYSTEM)
            change_slug("before", "after", by=SYSTEM)
            draft = PageDraft("About", "us", "Our *work*.", "en", "none", None, is_public=True)
            page = create_page(draft, by=SYSTEM)  # in no menu
            change_page(page.id, 1, replace(draft, slug="about"), by=SYSTEM)
    return app


def archive(app, folder, *options):
    result = run_command(app, "archive", folder, *options)
    assert result.exit_code == 0, result.output
    return result.output


def test_every_link_of_the_archive_leads_to_a_file(filled, tmp_path):
    root = tmp_path / "archive"
    output = archive(filled, root)
    assert "answered" not in output
    assert find_broken_links(root) == []
    assert list_foreign_files(root) == []
    assert [path.name for path in tmp_path.iterdir() if "archive" in path.name] == ["archive"]
    letter = (root / "letters/hello/index.html").read_text(encoding="utf-8")
    assert "A public word about routes" in letter
    assert "This is an archive of" in letter
    texts = [path.read_bytes() for path in root.rglob("*") if path.is_file()]
    assert not any(b"A secret word" in text for text in texts)
    assert not any(b"1@example.org" in text for text in texts)
    assert not any(b"<form" in text and b"data-archive" not in text for text in texts)
    gone = (root / "letters/gone/index.html").read_text(encoding="utf-8")
    assert "Its author asked for it." in gone
    assert "Our <em>work</em>." in (root / "pages/about/index.html").read_text(encoding="utf-8")
    assert 'url=../about/index.html"' in (root / "pages/us/index.html").read_text()
    assert 'url=../after/index.html"' in (root / "letters/before/index.html").read_text()
    for name in ("letter.pdf", "feed.atom", "feed.json", "cite/bibtex.bib", "cite/ris.ris"):
        assert (root / "letters/hello" / name).stat().st_size
    words = (root / "search/words-1.js").read_text(encoding="utf-8")
    rows = json.loads(words.removeprefix("archiveSearch.add(").removesuffix(");\n"))
    assert any("A public word about routes" in row[4] for row in rows)
    assert (root / "search/search.js").stat().st_size < 30_000
    listed = parse_page(root / "letters-a-z.html").xpath("//main//a/@href")
    assert listed == [f"letters/{slug}/index.html" for slug in ("after", "gone", "hello")]
    # The check finds what is broken.
    (root / "letters/after/index.html").unlink()
    assert any("letters/after/index.html" in problem for problem in find_broken_links(root))


def test_a_bag_with_a_warc_file_passes_the_checks_of_its_libraries(filled, tmp_path):
    root = tmp_path / "archive"
    archive(filled, root, "--warc")
    bag = bagit.Bag(str(root))
    bag.validate()
    assert bag.info["External-Identifier"] == "http://127.0.0.1:8000"
    assert find_broken_links(root / "data") == []
    file = root / "data" / "commentsite.warc.gz"
    checker = Checker(type("Options", (), {"inputs": [str(file)], "verbose": False})())
    checker.process_all()
    assert checker.exit_value == 0
    with file.open("rb") as stream:
        answers = {
            record.rec_headers["WARC-Target-URI"]: record.http_headers.get_statuscode()
            for record in ArchiveIterator(stream)
            if record.rec_type == "response"
        }
    assert answers["http://127.0.0.1:8000/letters/hello"] == "200"
    assert answers["http://127.0.0.1:8000/letters/gone"] == "410"
    (root / "data" / "index.html").write_text("changed", encoding="utf-8")
    assert not bag.is_valid()


def test_a_folder_with_files_is_refused(app, tmp_path):
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "mine.txt").write_text("mine", encoding="utf-8")
    result = run_command(app, "archive", tmp_path / "archive")
    assert result.exit_code == 1
    assert "is not empty" in result.output
    assert (tmp_path / "archive" / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_an_interrupted_archive_leaves_nothing(app, tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(writer, "rewrite_page", stop)
    folder = tmp_path / "out"
    folder.mkdir()
    result = run_command(app, "archive", folder / "archive")
    assert result.exit_code != 0
    assert list(folder.iterdir()) == []
