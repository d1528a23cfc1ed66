"""The commands `commentsite db …`."""

import click

from commentsite.cli.migrate import check_models_match, upgrade_database


@click.group("db")
def db_group() -> None:
    """Upgrade and check the database."""


@db_group.command("upgrade")
def db_upgrade() -> None:
    """Upgrade the database to the newest schema."""
    upgrade_database()
    click.echo("The database is up to date.")


@db_group.command("check")
def db_check() -> None:
    """Compare the schema of the database with the program. Exit with 1 if they differ."""
    check_models_match()
