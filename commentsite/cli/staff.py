"""The commands `commentsite staff …`."""

import sys

import click
from flask_security import hash_password

from commentsite import tokens
from commentsite.accounts.permissions import SYSTEM, RoleName
from commentsite.accounts.services import add_staff
from commentsite.cli.errors import site_errors_as_messages
from commentsite.db.session import transaction


@click.group("staff")
def staff_group() -> None:
    """Add staff accounts."""


@staff_group.command("add")
@click.argument("email")
@click.option("--name", required=True, help="Name of the person.")
@click.option("--role", required=True, type=click.Choice([role.value for role in RoleName]))
@click.option("--group", default="UND", help="Code of the stakeholder group.")
@click.option("--organisation", default="", help="Name of the organisation.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def staff_add(  # noqa: PLR0913  # one parameter for each option
    email: str, name: str, role: str, group: str, organisation: str, *, password_stdin: bool
) -> None:
    """Add a member of staff. Without --password-stdin a password is generated and shown once."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else tokens.new_password()
    if len(password) < 12:
        raise click.ClickException("Enter a password of at least 12 characters.")
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
    click.echo(f"Added {name} as {role}.")
    if not password_stdin:
        click.echo(f"Password, not shown again: {password}")
