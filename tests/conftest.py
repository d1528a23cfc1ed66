"""Fixtures for all tests: each test has a site of its own, on SQLite and where asked on PostgreSQL."""

import io
import logging
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from passlib.hash import argon2
from sqlalchemy import make_url

from commentsite.web.http.logging import JsonFormatter
from tests.support.clients import Commenter, add_and_sign_in, sign_in
from tests.support.databases import (
    close_database,
    create_database,
    create_demo,
    migrate_database,
    run_postgres,
    run_sql,
)
from tests.support.factories import (
    add_staff_member,
    close_apps,
    encryption_of,
    make_app,
    publish_sample_letter,
)
from tests.support.servers import run_redis
from tests.support.shared_work import prepare_once, rest_garbage_collector, share_work
from tests.support.smtp import run_mail_server

# The same examples every time and without a limit of time, so that a failure is caused by the code and not by chance.
# HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

share_work()

RAM_DISK = Path("/dev/shm")
RAM_DISK_ROOM = 3 * 2**30  # bytes; a run of three processes needs less than half of it


def pytest_configure():
    """Put the databases of the tests in memory, where the machine has room for them.

    Let the programs that the tests start keep their compiled modules, which is half of their start.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if (
        "TMPDIR" not in os.environ
        and RAM_DISK.is_dir()
        and shutil.disk_usage(RAM_DISK).free > RAM_DISK_ROOM
    ):
        os.environ["TMPDIR"] = tempfile.tempdir = str(RAM_DISK)


def pytest_collection_finish():
    rest_garbage_collector()


@pytest.fixture(autouse=True)
def clean_environment():
    """Keep settings of the machine, and those that a command sets, out of the tests."""
    for name in [n for n in os.environ if n.startswith("COMMENTSITE_")]:
        del os.environ[name]


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords():
    """Hash passwords as in service but with less memory and no threads, since most tests sign in."""
    argon2.memory_cost, argon2.default_rounds, argon2.parallelism = 64, 1, 1


@pytest.fixture(autouse=True)
def close_connections():
    """Close what a test leaves open in the pools of its sites, so that a leak elsewhere stands out."""
    yield
    close_apps()


@pytest.fixture(scope="session")
def pg_server():
    with run_postgres() as url:
        yield url


@pytest.fixture
def pg_url(pg_server):
    """An empty database of PostgreSQL."""
    with create_database(pg_server, "template0") as url:
        yield url


@pytest.fixture
def migrated_pg_url(pg_server, pg_template):
    """A database of PostgreSQL with all tables and no letter."""
    with create_database(pg_server, pg_template) as url:
        yield url


@pytest.fixture(scope="session")
def template_database(tmp_path_factory):
    """A migrated SQLite file without a letter, which each test copies."""
    folder = prepare_once(
        tmp_path_factory, "template", lambda folder: migrate_database(INSTANCE=str(folder))
    )
    return folder / "commentsite.db"


@pytest.fixture(scope="session")
def letter_database(tmp_path_factory, template_database):
    """A migrated SQLite file with the sample letter, which each test copies."""
    folder = tmp_path_factory.mktemp("letter")
    app = make_app(folder, template_database)
    with app.app_context():
        publish_sample_letter()
        close_database()
    return folder / "commentsite.db"


@pytest.fixture(scope="session")
def demo_app(tmp_path_factory):
    """A site with the demo, for tests that only read it."""
    folder = tmp_path_factory.mktemp("demo-copy") / "instance"
    shutil.copytree(prepare_once(tmp_path_factory, "demo", create_demo), folder)
    app = make_app(folder, RATELIMIT_ENABLED="false")
    yield app
    with app.app_context():
        close_database()


@pytest.fixture(scope="session")
def pg_template(pg_server, tmp_path_factory):
    """The name of a migrated PostgreSQL database without a letter, which each test copies."""
    run_sql(pg_server, 'CREATE DATABASE "migrated"')
    url = make_url(pg_server).set(database="migrated").render_as_string(hide_password=False)
    migrate_database(INSTANCE=str(tmp_path_factory.mktemp("pg-template")), DATABASE_URL=url)
    return "migrated"


@pytest.fixture(scope="session")
def pg_letter_template(pg_server, pg_template, tmp_path_factory):
    """The name of a migrated PostgreSQL database with the sample letter, which each test copies."""
    run_sql(pg_server, f'CREATE DATABASE "letter" TEMPLATE "{pg_template}"')
    url = make_url(pg_server).set(database="letter").render_as_string(hide_password=False)
    app = make_app(tmp_path_factory.mktemp("pg-letter"), None, DATABASE_URL=url)
    with app.app_context():
        publish_sample_letter()
        close_database()
    return "letter"


@pytest.fixture
def letter_pg_url(pg_server, pg_letter_template):
    """A database of PostgreSQL with the sample letter."""
    with create_database(pg_server, pg_letter_template) as url:
        yield url


@pytest.fixture
def app(tmp_path, letter_database):
    """A site with one published letter at /letters/hello."""
    return make_app(tmp_path / "instance", letter_database, RATELIMIT_ENABLED="false")


@pytest.fixture(params=["sqlite", "postgresql"])
def any_app(request, tmp_path):
    """The same site on each of both databases, with its application context."""
    if request.param == "sqlite":
        template, settings = request.getfixturevalue("letter_database"), {}
    else:
        template, settings = None, {"DATABASE_URL": request.getfixturevalue("letter_pg_url")}
    app = make_app(tmp_path / "instance", template, RATELIMIT_ENABLED="false", **settings)
    with app.app_context():
        yield app
        close_database()


@pytest.fixture
def encryption(request):
    """The encryption keys of the test's site."""
    name = next(n for n in ("any_app", "mail_site", "site_app", "app") if n in request.fixturenames)
    return encryption_of(request.getfixturevalue(name))


@pytest.fixture
def mailbox():
    """A real SMTP server and the messages that reach it."""
    with run_mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def mail_site(tmp_path, letter_database, mailbox):
    """The same site as `app`, sending its mail to `mailbox`."""
    return make_app(
        tmp_path / "instance",
        letter_database,
        MAIL_URL=f"{mailbox.url}?from=letters@example.org",
        RATELIMIT_ENABLED="false",
        BASE_URL="http://127.0.0.1:8000",
    )


@pytest.fixture
def redis_server(tmp_path):
    with run_redis(tmp_path) as (url, process):
        yield url, process


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def make_commenter(app):
    """Return a function that makes a commenter from a first name."""
    return lambda name: Commenter(app, f"{name}@example.org")


@pytest.fixture
def moderator(app):
    """The client of Mona Moderator, signed in."""
    add_staff_member(app)
    return sign_in(app)


@pytest.fixture
def second_moderator(app):
    return add_and_sign_in(app, "moderator", "second@staff.example", "Selma Second")


@pytest.fixture
def editor(app):
    return add_and_sign_in(app, "editor", "ed@staff.example", "Edda Editor")


@pytest.fixture
def steward(app):
    return add_and_sign_in(app, "steward", "steward@staff.example", "Sada Steward")


@pytest.fixture
def log_lines():
    """Return a function that gives the log so far, formatted as in service."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("commentsite")
    logger.addHandler(handler)
    yield handler.stream.getvalue
    logger.removeHandler(handler)
