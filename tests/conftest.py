"""A site of its own for every test: on SQLite, and where asked on a real PostgreSQL."""

import io
import logging
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from flask_security import hash_password
from hypothesis import settings
from jinja2 import FileSystemBytecodeCache
from passlib.hash import argon2
from sqlalchemy import make_url

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM, RoleName
from commentsite.accounts.services import add_staff
from commentsite.app import create_app
from commentsite.db import db, transaction
from commentsite.letters.drafts import AuthorDraft, LetterDraft, PermissionDraft
from commentsite.letters.publishing import publish_letter
from commentsite.letters.services import import_letter
from commentsite.moderation.undo import UNDO
from commentsite.site.services import ensure_site
from commentsite.upgrading import upgrade
from commentsite.web.logs import JsonLines

# The same examples every time, so that a run tells about the code and not about luck; to look for
# new ones: HYPOTHESIS_PROFILE=explore.
settings.register_profile("repeatable", derandomize=True)
settings.register_profile("explore", max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
SECRET = "a-secret-for-tests-only-0123456789abcdef"
PASSWORD = "correct-horse-battery"
TEXT = "Dear all\n\nThe first paragraph says what happened.\n\nThe second says why it matters.\n\nThe third asks for an answer.\n\nWith regards\n"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.fixture(autouse=True, scope="session")
def clean_environment():
    for name in [n for n in os.environ if n.startswith("COMMENTSITE_")]:
        del os.environ[name]


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords():
    """Hash as in service, with less memory: most tests sign somebody in, and none guesses passwords."""
    argon2.memory_cost, argon2.default_rounds = 64, 1


@pytest.fixture(scope="session")
def pg_server():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.fail(
            "PostgreSQL is missing: make test installs it as root, or apt-get install postgresql"
        )
    bindir = found[-1].parent
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    root = Path(tempfile.mkdtemp(prefix="pgtest-", dir="/tmp"))
    if as_user:
        shutil.chown(root, "postgres", "postgres")
    port = free_port()

    def run(*args):
        subprocess.run([*as_user, *map(str, args)], check=True, cwd="/", stdout=subprocess.DEVNULL)

    data = root / "data"
    run(
        bindir / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    )
    options = f"-h 127.0.0.1 -p {port} -k {root} -F -c synchronous_commit=off"
    run(bindir / "pg_ctl", "-D", data, "-w", "-t", "60", "-l", root / "log", "start", "-o", options)
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        run(bindir / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def pg_url(pg_server):
    """An empty database of PostgreSQL."""
    with database(pg_server, "template0") as url:
        yield url


@pytest.fixture
def migrated_pg_url(pg_server, pg_template):
    """One that the migrations were run on."""
    with database(pg_server, pg_template) as url:
        yield url


@contextmanager
def database(server: str, template: str):
    admin = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(admin, autocommit=True) as c:
        c.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as c:
        c.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def template_database(tmp_path_factory):
    """An empty, migrated SQLite database, made once by the real migrations and copied."""
    folder = tmp_path_factory.mktemp("template")
    migrate({"INSTANCE": str(folder)})
    return folder / "commentsite.db"


@pytest.fixture(scope="session")
def pg_template(pg_server, tmp_path_factory):
    """The same on PostgreSQL, which copies it by itself."""
    admin = make_url(pg_server).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as c:
        c.execute('CREATE DATABASE "migrated"')
    url = make_url(pg_server).set(database="migrated").render_as_string(hide_password=False)
    migrate({"INSTANCE": str(tmp_path_factory.mktemp("pg-template")), "DATABASE_URL": url})
    return "migrated"


def migrate(given: dict[str, str]) -> None:
    app = create_app({"SECRET_KEY": SECRET, **given})
    with app.app_context():
        upgrade()
        with transaction():
            ensure_site()
        db.session.remove()
        db.engine.dispose()


def make_app(instance: Path, template: Path | None = None, **overrides):
    if template is not None:
        instance.mkdir(parents=True, exist_ok=True)
        shutil.copy(template, instance / "commentsite.db")
    app = create_app({"INSTANCE": str(instance), "SECRET_KEY": SECRET, **overrides})
    app.config["TESTING"] = False
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache()  # every test has a site of its own
    return app


@pytest.fixture
def app(tmp_path, template_database):
    """A site with one published letter at /letters/hello."""
    app = make_app(tmp_path / "instance", template_database, RATELIMIT_ENABLED="false")
    with app.app_context():
        publish_hello()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_app(request, tmp_path, template_database):
    """The same site on both databases."""
    if request.param == "sqlite":
        app = make_app(tmp_path / "instance", template_database, RATELIMIT_ENABLED="false")
    else:
        app = make_app(
            tmp_path / "instance",
            None,
            DATABASE_URL=request.getfixturevalue("migrated_pg_url"),
            RATELIMIT_ENABLED="false",
        )
    with app.app_context():
        publish_hello()
        yield app
        db.session.remove()
        db.engine.dispose()


def publish_hello(slug: str = "hello") -> None:
    draft = LetterDraft(
        title="Hello",
        slug=slug,
        source_text=TEXT,
        authors=(AuthorDraft("Amina Author", "CIV", "delegate", "Open Networks"),),
        standfirst="A short letter.",
        original=TEXT.encode(),
        permission=PermissionDraft(given_by="Amina Author"),
    )
    with transaction():
        publish_letter(import_letter(draft, by=SYSTEM).slug, by=SYSTEM)


@pytest.fixture
def client(app):
    return app.test_client()


def fields(page: str, **changes) -> dict:
    """What a reader's browser would send after filling the form of this page."""
    token = re.search(r'name="form_token"[^>]*value="([^"]+)"', page)
    assert token, "the page has no comment form"
    return {
        "name": "Ada Reader",
        "email": "ada@example.org",
        "stakeholder_group": "CIV",
        "capacity": "personal",
        "kind": "general",
        "stance": "none",
        "body": "I read it twice and I agree with the second paragraph.",
        "form_token": token[1],
        "nickname": "",
        **changes,
    }


class Later:
    """Pretend the form was made a while ago, for the signature and for the site alike."""

    def __init__(self, monkeypatch):
        self.monkeypatch = monkeypatch

    def form(self, client, slug="hello", seconds=30, **changes):
        real = time.time
        self.monkeypatch.setattr(time, "time", lambda: real() - seconds)
        try:
            with client.application.app_context():
                page = client.post(f"/letters/{slug}/comments/preview", data={}).get_data(
                    as_text=True
                )
        finally:
            self.monkeypatch.setattr(time, "time", real)
        return fields(page, **changes)


@pytest.fixture
def later(monkeypatch):
    return Later(monkeypatch)


@pytest.fixture
def log_lines():
    """What the site writes into its log, formatted as it is in service."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("commentsite")
    logger.addHandler(handler)
    yield handler.stream.getvalue
    logger.removeHandler(handler)


def a_moment_later():
    """When what was decided just now can no longer be undone, and is told."""
    return clock.at(clock.now() + UNDO + timedelta(seconds=1))


def add_person(app, role="moderator", email="mod@staff.example", name="Mona Moderator"):
    with app.app_context():
        hashed = hash_password(PASSWORD)
        with transaction():
            add_staff(
                by=SYSTEM,
                email=email,
                name=name,
                role=RoleName(role),
                password_hash=hashed,
                group="TEC",
            )


def sign_in(app, email="mod@staff.example"):
    client = app.test_client()
    page = client.get("/account/login").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    answer = client.post(
        "/account/login", data={"email": email, "password": PASSWORD, "csrf_token": token}
    )
    assert answer.status_code in (302, 303), answer.get_data(as_text=True)
    return client


@pytest.fixture
def moderator(app):
    add_person(app)
    return sign_in(app)


@pytest.fixture
def redis_server(tmp_path):
    port = free_port()
    process = subprocess.Popen(
        ["redis-server", "--port", str(port), "--save", "", "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )
    time.sleep(0.5)
    yield f"redis://127.0.0.1:{port}/0", process
    process.kill()
    process.wait()
