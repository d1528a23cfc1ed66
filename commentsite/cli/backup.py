"""The whole site in one file, taken while it runs, for either database.

A gzipped tar: `manifest.json`, a file of JSON lines for each table, and the key that opens the
addresses, where it is kept in the instance folder. The index of the search is made again.
"""

import base64
import io
import json
import logging
import os
import signal
import tarfile
import tempfile
import threading
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import click
from sqlalchemy import Table, select

from commentsite import clock
from commentsite.cli.queries import BATCH_SIZE, reflect_tables
from commentsite.db.schema_version import get_current_revision
from commentsite.db.session import session, snapshot
from commentsite.web.context import runtime

BACKUP_FORMAT = 1
KEY_FILES = ("secret_key", "log_key")
logger = logging.getLogger("commentsite")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--keep",
    type=click.IntRange(1, 1000),
    help="FILE is a folder: write a dated file into it, then keep the newest so many.",
)
@click.option(
    "--every",
    type=click.IntRange(1, 24 * 31),
    help="With --keep: go on, with one in so many hours, until told to end.",
)
def backup_command(file: Path, keep: int | None, every: int | None) -> None:
    """Write the whole site into one file while it runs."""
    if keep is None:
        if every or file.is_dir():
            raise click.UsageError("A folder takes dated files: say with --keep how many.")
        _write_and_report(file)
    else:
        file.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_dated_backup(file, keep)
    if every:
        _write_repeatedly(file, keep or 1, timedelta(hours=every))


def _write_repeatedly(folder: Path, keep: int, pause: timedelta) -> None:
    """Write one after another until told to end; one that fails is told, and tried again at the next turn."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(pause.total_seconds()):
        try:
            _write_dated_backup(folder, keep)
        except Exception:
            logger.exception("a backup failed")


def _write_dated_backup(folder: Path, keep: int) -> None:
    _write_and_report(folder / f"commentsite-{clock.now():%Y%m%dT%H%M%S}Z.tar.gz")
    for older in sorted(folder.glob("commentsite-*Z.tar.gz"))[:-keep]:
        older.unlink()  # only now that the newest is whole
        click.echo(f"{older.name} is gone: {keep} are kept.")


def _write_and_report(file: Path) -> None:
    counted = write_backup(file)
    rows = sum(counted.values())
    click.echo(f"{file}: {rows} rows of {len(counted)} tables, {file.stat().st_size / 1e6:.1f} MB.")
    if not (runtime().settings.instance / KEY_FILES[0]).is_file():
        click.echo("The key is not in it: COMMENTSITE_SECRET_KEY is set elsewhere. Keep it too.")


def write_backup(file: Path) -> dict[str, int]:
    """Write what the database holds at one moment, and return how many rows of each table.

    The file takes its name only once it is whole; nobody but its owner can read it.
    """
    part = file.with_name(f"{file.name}.part")
    try:
        counted = _write_partial_file(part)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)  # of a full disk, not even the half of it
    return counted


def _write_partial_file(part: Path) -> dict[str, int]:
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    counted: dict[str, int] = {}
    with os.fdopen(descriptor, "wb") as out:
        with tarfile.open(fileobj=out, mode="w:gz") as tar:
            _add_contents(tar, counted)
        out.flush()
        os.fsync(out.fileno())
    return counted


def _add_contents(tar: tarfile.TarFile, counted: dict[str, int]) -> None:
    here = runtime()
    with snapshot():
        revision = get_current_revision()
        for table in reflect_tables():
            counted[table.name] = _add_table(tar, table)
    for name in KEY_FILES:
        if (key := here.settings.instance / name).is_file():
            _add_file(tar, f"keys/{name}", key.read_bytes())
    manifest = {
        "format": BACKUP_FORMAT,
        "made_at": clock.now().isoformat(),
        "revision": revision,
        "tables": counted,
        "key": here.encryption.keyed_hash("backup", ""),
    }
    _add_file(tar, "manifest.json", json.dumps(manifest, indent=1).encode())


def _add_table(tar: tarfile.TarFile, table: Table) -> int:
    number = 0
    with tempfile.TemporaryFile() as lines:  # tar wants to know how long a file is
        rows = session().execute(
            select(table).order_by(*table.primary_key), execution_options={"yield_per": BATCH_SIZE}
        )
        for row in rows.mappings():
            line = {name: _to_json_value(value) for name, value in row.items()}
            lines.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            number += 1
        _add_file(tar, f"tables/{table.name}.jsonl", lines)
    return number


def _add_file(tar: tarfile.TarFile, name: str, content: bytes | IO[bytes]) -> None:
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = (
        file.seek(0, io.SEEK_END),
        0o600,
        int(clock.now().timestamp()),
    )
    file.seek(0)
    tar.addfile(info, file)


def _to_json_value(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    return value.isoformat() if isinstance(value, (date, datetime)) else value
