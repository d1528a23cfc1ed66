"""The commands of the program `commentsite`, for operators."""

from flask import Flask

from commentsite.cli.backup import backup_command
from commentsite.cli.database import db_group
from commentsite.cli.demo import demo_command
from commentsite.cli.doctor import doctor_command
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
from commentsite.cli.worker import jobs_group, worker_command

COMMANDS = (
    run_command,
    worker_command,
    jobs_group,
    demo_command,
    staff_group,
    letters_group,
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


def init_app(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
