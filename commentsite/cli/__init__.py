"""The commands of the program `commentsite`, for operators."""

import sys
from collections.abc import Iterable

import click
from flask import Flask

from commentsite.cli.archive import archive_command
from commentsite.cli.backup import backup_command
from commentsite.cli.database import db_group
from commentsite.cli.demo import demo_command
from commentsite.cli.doctor import doctor_command
from commentsite.cli.errors import run_in_site
from commentsite.cli.exports import export_command
from commentsite.cli.imports import import_command
from commentsite.cli.letters import letters_group
from commentsite.cli.maintenance import (
    log_group,
    privacy_group,
    reasons_group,
    search_group,
    verify_command,
)
from commentsite.cli.restore import restore_command
from commentsite.cli.serve import run_command
from commentsite.cli.staff import staff_group
from commentsite.cli.summaries import summary_command
from commentsite.cli.worker import jobs_group, worker_command

COMMANDS = (
    run_command,
    worker_command,
    jobs_group,
    demo_command,
    staff_group,
    letters_group,
    import_command,
    export_command,
    archive_command,
    summary_command,
    db_group,
    backup_command,
    restore_command,
    doctor_command,
    verify_command,
    log_group,
    search_group,
    privacy_group,
    reasons_group,
)


# These commands work without a current database that belongs to the secret key: they create or repair it,
# examine it, or read only a file. `run` and `demo` upgrade the database first, and then check it themselves.
COMMANDS_FOR_ANY_DATABASE = frozenset(
    {"run", "demo", "db upgrade", "db check", "restore", "doctor", "reasons check"}
)


def init_app(app: Flask) -> None:
    """Register the commands of the program, and no others.

    Libraries bring commands of their own. They write outside `transaction()` and without an audit event.
    """
    app.cli.commands.clear()
    for command in COMMANDS:
        app.cli.add_command(command)


def make_output_safe() -> None:
    """Let a terminal that lacks a character, such as a typographic quote, show a question mark for it."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _wrap_callbacks(commands: Iterable[click.Command], group: str = "") -> None:
    """Let every command create its application and turn foreseeable errors into a sentence."""
    for command in commands:
        name = f"{group} {command.name}".strip()
        if isinstance(command, click.Group):
            _wrap_callbacks(command.commands.values(), name)
        elif command.callback is not None:
            command.callback = run_in_site(
                command.callback, needs_database=name not in COMMANDS_FOR_ANY_DATABASE
            )


_wrap_callbacks(COMMANDS)
