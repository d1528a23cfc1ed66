"""The loop of the worker process: run each task when it is due."""

import threading
import time
from datetime import timedelta

from flask import Flask
from sqlalchemy.exc import OperationalError

from commentsite.comments.screening.queries import has_received_comments
from commentsite.db.session import db
from commentsite.worker.tasks import TASKS, run_tasks

PASS_INTERVAL = 2.0  # seconds
POLL_INTERVAL = 0.25  # seconds between two looks for received comments
RETRY_DELAY = timedelta(seconds=10)  # of a failed task, so that an outage does not fill the log


def run_forever(app: Flask, stop: threading.Event) -> None:
    """Run the tasks until `stop` is set. A pass that has begun is completed.

    A task that found work is due again in the next pass if it may have left some.
    """
    due_at: dict[str, float] = {}
    while not stop.is_set():
        started = time.monotonic()
        for task in TASKS:
            if due_at.get(task.name, started) <= started:
                count, failed = run_tasks(app, [task])
                delay = max(task.every, RETRY_DELAY) if failed else task.every
                is_due_again = count >= task.repeat_threshold
                due_at[task.name] = started if is_due_again else started + delay.total_seconds()
        _wait_for_work(app, stop)


def _wait_for_work(app: Flask, stop: threading.Event) -> None:
    """Wait for the next pass, or until a comment was received: its author is waiting."""
    until = time.monotonic() + PASS_INTERVAL
    while time.monotonic() < until and not stop.wait(POLL_INTERVAL):
        with app.app_context():
            try:
                if has_received_comments():
                    return
            except OperationalError:
                return  # the pass reports it
            finally:
                db.session.remove()
