"""TODO docstring of commentsite.cli.database."""

import click

from commentsite.cli.migrate import check_models_match, upgrade_database


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
    check_models_match()
