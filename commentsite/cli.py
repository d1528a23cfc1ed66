"""The program `commentsite`: what an operator does from the shell."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import click
from flask import Flask, current_app
from flask_migrate import upgrade
from flask_security import hash_password
from granian import Granian
from granian.constants import Interfaces
from sqlalchemy import text

from commentsite import jobs, tokens
from commentsite.accounts.permissions import SYSTEM, RoleName
from commentsite.accounts.services import add_staff
from commentsite.db import db, session, transaction
from commentsite.demo.fill import fill
from commentsite.errors import SiteError, Unsafe
from commentsite.letters import services as letters
from commentsite.letters.intake import AuthorDraft, read_letter
from commentsite.letters.queries import count_letters
from commentsite.moderation.transparency import verify
from commentsite.site.services import ensure_site
from commentsite.web.identity import runtime


def init_app(app: Flask) -> None:
    """Give the application its commands."""
    for command in (
        run,
        demo_command,
        staff,
        letters_group,
        db_group,
        worker,
        jobs_group,
        verify_command,
        doctor,
    ):
        app.cli.add_command(command)


def upgrade_database() -> None:
    """Bring the database to the newest shape and make the site if there is none."""
    upgrade()
    with transaction():
        ensure_site()


@click.command()
@click.option("--host", default=None, help="Address to listen on; 127.0.0.1 unless told.")
@click.option(
    "--port",
    default=None,
    type=click.IntRange(1, 65535),
    help="Port to listen on; 8000 unless told.",
)
@click.option("--workers", default=1, type=click.IntRange(1, 64), help="Serving processes.")
def run(host: str | None, port: int | None, workers: int) -> None:
    """Upgrade the database, then serve the site and send its messages until told to end."""
    settings = runtime().settings
    if workers > 1 and not settings.redis_url:
        msg = "More than one process needs COMMENTSITE_REDIS_URL: without it each would count its own rate limits."
        raise Unsafe(msg)
    if settings.is_https and not settings.trusted_proxies:
        click.echo(
            "Behind a proxy, set COMMENTSITE_TRUSTED_PROXIES, or all readers share one rate limit.",
            err=True,
        )
    host, port = host or "127.0.0.1", port or urlsplit(settings.base_url).port or 8000
    upgrade_database()
    click.echo(f"Serving {settings.base_url} on {host}:{port}. End with Ctrl-C.")
    db.session.remove()
    db.engine.dispose()
    with _worker_beside():
        Granian(
            "commentsite.app:create_app",
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=8,
            respawn_failed_workers=True,
            log_enabled=False,
            websockets=False,
        ).serve()


class _worker_beside:  # noqa: N801  # used like a function
    """The background work, in a process of its own for as long as the server serves.

    A process and not a thread: the server forks its own, and a fork while a thread is inside
    SQLite leaves the child waiting for a lock that nobody holds.
    """

    def __enter__(self) -> None:
        program = "from commentsite.app import main; main()"
        self.process = subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-c", program, "worker", "--until-parent-ends"]
        )

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(10)


@click.command("demo")
@click.option("--if-empty", is_flag=True, help="Do nothing, quietly, where there is content.")
def demo_command(*, if_empty: bool) -> None:
    """Fill an empty site with letters, comments in every state and staff of every role."""
    upgrade_database()
    if if_empty and count_letters():
        return
    with _sentences():
        people = fill(runtime().vault)
    click.echo("The demo is in place. Sign in at /account/login as:")
    for person in people:
        click.echo(f"  {person.role:<10} {person.email:<32} {person.password}")
    click.echo("The passwords are shown only this once.")


@click.group()
def staff() -> None:
    """The people who run the site."""


@staff.command("add")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice([role.value for role in RoleName]))
@click.option("--group", default="UND", help="Stakeholder group, by its code.")
@click.option("--organisation", default="")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def staff_add(  # noqa: PLR0913  # one for each option
    email: str, name: str, role: str, group: str, organisation: str, *, password_stdin: bool
) -> None:
    """Add one person; without --password-stdin a password is made and shown once."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else tokens.password()
    if len(password) < 12:
        raise click.ClickException("A password has at least 12 characters.")
    hashed = hash_password(password)
    with _sentences(), transaction():
        add_staff(
            by=SYSTEM,
            email=email,
            name=name,
            role=RoleName(role),
            password_hash=hashed,
            group=group,
            organisation=organisation,
        )
    click.echo(
        f"Added {name} as {role}."
        + ("" if password_stdin else f" Password, shown only this once: {password}")
    )


@click.group("letters")
def letters_group() -> None:
    """Letters."""


@letters_group.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--publish", is_flag=True, help="Publish at once.")
@click.option("--author", "authors", multiple=True, help="Author's name; again for more than one.")
def letters_import(files: tuple[Path, ...], authors: tuple[str, ...], *, publish: bool) -> None:
    """Take letters in from Markdown with front matter or plain text."""
    for file in files:
        with _sentences():
            draft = read_letter(file.name, file.read_bytes())
            if authors:
                draft = letters.with_authors(
                    draft, tuple(AuthorDraft(name=name) for name in authors)
                )
            with transaction():
                letter = letters.import_letter(draft, by=SYSTEM)
                if publish:
                    letters.publish_letter(letter.slug, by=SYSTEM)
                slug, address = letter.slug, f"{runtime().settings.base_url}/letters/{letter.slug}"
        for remark in draft.remarks:
            click.echo(remark)
        click.echo(f"Published: {address}" if publish else f"Taken in as a draft: {slug}")


@click.group("db")
def db_group() -> None:
    """The database."""


@db_group.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the newest shape."""
    upgrade_database()
    click.echo("The database is up to date.")


@db_group.command("check")
def db_check() -> None:
    """Say whether the database has the shape the code expects."""
    from flask_migrate import check  # noqa: PLC0415  # its name would hide ours

    check()


@click.command()
@click.option("--until-parent-ends", is_flag=True, help="End with the process that started it.")
def worker(*, until_parent_ends: bool) -> None:
    """Send messages and do what time brings, until told to end."""
    stop = threading.Event()
    parent = os.getppid()
    if until_parent_ends:

        def watch() -> None:
            while os.getppid() == parent and not stop.wait(1):
                pass
            stop.set()

        threading.Thread(target=watch, daemon=True).start()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    jobs.run_forever(current_app._get_current_object(), stop)  # type: ignore[attr-defined]  # noqa: SLF001  # the way Flask documents


@click.group("jobs")
def jobs_group() -> None:
    """What time brings."""


@jobs_group.command("run")
def jobs_run() -> None:
    """Do one pass of it."""
    click.echo(f"{jobs.run_once(current_app._get_current_object())} done.")  # type: ignore[attr-defined]  # noqa: SLF001  # the way Flask documents


@click.command("verify")
def verify_command() -> None:
    """Check the audit chain and the books; exit 1 naming what does not hold."""
    problems = verify()
    for problem in problems:
        click.echo(problem)
    if problems:
        raise SystemExit(1)
    click.echo("The chain and the books hold.")


@click.command()
def doctor() -> None:
    """Say what is unsafe or missing in this installation, with the remedy."""
    settings = runtime().settings
    findings: dict[str, Callable[[], bool]] = {
        "Rate limits are off. Remove COMMENTSITE_RATELIMIT_ENABLED.": lambda: (
            not settings.ratelimit_enabled
        ),
        "Messages are kept as files. Set COMMENTSITE_MAIL_URL to send them.": lambda: (
            settings.mail is None
        ),
        "Readers use plain http. Put TLS in front and set COMMENTSITE_BASE_URL to https.": lambda: (
            not settings.is_https
        ),
        "No proxy is trusted, so behind one all readers share one limit. Set COMMENTSITE_TRUSTED_PROXIES.": lambda: (
            settings.is_https and not settings.trusted_proxies
        ),
    }
    session().execute(text("SELECT 1"))
    found = [words for words, is_so in findings.items() if is_so()]
    for words in found:
        click.echo(words)
    click.echo(f"{len(found)} found." if found else "Nothing found.")


class _sentences:  # noqa: N801  # used like a function
    """Turn what rooms raise into a sentence and exit code 1."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, SiteError):
            raise click.ClickException(error.message % error.details) from None
