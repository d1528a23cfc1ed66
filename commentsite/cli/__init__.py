"""The program `commentsite`: what an operator does from the shell."""

import click
from flask import Flask, current_app

from commentsite.cli.backup import backup_command
from commentsite.cli.database import db_group
from commentsite.cli.doctor import doctor_command
from commentsite.cli.errors import site_errors_as_messages
from commentsite.cli.letters import letters_group
from commentsite.cli.maintenance import (
    log_group,
    privacy_group,
    reasons_group,
    search_group,
    verify_command,
)
from commentsite.cli.migrate import upgrade_database
from commentsite.cli.restore import restore_command
from commentsite.cli.serve import run_command, worker_command
from commentsite.cli.staff import staff_group
from commentsite.demo.seed import seed_demo
from commentsite.letters.queries import count_letters
from commentsite.web.context import runtime
from commentsite.worker import tasks


def init_app(app: Flask) -> None:
    """Give the application its commands."""
    for command in (
        run_command,
        demo_command,
        staff_group,
        letters_group,
        db_group,
        worker_command,
        jobs_group,
        verify_command,
        log_group,
        doctor_command,
        search_group,
        privacy_group,
        backup_command,
        restore_command,
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
    with site_errors_as_messages():
        people = seed_demo(runtime().encryption)
    click.echo("The demo is in place. Sign in at /account/login as:")
    for person in people:
        click.echo(f"  {person.role:<10} {person.email:<32} {person.password}")
    click.echo("The passwords are shown only this once.")


@click.group("jobs")
def jobs_group() -> None:
    """What time brings."""


@jobs_group.command("run")
def jobs_run() -> None:
    """Do one pass of it."""
    click.echo(f"{tasks.run_pass(current_app._get_current_object())} done.")  # type: ignore[attr-defined]  # noqa: SLF001  # the way Flask documents
