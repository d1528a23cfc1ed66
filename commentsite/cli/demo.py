"""The command `commentsite demo`."""

import click

from commentsite.cli.migrate import upgrade_database
from commentsite.cli.progress import show_progress
from commentsite.demo.seed import seed_demo
from commentsite.letters.queries import count_letters
from commentsite.web.context import runtime


@click.command("demo")
@click.option("--if-empty", is_flag=True, help="Do nothing if the site already has letters.")
def demo_command(*, if_empty: bool) -> None:
    """Fill an empty site with sample letters, comments and staff."""
    upgrade_database()
    if if_empty and count_letters():
        return
    people = seed_demo(runtime().encryption, show_progress)
    click.echo("The demo is ready. Sign in at /account/login as:")
    for person in people:
        click.echo(f"  {person.role:<10} {person.email:<32} {person.password}")
    click.echo("Save the passwords: they are not shown again.")
