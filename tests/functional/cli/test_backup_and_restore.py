"""A backup taken while the site is in use restores every row, on either database."""

import io
import json
import tarfile
import threading
import time

import pytest

from commentsite.cli.backup import write_backup
from commentsite.cli.migrate import run_migrations
from commentsite.comments.models import Comment
from commentsite.comments.submission import Submission
from commentsite.db.session import session, transaction
from tests.support.audit import verify_records
from tests.support.clients import publish, sign_in, submit, submit_for_receipt
from tests.support.commands import run_command
from tests.support.factories import (
    add_staff_member,
    close_database,
    comment_states,
    count_comments_by_state,
    encryption_of,
    examine_at_once,
    examine_received,
    make_app,
    submit_by_service,
)


def send(app, n):
    submission = Submission(
        name=f"Name {n}", email=f"n{n}@example.org", stakeholder_group="CIV", organisation="",
        capacity="personal", body=f"Number {n}, sent while the backup ran.", kind="general",
        paragraphs=(), stance="none", parent_id=None, notify_of_replies=False, honeypot="", form_age=60.0,
        network_address=None,
    )  # fmt: skip
    with app.app_context(), transaction():
        submit_by_service(submission, encryption_of(app))


@pytest.fixture(params=["sqlite", "postgresql"])
def new_site(request, tmp_path):
    """A new, empty site with a key of its own."""
    url = request.getfixturevalue("pg_url") if request.param == "postgresql" else ""
    return make_app(tmp_path / "new_site", None, DATABASE_URL=url, RATELIMIT_ENABLED="false")


def test_a_restored_site_has_addresses_search_and_sign_in(app, moderator, new_site, tmp_path):
    client = app.test_client()
    first = submit_for_receipt(client, name="Ada Lovelace", parent="")
    publish(moderator)
    submit(client, body="An answer.", parent="1", email="b@example.org")
    result = run_command(app, "backup", tmp_path / "site.tar.gz")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "site.tar.gz").stat().st_mode & 0o077 == 0
    result = run_command(new_site, "restore", tmp_path / "site.tar.gz")
    assert result.exit_code == 0, result.output
    assert "The audit log is intact and agrees with the database." in result.output
    reader = new_site.test_client()
    assert "Ada Lovelace" in reader.get("/letters/hello").text
    assert "Ada Lovelace" in reader.get("/search?q=lovelace").text
    assert "Your comment is published." in reader.get(first).text
    assert reader.get(f"{first}/data.json").get_json()["email"] == "ada@example.org"
    assert publish(sign_in(new_site), 2).status_code == 303
    assert submit(reader, body="Written after the restore.").status_code == 303
    with new_site.app_context():
        assert verify_records() == []
        assert session().query(Comment).count() == 3


def test_a_site_with_content_is_not_overwritten_and_a_damaged_file_changes_nothing(
    app, new_site, tmp_path
):
    file = tmp_path / "site.tar.gz"
    run_command(app, "backup", file)
    result = run_command(app, "restore", file)
    assert result.exit_code == 1
    assert "This site has content." in result.output
    damaged = tmp_path / "damaged.tar.gz"
    damaged.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])
    other = tmp_path / "other.tar.gz"
    with tarfile.open(other, "w:gz") as tar:
        tar.add(__file__, "x.txt")
    for bad in (damaged, other):
        result = run_command(new_site, "restore", bad)
        assert result.exit_code == 1
        assert "not a complete backup" in result.output
    assert run_command(new_site, "restore", file).exit_code == 0


def test_a_backup_without_its_key_says_which_key_it_needs(app, tmp_path):
    file = tmp_path / "site.tar.gz"
    run_command(app, "backup", file)  # the key comes from the environment, so it is not in the file
    with tarfile.open(file) as tar:
        assert "keys/secret_key" not in tar.getnames()
        assert json.load(tar.extractfile("manifest.json"))["tables"]["letter"] == 1
    other_site = make_app(
        tmp_path / "x", None, SECRET_KEY="another-secret-of-another-site-0123456789"
    )
    result = run_command(other_site, "restore", file)
    assert result.exit_code == 1
    assert "needs the secret key of its site" in result.output


def test_a_backup_of_a_newer_version_is_refused_and_leaves_the_site_empty(app, new_site, tmp_path):
    file, newer = tmp_path / "site.tar.gz", tmp_path / "newer.tar.gz"
    run_command(app, "backup", file)
    with tarfile.open(file) as old, tarfile.open(newer, "w:gz") as new:
        for member in old:
            content = old.extractfile(member).read()
            if member.name == "manifest.json":
                content = json.dumps({**json.loads(content), "revision": "9999"}).encode()
                member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    result = run_command(new_site, "restore", newer)
    assert result.exit_code == 1
    assert "made by a newer version of commentsite" in result.output
    assert run_command(new_site, "restore", file).exit_code == 0


def test_a_backup_under_load_is_one_snapshot(any_app, tmp_path, template_database):
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
    new_site = make_app(tmp_path / "new_site", None, RATELIMIT_ENABLED="false")
    result = run_command(new_site, "restore", file)
    assert result.exit_code == 0, result.output
    with new_site.app_context():
        run_migrations()
        assert 0 < count_comments_by_state()["pending"] <= len(sent)
        assert verify_records() == []
        close_database()


def test_a_backup_keeps_comments_that_are_not_examined_yet(app, new_site, tmp_path):
    app.after_request_funcs[None].remove(examine_at_once)
    submit(app.test_client())
    archive = str(tmp_path / "site.tar.gz")
    assert run_command(app, "backup", archive).exit_code == 0
    restored = run_command(new_site, "restore", archive)
    assert restored.exit_code == 0, restored.output
    with new_site.app_context():
        assert verify_records() == []
        examine_received(new_site)
        assert comment_states(new_site) == ["pending"]
        assert verify_records() == []
        close_database()
