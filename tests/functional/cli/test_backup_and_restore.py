"""A backup taken while the site is in use restores every row, on either database."""

import io
import json
import tarfile
import threading
import time

import pytest

from commentsite.accounts.permissions import READER
from commentsite.cli.backup import write_backup
from commentsite.cli.migrate import run_migrations
from commentsite.comments.models import Comment
from commentsite.comments.submission import Submission
from commentsite.comments.submit import submit_comment
from commentsite.db.session import session, transaction
from commentsite.letters.queries import get_public_letter
from commentsite.moderation.transparency.queries import count_comments_by_state
from commentsite.moderation.transparency.verification import verify_records
from commentsite.site.queries import load_site
from tests.support.clients import publish, sign_in, submit, submit_for_receipt
from tests.support.commands import run_command
from tests.support.factories import add_staff_member, close_database, encryption_of, make_app


def send(app, n):
    submission = Submission(
        name=f"Name {n}", email=f"n{n}@example.org", stakeholder_group="CIV", organisation="",
        capacity="personal", body=f"Number {n}, said while the backup ran.", kind="general",
        paragraphs=(), stance="none", parent_id=None, notify_of_replies=False, honeypot="", form_age=60.0,
        network_address=None,
    )  # fmt: skip
    with app.app_context(), transaction():
        submit_comment(
            get_public_letter("hello"), submission, by=READER, site=load_site(),
            encryption=encryption_of(app),
        )  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request, tmp_path):
    """A new, empty site with a key of its own."""
    url = request.getfixturevalue("pg_url") if request.param == "postgresql" else ""
    return make_app(tmp_path / "elsewhere", None, DATABASE_URL=url, RATELIMIT_ENABLED="false")


def test_everything_comes_back_with_addresses_search_and_sign_in(
    app, moderator, elsewhere, tmp_path
):
    client = app.test_client()
    first = submit_for_receipt(client, name="Ada Lovelace", parent="")
    publish(moderator)
    submit(client, body="An answer.", parent="1", email="b@example.org")
    done = run_command(app, "backup", tmp_path / "site.tar.gz")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "site.tar.gz").stat().st_mode & 0o077 == 0
    done = run_command(elsewhere, "restore", tmp_path / "site.tar.gz")
    assert done.exit_code == 0, done.output
    assert "The audit log and the books hold." in done.output
    there = elsewhere.test_client()
    assert "Ada Lovelace" in there.get("/letters/hello").text
    assert "Ada Lovelace" in there.get("/letters/?q=lovelace").text
    assert "Your comment is published." in there.get(first).text
    assert there.get(f"{first}/data.json").get_json()["email"] == "ada@example.org"
    assert publish(sign_in(elsewhere), 2).status_code == 303
    assert submit(there, body="Written after it came back.").status_code == 303
    with elsewhere.app_context():
        assert verify_records() == []
        assert session().query(Comment).count() == 3


def test_a_site_with_content_is_not_overwritten_and_a_torn_file_changes_nothing(
    app, elsewhere, tmp_path
):
    file = tmp_path / "site.tar.gz"
    run_command(app, "backup", file)
    done = run_command(app, "restore", file)
    assert done.exit_code == 1
    assert "This site has content." in done.output
    torn = tmp_path / "torn.tar.gz"
    torn.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])
    other = tmp_path / "other.tar.gz"
    with tarfile.open(other, "w:gz") as tar:
        tar.add(__file__, "x.txt")
    for bad in (torn, other):
        done = run_command(elsewhere, "restore", bad)
        assert done.exit_code == 1
        assert "no whole backup" in done.output
    assert run_command(elsewhere, "restore", file).exit_code == 0


def test_a_backup_without_its_key_says_which_key_it_needs(app, tmp_path):
    file = tmp_path / "site.tar.gz"
    run_command(app, "backup", file)  # the key came from outside, so it is not in the file
    with tarfile.open(file) as tar:
        assert "keys/secret_key" not in tar.getnames()
        assert json.load(tar.extractfile("manifest.json"))["tables"]["letter"] == 1
    stranger = make_app(
        tmp_path / "x", None, SECRET_KEY="another-secret-of-another-site-0123456789"
    )
    done = run_command(stranger, "restore", file)
    assert done.exit_code == 1
    assert "needs the key of its site" in done.output


def test_a_backup_by_a_newer_program_says_so_and_leaves_the_site_empty(app, elsewhere, tmp_path):
    file, newer = tmp_path / "site.tar.gz", tmp_path / "newer.tar.gz"
    run_command(app, "backup", file)
    with tarfile.open(file) as old, tarfile.open(newer, "w:gz") as new:
        for member in old:
            content = old.extractfile(member).read()
            if member.name == "manifest.json":
                content = json.dumps({**json.loads(content), "revision": "9999"}).encode()
                member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    done = run_command(elsewhere, "restore", newer)
    assert done.exit_code == 1
    assert "made by a newer version of commentsite" in done.output
    assert run_command(elsewhere, "restore", file).exit_code == 0


def test_a_backup_under_load_holds_one_moment(any_app, tmp_path, template_database):
    add_staff_member(any_app)
    stop, sent, file = threading.Event(), [], tmp_path / "live.tar.gz"

    def load():
        while not stop.is_set():
            send(any_app, len(sent))
            sent.append(1)

    writer = threading.Thread(target=load)
    writer.start()
    try:
        for _ in range(3):
            before = len(sent)
            write_backup(file)
            deadline = time.monotonic() + 20
            while len(sent) == before and time.monotonic() < deadline:
                time.sleep(0.01)
    finally:
        stop.set()
        writer.join()
    elsewhere = make_app(tmp_path / "elsewhere", None, RATELIMIT_ENABLED="false")
    done = run_command(elsewhere, "restore", file)
    assert done.exit_code == 0, done.output
    with elsewhere.app_context():
        run_migrations()
        assert 0 < count_comments_by_state()["pending"] <= len(sent)
        assert verify_records() == []
        close_database()
