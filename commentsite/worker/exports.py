"""Write the exports that stewards start at the desk, in a thread beside the tasks, because one can take minutes."""

import threading

from flask import Flask
from sqlalchemy.exc import OperationalError

from commentsite import clock
from commentsite.db.session import db, transaction
from commentsite.exchange.exporters.jobs import delete_expired_files, fail_job, run_job
from commentsite.exchange.exporters.queries import find_run, find_waiting_run
from commentsite.exchange.exporters.services import save_progress
from commentsite.exchange.exporters.writer import ExportOptions
from commentsite.web.context import Runtime

_busy = threading.Lock()


def start_waiting_export(app: Flask) -> int:
    """Start the oldest waiting export, unless this process runs one. Return the number of exports started."""
    run = find_waiting_run()
    if run is None or not _busy.acquire(blocking=False):
        return 0
    threading.Thread(target=_run_alone, args=(app, run.id), daemon=True).start()
    return 1


def run_export(app: Flask, run_id: int) -> None:
    """Write one export. An error of the database leaves it waiting, and any other ends it."""
    runtime: Runtime = app.extensions["commentsite"]
    settings = runtime.settings
    folder = settings.exports_path
    with app.app_context():
        run = find_run(run_id)
        try:
            if run is not None and run.finished_at is None:
                options = ExportOptions(
                    base_url=settings.base_url,
                    media_path=settings.media_path,
                    encryption=runtime.encryption,
                    has_email_addresses=run.has_email_addresses,
                )
                run_job(run, folder, options, lambda count: _save_progress(app, run_id, count))
        except OperationalError:
            app.logger.exception("export %s was interrupted", run_id)
        except Exception:
            app.logger.exception("export %s failed", run_id)
            fail_job(run_id, folder)
        finally:
            db.session.remove()


def delete_exports(runtime: Runtime) -> int:
    """Delete the files of exports that have expired."""
    return delete_expired_files(runtime.settings.exports_path, clock.now())


def _save_progress(app: Flask, run_id: int, count: int) -> None:
    with app.app_context(), transaction(gives_way=True):  # a session beside the snapshot
        save_progress(run_id, count)


def _run_alone(app: Flask, run_id: int) -> None:
    try:
        run_export(app, run_id)
    finally:
        _busy.release()
