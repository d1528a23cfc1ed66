"""A lost or wrong secret key is noticed before anything is written with it."""

import json
import os
import shutil
import tarfile
from pathlib import Path

import pytest

from commentsite.app import create_app
from commentsite.cli.migrate import downgrade_database, upgrade_database
from commentsite.config import load_settings
from commentsite.db.session import session, transaction
from commentsite.errors import ConfigurationError
from commentsite.site.models import KeyCheck
from tests.support.clients import sign_in, submit
from tests.support.commands import run_command
from tests.support.factories import (
    SECRET,
    add_staff_member,
    close_database,
    encryption_of,
    make_app,
    publish_sample_letter,
)

OTHER = "another-secret-of-another-site-0123456789"
NEW = "a-newer-secret-of-this-site-0123456789abc"


def make_keyed_site(folder, **settings):
    """A started site with content, whose key is in a file unless the settings have one."""
    app = create_app({"INSTANCE": str(folder), "RATELIMIT_ENABLED": "false", **settings})
    with app.app_context():
        upgrade_database()
        publish_sample_letter()
        close_database()
    add_staff_member(app, "steward", "steward@staff.example")
    return app


def reopen(app, **settings):
    """Start the program again on the same site, with other settings."""
    given = {"INSTANCE": app.instance_path, "RATELIMIT_ENABLED": "false", **settings}
    return make_app(Path(app.instance_path), None, **given)


def key_checks(app):
    with app.app_context():
        found = [check.sealed for check in session().query(KeyCheck)]
        close_database()
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request):
    """The setting that names a database: SQLite in the instance folder, or PostgreSQL."""
    if request.param == "sqlite":
        return {}
    return {"DATABASE_URL": request.getfixturevalue("pg_url")}


def test_no_key_is_made_beside_a_database_with_content(tmp_path, database):
    app = make_keyed_site(tmp_path / "i", **database)
    key = tmp_path / "i" / "secret_key"
    kept = key.read_text()
    key.unlink()
    with pytest.raises(ConfigurationError, match=r"Restore .*secret_key from a backup"):
        load_settings({"INSTANCE": str(tmp_path / "i"), **database})
    assert not key.exists()
    key.write_text(kept)
    key.chmod(0o600)
    again = create_app({"INSTANCE": str(tmp_path / "i"), **database})
    assert sign_in(again, "steward@staff.example").get("/desk/").status_code == 200
    with again.app_context():
        close_database()
    assert key_checks(app)


def test_no_key_is_made_while_the_database_does_not_answer(tmp_path):
    url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    with pytest.raises(ConfigurationError, match="database does not answer"):
        load_settings({"INSTANCE": str(tmp_path / "i"), "DATABASE_URL": url})
    assert not (tmp_path / "i" / "secret_key").exists()


def test_an_empty_database_gets_a_new_key(tmp_path, template_database):
    (tmp_path / "i").mkdir(mode=0o700)
    shutil.copy(template_database, tmp_path / "i" / "commentsite.db")
    app = create_app({"INSTANCE": str(tmp_path / "i")})
    with app.app_context():
        upgrade_database()
        publish_sample_letter()
        close_database()
    assert app.test_client().get("/readyz").status_code == 200


def test_with_a_wrong_key_the_site_is_not_ready_and_the_doctor_names_the_remedy(app):
    add_staff_member(app)
    wrong = reopen(app, SECRET_KEY=OTHER)
    answer = wrong.test_client().get("/readyz")
    assert (answer.status_code, answer.text) == (
        503,
        "the secret key is not the one with which the data of this site is encrypted\n",
    )
    result = run_command(wrong, "doctor")
    assert result.exit_code == 1
    assert "Put the right key into COMMENTSITE_SECRET_KEY" in result.output
    assert "secret key" not in run_command(reopen(app, SECRET_KEY=SECRET), "doctor").output


def test_keys_can_be_rotated_and_none_of_them_can_be_lost(app):
    rotated = reopen(app, SECRET_KEY=f"{NEW} {SECRET}")
    assert run_command(rotated, "db", "upgrade").exit_code == 0
    assert len(key_checks(rotated)) == 2
    assert run_command(rotated, "db", "upgrade").exit_code == 0
    assert len(key_checks(rotated)) == 2
    for secrets in (SECRET, NEW, f"{OTHER} {SECRET}", f"{SECRET} {NEW}", f"{NEW} {OTHER}"):
        result = run_command(reopen(app, SECRET_KEY=secrets), "db", "upgrade")
        assert result.exit_code == 1, secrets
        assert "The secret key is not the one" in result.output
    assert run_command(reopen(app, SECRET_KEY=f"{OTHER} {NEW} {SECRET}"), "db", "upgrade").exit_code == 0  # fmt: skip


def test_a_database_of_an_older_version_proves_its_key_by_what_it_decrypts(app, client):
    submit(client)
    with app.app_context():
        downgrade_database("0035")
        close_database()
    wrong = reopen(app, SECRET_KEY=OTHER)
    result = run_command(wrong, "db", "upgrade")
    assert result.exit_code == 1
    assert "The secret key is not the one" in result.output
    right = reopen(app, SECRET_KEY=SECRET)
    assert key_checks(right) == []
    assert run_command(right, "db", "upgrade").exit_code == 0
    assert len(key_checks(right)) == 1


def test_an_older_database_without_an_encrypted_value_waits_for_the_first(app, client):
    with app.app_context():
        with transaction():
            session().query(KeyCheck).delete()
        close_database()
    assert run_command(app, "db", "upgrade").exit_code == 0
    assert key_checks(app) == []
    submit(client)
    assert run_command(app, "db", "upgrade").exit_code == 0
    assert len(key_checks(app)) == 1


@pytest.fixture
def backup_with_key(tmp_path):
    """A backup of a site whose key is in a file."""
    app = make_keyed_site(tmp_path / "old")
    submit(app.test_client())
    assert run_command(app, "backup", tmp_path / "site.tar.gz").exit_code == 0
    return tmp_path / "site.tar.gz"


def test_a_backup_brings_its_key_unless_the_settings_name_another(tmp_path, backup_with_key):
    refused = make_app(tmp_path / "other", None, SECRET_KEY=OTHER)
    result = run_command(refused, "restore", backup_with_key)
    assert result.exit_code == 1
    assert "This backup belongs to another secret key" in result.output
    assert "Remove that setting" in result.output
    assert not (tmp_path / "other" / "secret_key").exists()

    taken = create_app({"INSTANCE": str(tmp_path / "new")})
    result = run_command(taken, "restore", backup_with_key)
    assert result.exit_code == 0, result.output
    started = create_app({"INSTANCE": str(tmp_path / "new"), "RATELIMIT_ENABLED": "false"})
    assert sign_in(started, "steward@staff.example").get("/desk/").status_code == 200
    assert started.test_client().get("/readyz").status_code == 200
    with started.app_context():
        close_database()

    key = (tmp_path / "old" / "secret_key").read_text()
    named = make_app(tmp_path / "named", None, SECRET_KEY=key)
    assert run_command(named, "restore", backup_with_key).exit_code == 0


def test_a_backup_of_a_site_with_a_rotated_key_needs_every_key(app, tmp_path):
    rotated = reopen(app, SECRET_KEY=f"{NEW} {SECRET}")
    assert run_command(rotated, "db", "upgrade").exit_code == 0
    assert run_command(rotated, "backup", tmp_path / "site.tar.gz").exit_code == 0
    partly = make_app(tmp_path / "partly", None, SECRET_KEY=SECRET)
    result = run_command(partly, "restore", tmp_path / "site.tar.gz")
    assert result.exit_code == 1
    assert "needs the secret key of its site" in result.output
    whole = make_app(tmp_path / "whole", None, SECRET_KEY=f"{NEW} {SECRET}")
    assert run_command(whole, "restore", tmp_path / "site.tar.gz").exit_code == 0


def test_a_key_file_beside_a_key_in_the_settings_stays_out_of_the_backup(app, tmp_path):
    stale = Path(app.instance_path) / "secret_key"
    stale.write_text(OTHER)
    stale.chmod(0o600)
    assert run_command(app, "backup", tmp_path / "site.tar.gz").exit_code == 0
    with tarfile.open(tmp_path / "site.tar.gz") as tar:
        assert "keys/secret_key" not in tar.getnames()
        manifest = json.load(tar.extractfile("manifest.json"))
    assert manifest["key"] == encryption_of(app).keyed_hash("backup", "")


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_files_of_the_instance_are_private_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        app = create_app({"INSTANCE": str(tmp_path / "i")})
        with app.app_context():
            upgrade_database()
            publish_sample_letter()
        submit(app.test_client())
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "i").iterdir()}
        with app.app_context():
            close_database()
    finally:
        os.umask(before)
    assert (tmp_path / "i").stat().st_mode & 0o777 == 0o700
    assert modes["commentsite.db"] == modes["commentsite.db-wal"] == modes["secret_key"] == 0o600


def test_an_open_instance_folder_of_a_site_is_closed_and_other_folders_stay(tmp_path):
    app = make_keyed_site(tmp_path / "i")
    for path in (tmp_path / "i", tmp_path / "i" / "commentsite.db"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    load_settings({"INSTANCE": app.instance_path})
    assert (tmp_path / "i").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "i" / "commentsite.db").stat().st_mode & 0o777 == 0o600
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    (shared / "other-program").touch()
    load_settings({"INSTANCE": str(shared), "SECRET_KEY": SECRET})
    assert shared.stat().st_mode & 0o777 == 0o755


def test_the_database_url_of_postgresql_creates_no_file(tmp_path, pg_url):
    load_settings({"INSTANCE": str(tmp_path / "i"), "SECRET_KEY": SECRET, "DATABASE_URL": pg_url})
    assert list((tmp_path / "i").iterdir()) == []
