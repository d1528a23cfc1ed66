"""Start PostgreSQL, create and migrate databases, and watch the statements that reach them."""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event, make_url

from commentsite.app import create_app
from commentsite.cli.migrate import upgrade_database
from commentsite.demo.seed import seed_demo
from tests.support.factories import (
    SECRET,
    close_database,
    encryption_of,
    make_app,
    publish_sample_letter,
)
from tests.support.servers import free_port


def find_postgres_programs() -> Path:
    """Return the folder with initdb, pg_ctl and the other programs of the newest installed PostgreSQL."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.fail(
            "PostgreSQL is missing: make test installs it as root, or apt-get install postgresql"
        )
    return found[-1].parent


def run_postgres_program(name: str, *args: object) -> None:
    """Run one program of PostgreSQL, as the user `postgres` where the tests run as root."""
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*as_user, str(find_postgres_programs() / name), *map(str, args)]
    subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)


def make_postgres_folder() -> Path:
    """Return a new folder that the user `postgres` can write to."""
    root = Path(tempfile.mkdtemp(prefix="pgtest-"))
    if os.geteuid() == 0:
        shutil.chown(root, "postgres", "postgres")
    return root


@contextmanager
def run_postgres() -> Iterator[str]:
    """Run a new PostgreSQL server and yield its URL. It is fast and not crash-safe."""
    root, port = make_postgres_folder(), free_port()
    data = root / "data"
    run_postgres_program(
        "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
        "--no-sync",
    )  # fmt: skip
    options = f"-h 127.0.0.1 -p {port} -k {root} -F -c synchronous_commit=off -c autovacuum=off"
    run_postgres_program(
        "pg_ctl", "-D", data, "-w", "-t", "60", "-l", root / "log", "start", "-o", options
    )
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        run_postgres_program("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def run_replica(server: str) -> Iterator[tuple[int, Callable[[], None]]]:
    """Run a server that follows another by streaming; yield its port and a function that stops it."""
    root, port = make_postgres_folder(), free_port()
    data = root / "data"
    run_postgres_program(
        "pg_basebackup", "-h", "127.0.0.1", "-p", make_url(server).port, "-U", "postgres",
        "-D", data, "-R", "-N", "--checkpoint=fast",
    )  # fmt: skip
    options = f"-h 127.0.0.1 -p {port} -k {root} -F"
    run_postgres_program(
        "pg_ctl", "-D", data, "-w", "-t", "60", "-l", root / "log", "-o", options, "start"
    )

    def stop():
        if (data / "postmaster.pid").exists():
            run_postgres_program("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")

    try:
        yield port, stop
    finally:
        stop()
        shutil.rmtree(root, ignore_errors=True)


def run_sql(server: str, statement: str) -> None:
    """Run one statement of an administrator, outside any transaction."""
    url = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


@contextmanager
def create_database(server: str, template: str) -> Iterator[str]:
    """Copy a template database and yield the URL of the copy, which is dropped afterwards."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    run_sql(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    run_sql(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def migrate_database(**settings: str) -> None:
    """Run all migrations on the database of these settings, and create the site in it."""
    app = create_app({"SECRET_KEY": SECRET, **settings})
    with app.app_context():
        upgrade_database()
        close_database()


def create_demo(instance: Path) -> None:
    """Create a site with the demo in an empty folder."""
    app = create_app({"SECRET_KEY": SECRET, "INSTANCE": str(instance)})
    with app.app_context():
        upgrade_database()
        seed_demo(encryption_of(app))
        close_database()


@contextmanager
def record_statements(engine, *starts: str) -> Iterator[list]:
    """Collect (statement, parameters) of everything that starts with one of these words."""
    seen = []

    def note(_connection, _cursor, statement, parameters, *_rest):
        if statement.lstrip().startswith(starts):
            seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def make_postgres_app(instance: Path, url: str, **settings: str):
    """Create an application on an empty PostgreSQL database, with its tables and the sample letter."""
    app = make_app(instance, None, DATABASE_URL=url, **settings)
    with app.app_context():
        upgrade_database()
        publish_sample_letter()
    return app
