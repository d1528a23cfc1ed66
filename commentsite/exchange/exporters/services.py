"""Record exports: who wrote one, and whether it holds email addresses."""

from datetime import timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import session
from commentsite.exchange.exporters.queries import count_comments
from commentsite.exchange.models import ExportRun

FILE_TTL = timedelta(hours=24)


def record_export(*, by: Actor, has_email_addresses: bool) -> None:
    """Record in the audit log that an export starts. It is recorded first, so that no address leaves unrecorded.

    Only stewards may export. Email addresses need the permission to see them too.
    """
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    if has_email_addresses:
        by.require_everywhere(Permission.SEE_ADDRESSES)
    record_event(by.label, "export.started", "site", email_addresses=int(has_email_addresses))


def start_run(*, by: Actor, has_email_addresses: bool) -> int:
    """Record an export for the worker to write, and return its number."""
    record_export(by=by, has_email_addresses=has_email_addresses)
    run = ExportRun(
        started_by=by.label,
        started_at=clock.now(),
        has_email_addresses=has_email_addresses,
        total=count_comments(),
    )
    session().add(run)
    session().flush()
    return run.id


def save_progress(run_id: int, written: int) -> None:
    session().get_one(ExportRun, run_id).written = written


def finish_run(run_id: int, size: int) -> None:
    """Record that the file of an export is complete, and when it will be deleted."""
    run = session().get_one(ExportRun, run_id)
    run.finished_at, run.size = clock.now(), size
    run.written, run.expires_at = run.total, clock.now() + FILE_TTL


def fail_run(run_id: int, problem: str) -> None:
    run = session().get_one(ExportRun, run_id)
    run.finished_at, run.problem = clock.now(), problem


def expire_run(run_id: int, *, by: Actor) -> None:
    """Record that a steward deletes the file of an export now."""
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    session().get_one(ExportRun, run_id).expires_at = clock.now()


def record_download(run_id: int, *, by: Actor) -> None:
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    record_event(by.label, "export.downloaded", f"export:{run_id}")
