"""TODO docstring of commentsite.worker.loop."""

import threading
import time
from datetime import timedelta

from flask import Flask

from commentsite.worker.tasks import TASKS, run_tasks

PASS_INTERVAL = 2.0  # seconds between passes
RETRY_DELAY = timedelta(seconds=10)  # after a task failed, so that an outage does not fill the log


def run_forever(app: Flask, stop: threading.Event) -> None:
    """Run each task when it is due, until told to stop. A task that failed is run again after a pause."""
    due_at: dict[str, float] = {}
    while not stop.is_set():
        started = time.monotonic()
        due = [task for task in TASKS if due_at.get(task.name, started) <= started]
        _done, failed = run_tasks(app, due)
        for task in due:
            pause = max(task.every, RETRY_DELAY) if task.name in failed else task.every
            due_at[task.name] = started + pause.total_seconds()
        stop.wait(PASS_INTERVAL)
