"""The commands `commentsite staff …`."""

import sys

import click
from flask import current_app, url_for
from flask_security import hash_password
from flask_security.recoverable import generate_reset_password_token

from commentsite import tokens
from commentsite.accounts import services as accounts
from commentsite.accounts.models import User
from commentsite.accounts.permissions import SYSTEM, RoleName
from commentsite.accounts.queries import get_staff_by_email, has_second_factor, list_staff
from commentsite.db.session import transaction
from commentsite.web.context import runtime

MIN_PASSWORD_LENGTH = 12


@click.group("staff")
def staff_group() -> None:
    """Add and change staff accounts."""


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
    password = _read_password() if password_stdin else tokens.new_password()
    hashed = hash_password(password)
    with transaction():
        accounts.add_staff(
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


@staff_group.command("list")
def staff_list() -> None:
    """List all staff accounts: address, role, state, name."""
    for user in list_staff():
        click.echo(f"{user.email}\t{_role_of(user)}\t{_state_of(user)}\t{user.name}")


@staff_group.command("show")
@click.argument("email")
def staff_show(email: str) -> None:
    """Show one staff account."""
    user = get_staff_by_email(email)
    letters = ", ".join(str(entry.letter_id) for entry in user.scope) or "all"
    click.echo(f"Number: {user.id}")
    click.echo(f"Name: {user.name}")
    click.echo(f"Address: {user.email}")
    click.echo(f"Role: {_role_of(user)}")
    click.echo(f"State: {_state_of(user)}")
    click.echo(f"Stakeholder group: {user.stakeholder_group}")
    click.echo(f"Organisation: {user.organisation or '-'}")
    click.echo(f"Letters: {letters}")
    click.echo(f"Second factor: {'yes' if has_second_factor(user) else 'no'}")


@staff_group.command("deactivate")
@click.argument("email")
def staff_deactivate(email: str) -> None:
    """Deactivate an account and end its sessions."""
    with transaction():
        user = accounts.set_active(get_staff_by_email(email).id, is_active=False, by=SYSTEM)
    click.echo(f"The account of {user.name} is deactivated and signed out.")
    if not any(_role_of(u) == RoleName.STEWARD and u.active for u in list_staff()):
        click.echo("The site now has no active steward.")


@staff_group.command("activate")
@click.argument("email")
def staff_activate(email: str) -> None:
    """Activate an account again."""
    with transaction():
        user = accounts.set_active(get_staff_by_email(email).id, is_active=True, by=SYSTEM)
    click.echo(f"The account of {user.name} is active.")


@staff_group.command("reset-second-factor")
@click.argument("email")
def staff_reset_second_factor(email: str) -> None:
    """Remove the second factor of a person who lost it, end their sessions, and notify them by email."""
    with transaction():
        user = accounts.reset_second_factor(
            get_staff_by_email(email).id, by=SYSTEM, encryption=runtime().encryption
        )
    click.echo(f"Two-step verification of {user.name} is reset. All sessions are ended.")


@staff_group.command("reset-password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the new password from standard input.")
def staff_reset_password(email: str, *, password_stdin: bool) -> None:
    """Print a link with which the person chooses a new password. It works once.

    With --password-stdin the password is set at once, and the sessions of the account end.
    """
    if password_stdin:
        hashed = hash_password(_read_password())
        with transaction():
            user = accounts.set_password(get_staff_by_email(email).id, hashed, by=SYSTEM)
        click.echo(f"The password of {user.name} is set. All sessions are ended.")
        return
    with transaction():
        user = accounts.allow_password_reset(get_staff_by_email(email).id, by=SYSTEM)
    token = generate_reset_password_token(user)  # type: ignore[no-untyped-call]
    with current_app.test_request_context():
        path = url_for("security.reset_password", token=token)
    lifetime = current_app.config["SECURITY_RESET_PASSWORD_WITHIN"]
    click.echo(f"Send this link to {user.name} over a channel you trust. It is valid for {lifetime}.")  # fmt: skip
    click.echo(f"{runtime().settings.base_url}{path}")


@staff_group.command("change")
@click.argument("email")
@click.option("--name", help="New name of the person.")
@click.option("--email", "new_email", help="New address, with which the person signs in.")
@click.option("--role", type=click.Choice([role.value for role in RoleName]), help="New role.")
def staff_change(email: str, name: str | None, new_email: str | None, role: str | None) -> None:
    """Change the name, the address or the role of an account."""
    if name is None and new_email is None and role is None:
        raise click.UsageError("Name what to change: --name, --email or --role.")
    with transaction():
        user = get_staff_by_email(email)
        if name is not None:
            user = accounts.change_name(user.id, name, by=SYSTEM)
        if role is not None:
            user = accounts.change_role(user.id, RoleName(role), by=SYSTEM)
        if new_email is not None:
            user = accounts.change_address(
                user.id, new_email, by=SYSTEM, encryption=runtime().encryption
            )
    click.echo(f"Changed: {user.name}, {user.email}, {_role_of(user)}.")


def _read_password() -> str:
    """Return the first line of standard input. Raises UsageError if it is too short or not readable."""
    try:
        password = sys.stdin.readline().rstrip("\r\n") if sys.stdin else ""
    except (ValueError, OSError):  # closed, or bytes that are not text
        raise click.UsageError("Standard input holds no password.") from None
    if len(password) < MIN_PASSWORD_LENGTH:
        raise click.ClickException(
            f"Enter a password of at least {MIN_PASSWORD_LENGTH} characters."
        )
    return password


def _role_of(user: User) -> str:
    return user.roles[0].name if user.roles else "-"


def _state_of(user: User) -> str:
    return "active" if user.active else "deactivated"
