"""The commands `commentsite worker` and `commentsite jobs run`: the periodic tasks of `commentsite.worker`."""

import os
import signal
import threading
from types import FrameType

import click
from flask import current_app

from commentsite.cli.progress import show_progress
from commentsite.worker import loop, tasks


@click.command("worker")
@click.option("--until-parent-ends", is_flag=True, help="Stop when the parent process ends.")
def worker_command(*, until_parent_ends: bool) -> None:
    """Send emails and run the other periodic tasks until terminated."""
    run_worker(until_parent_ends=until_parent_ends)


@click.group("jobs")
def jobs_group() -> None:
    """Run periodic tasks without a worker."""


@jobs_group.command("run")
def jobs_run() -> None:
    """Run every periodic task once."""
    with show_progress("Working", len(tasks.TASKS)) as advance:
        count = tasks.run_pass(current_app._get_current_object(), advance)  # type: ignore[attr-defined]  # noqa: SLF001  # documented by Flask
    click.echo(f"Items handled: {count}.")


def run_worker(*, until_parent_ends: bool) -> None:
    """Run the loop of the worker in this process until SIGTERM or SIGINT."""
    stop = threading.Event()
    if until_parent_ends:
        threading.Thread(target=_stop_with_parent, args=(os.getppid(), stop), daemon=True).start()

    def stop_loop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, stop_loop)
    signal.signal(signal.SIGINT, stop_loop)
    loop.run_forever(current_app._get_current_object(), stop)  # type: ignore[attr-defined]  # noqa: SLF001  # documented by Flask


def _stop_with_parent(parent: int, stop: threading.Event) -> None:
    # The kernel gives a process without a parent to another one, so the parent's id changes.
    while os.getppid() == parent and not stop.wait(1):
        pass
    stop.set()
