"""TODO docstring of commentsite.cli.staff."""

import sys

import click
from flask_security import hash_password

from commentsite import tokens
from commentsite.accounts.permissions import SYSTEM, RoleName
from commentsite.accounts.services import add_staff
from commentsite.cli.errors import site_errors_as_messages
from commentsite.db.session import transaction


@click.group()
def staff_group() -> None:
    """The people who run the site."""


@staff_group.command("add")
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
    password = sys.stdin.readline().rstrip("\n") if password_stdin else tokens.new_password()
    if len(password) < 12:
        raise click.ClickException("A password has at least 12 characters.")
    hashed = hash_password(password)
    with site_errors_as_messages(), transaction():
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
