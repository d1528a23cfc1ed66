"""Imports that a steward starts at the desk: the uploaded files, and the run of the worker.

The files of a run lie in a folder of the instance until it ends. An interrupted run is started again by the next
worker, and skips what is stored.
"""

import shutil
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Protocol
from zoneinfo import ZoneInfo

from commentsite.accounts.permissions import Actor
from commentsite.db.session import transaction
from commentsite.encryption import Encryption
from commentsite.errors import SiteError
from commentsite.exchange import services as exchange_services
from commentsite.exchange.importers.records import ReadOptions, System
from commentsite.exchange.models import ImportRun
from commentsite.exchange.run import read_map, write_report
from commentsite.exchange.services import Source
from commentsite.exchange.systems import get_import_class

MAP = "map.csv"
REPORT = "report.csv"
EXPORT = "export-"  # and a number
_UNEXPECTED = "The import stopped at an unexpected error. What it had stored stays. The log of the worker has the details."


class Upload(Protocol):
    """A file of a form."""

    stream: IO[bytes]


def store_files(folder: Path, uploads: Iterable[Upload], map_file: Upload | None) -> None:
    """Store the uploaded files of a run. The folder appears when it is complete."""
    unfinished = folder.with_suffix(".part")
    unfinished.mkdir(parents=True)
    files = {f"{EXPORT}{number}": upload for number, upload in enumerate(uploads)}
    if map_file is not None:
        files[MAP] = map_file
    for name, upload in files.items():
        with (unfinished / name).open("wb") as file:
            shutil.copyfileobj(upload.stream, file)
    unfinished.rename(folder)


def list_runs_with_files(folder: Path) -> list[int]:
    """Return the runs that wait or were interrupted, the oldest first."""
    names = [path.name for path in folder.glob("*") if any(path.glob(f"{EXPORT}*"))]
    return sorted(int(name) for name in names if name.isdecimal())


def run_job(  # noqa: PLR0913  # each is named by the caller
    run: ImportRun,
    folder: Path,
    *,
    by: Actor,
    encryption: Encryption,
    rules_version: int,
    media_path: Path,
) -> None:
    """Run an import to its end, and delete its files. The report of its rows stays."""
    files = sorted(folder.glob(f"{EXPORT}*"))
    try:
        with write_report(folder / REPORT) as report:
            get_import_class(System(run.system))(
                source=Source(System(run.system), run.options.get("site", "")),
                options=build_options(run.options),
                slugs=read_map(folder / MAP) if (folder / MAP).exists() else {},
                by=by,
                encryption=encryption,
                rules_version=rules_version,
                report=report,
                is_dry_run=run.is_dry_run,
                run_id=run.id,
                media_path=media_path,
            ).run(files, lambda _: nullcontext(_ignore))
    except SiteError as error:
        with transaction():
            exchange_services.refuse_run(run.id, error.message % error.details)
    delete_files(folder)


def _ignore(_count: int) -> None:
    """Show no progress: the page of the run reads how many comments are stored."""


def fail_job(run_id: int, folder: Path) -> None:
    """End an import that failed for a reason that no file explains, and delete its files."""
    with transaction():
        exchange_services.refuse_run(run_id, _UNEXPECTED)
    delete_files(folder)


def delete_files(folder: Path) -> None:
    for file in [*folder.glob(f"{EXPORT}*"), folder / MAP]:
        file.unlink(missing_ok=True)


def build_options(options: Mapping[str, str]) -> ReadOptions:
    zone = options.get("time_zone")
    return ReadOptions(
        time_zone=ZoneInfo(zone) if zone else None,
        repairs=bool(options.get("repair")),
        first_message=options.get("first_message", ""),
        language=options.get("language", ""),
    )
