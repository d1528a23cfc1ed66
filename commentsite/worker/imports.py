"""Run the imports that stewards start at the desk, in a thread beside the tasks, because one can take minutes."""

import threading

from flask import Flask
from sqlalchemy.exc import OperationalError

from commentsite.accounts.permissions import SYSTEM, Actor
from commentsite.accounts.queries import build_actor, get_staff_member
from commentsite.db.session import db
from commentsite.exchange.jobs import delete_files, fail_job, list_runs_with_files, run_job
from commentsite.exchange.models import ImportRun
from commentsite.exchange.queries import find_run
from commentsite.site.queries import load_site
from commentsite.web.context import Runtime

_busy = threading.Lock()


def start_waiting_import(app: Flask, runtime: Runtime) -> int:
    """Start the oldest waiting import, unless this process runs one. Return the number of imports started."""
    waiting = list_runs_with_files(runtime.settings.imports_path)
    if not waiting or not _busy.acquire(blocking=False):
        return 0
    threading.Thread(target=_run_alone, args=(app, waiting[0]), daemon=True).start()
    return 1


def run_import(app: Flask, run_id: int) -> None:
    """Run one import to its end. An error of the database leaves it waiting, and any other ends it."""
    runtime: Runtime = app.extensions["commentsite"]
    folder = runtime.settings.imports_path / str(run_id)
    with app.app_context():
        run = find_run(run_id)
        try:
            if run is None or run.finished_at:
                delete_files(folder)
            else:
                run_job(
                    run,
                    folder,
                    by=_find_actor(run),
                    encryption=runtime.encryption,
                    rules_version=load_site().rulebook.version,
                    media_path=runtime.settings.media_path,
                )
        except OperationalError:
            app.logger.exception("import %s was interrupted", run_id)
        except Exception:
            app.logger.exception("import %s failed", run_id)
            fail_job(run_id, folder)
        finally:
            db.session.remove()


def _run_alone(app: Flask, run_id: int) -> None:
    try:
        run_import(app, run_id)
    finally:
        _busy.release()


def _find_actor(run: ImportRun) -> Actor:
    kind, _, number = run.started_by.partition(":")
    return build_actor(get_staff_member(int(number))) if kind == "user" else SYSTEM
