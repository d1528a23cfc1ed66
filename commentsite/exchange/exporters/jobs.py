"""Exports that a steward starts at the desk: the file that the worker writes, and its end.

The file of an export lies in a folder of the instance until it expires. An interrupted export is started again by
the next worker.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from commentsite.db.session import transaction
from commentsite.exchange.exporters import queries as export_queries
from commentsite.exchange.exporters import services as export_services
from commentsite.exchange.exporters.writer import ExportOptions, write_export
from commentsite.exchange.models import ExportRun

_UNEXPECTED = "The export stopped at an unexpected error. The log of the worker has the details."
_STEP = 5_000  # comments between two notes of the progress


def get_path(folder: Path, run_id: int) -> Path:
    return folder / f"export-{run_id}.zip"


def run_job(
    run: ExportRun, folder: Path, options: ExportOptions, save_progress: Callable[[int], None]
) -> None:
    """Write the file of an export.

    `save_progress` stores the number of comments so far, in a database session of its own, because this one reads a
    snapshot.
    """
    run_id = run.id
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    read, noted = 0, 0

    def advance(count: int) -> None:
        nonlocal read, noted
        read += count
        if read - noted >= _STEP:
            noted = read
            save_progress(read // 2)  # each comment is read twice

    result = write_export(get_path(folder, run_id), options, advance)
    with transaction():
        export_services.finish_run(run_id, result.size)


def fail_job(run_id: int, folder: Path) -> None:
    """End an export that failed, and delete what it has written."""
    get_path(folder, run_id).unlink(missing_ok=True)
    with transaction():
        export_services.fail_run(run_id, _UNEXPECTED)


def delete_expired_files(folder: Path, now: datetime) -> int:
    """Delete the files of exports that have expired, and of those that nothing is known of. Return their number."""
    count = 0
    for file in folder.glob("export-*.zip"):
        number = file.stem.removeprefix("export-")
        run = export_queries.find_run(int(number)) if number.isdecimal() else None
        if run is None or (run.expires_at is not None and run.expires_at <= now):
            file.unlink(missing_ok=True)
            count += 1
    return count
