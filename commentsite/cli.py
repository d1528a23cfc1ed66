"""The program `commentsite`: what an operator does from the shell."""

import sys
from pathlib import Path

import click
from flask import Flask, current_app
from flask_security import hash_password

from commentsite import jobs, tokens
from commentsite.accounts.permissions import SYSTEM, RoleName
from commentsite.accounts.services import add_staff
from commentsite.backup import backup
from commentsite.care import (
    log_group,
    privacy_group,
    reasons_group,
    search_group,
    verify_command,
)
from commentsite.db import transaction
from commentsite.demo.fill import fill
from commentsite.doctor import doctor
from commentsite.errors import SiteError
from commentsite.letters import services as letters
from commentsite.letters.drafts import AuthorDraft
from commentsite.letters.intake import read_letter
from commentsite.letters.publishing import publish_letter
from commentsite.letters.queries import count_letters
from commentsite.restoring import restore
from commentsite.serving import run, worker
from commentsite.upgrading import check, upgrade_database
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
        log_group,
        doctor,
        search_group,
        privacy_group,
        backup,
        restore,
        reasons_group,
    ):
        app.cli.add_command(command)


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
    """Take letters in from Markdown with front matter, plain text, HTML or Word."""
    for file in files:
        with _sentences():
            draft = read_letter(file.name, file.read_bytes())
            if authors:
                draft = letters.with_authors(
                    draft, tuple(AuthorDraft(name=name) for name in authors)
                )
            if publish and not draft.permission:
                draft = letters.attested(draft)
                click.echo("Recorded on your word that the author permits its publication.")
            with transaction():
                letter = letters.import_letter(draft, by=SYSTEM)
                if publish:
                    publish_letter(letter.slug, by=SYSTEM)
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
    check()


@click.group("jobs")
def jobs_group() -> None:
    """What time brings."""


@jobs_group.command("run")
def jobs_run() -> None:
    """Do one pass of it."""
    click.echo(f"{jobs.run_once(current_app._get_current_object())} done.")  # type: ignore[attr-defined]  # noqa: SLF001  # the way Flask documents


class _sentences:  # noqa: N801  # used like a function
    """Turn what rooms raise into a sentence and exit code 1."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, SiteError):
            raise click.ClickException(error.message % error.details) from None
