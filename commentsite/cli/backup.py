"""The command `commentsite backup`: write the whole site into one file while it runs.

The file is a gzipped tar archive, the same for SQLite and PostgreSQL. `tables/<name>.jsonl` has one JSON object
for each row, with bytes as {"base64": …} and times in ISO 8601. All tables are read in one snapshot, so they
agree with each other. `media/` has the pictures of letters, and `keys/` has the secret key and the signing key if they are files in the instance folder.
`manifest.json` comes last and has the version of the format, the schema revision, the number of rows of each
table, and a keyed hash by which a restore recognises the right secret key. An archive that was cut off has no
manifest, so it is never restored. The search index is left out, because it can be built from the rest.
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
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import click
from sqlalchemy import Table

from commentsite import clock
from commentsite.cli.errors import MachineError
from commentsite.cli.progress import show_progress
from commentsite.cli.queries import BATCH_SIZE, count_rows, iter_rows, reflect_tables
from commentsite.db.schema_version import get_current_revision
from commentsite.db.session import snapshot
from commentsite.letters.media.files import list_files, read_file
from commentsite.web.context import runtime

BACKUP_FORMAT = 1
MEDIA_FOLDER = "media"
SECRET_KEY, LOG_KEY = KEY_FILES = ("secret_key", "log_key")
logger = logging.getLogger("commentsite")


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--keep",
    type=click.IntRange(1, 1000),
    help="Treat FILE as a folder. Write a dated file into it, and keep this number of files.",
)
@click.option(
    "--every",
    type=click.IntRange(1, 24 * 31),
    help="With --keep: write a backup every so many hours until terminated.",
)
def backup_command(file: Path, keep: int | None, every: int | None) -> None:
    """Write the whole site into FILE. The site can stay in use."""
    if keep is None:
        if every or file.is_dir():
            raise click.UsageError(
                "FILE is a folder. Use --keep to say how many dated files to keep in it."
            )
        _require_folder(file.parent)
        _write_and_report(file)
    else:
        _make_folder(file)
        _write_dated_backup(file, keep)
    if every:
        _write_repeatedly(file, keep or 1, timedelta(hours=every))


def _require_folder(folder: Path) -> None:
    if not folder.is_dir():
        msg = f"The folder {folder} does not exist. Create it, or choose another one."
        raise MachineError(msg)


def _make_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        msg = f"{folder} is a file. With --keep, name a folder."
        raise MachineError(msg)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _write_repeatedly(folder: Path, keep: int, pause: timedelta) -> None:
    """Write backups until terminated. A failure is logged, and the next backup is written at its time."""
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
        older.unlink()  # after the new backup is complete
        click.echo(f"Deleted {older.name}, because only {keep} backups are kept.")


def _write_and_report(file: Path) -> None:
    row_counts = write_backup(file)
    size = file.stat().st_size / 1e6
    click.echo(
        f"Wrote {file}: {sum(row_counts.values())} rows of {len(row_counts)} tables, {size:.1f} MB."
    )
    if not runtime().settings.is_key_in_file:
        click.echo(
            "The backup does not contain the secret key, which is set in COMMENTSITE_SECRET_KEY. Save it too."
        )


def write_backup(file: Path) -> dict[str, int]:
    """Write a backup and return the number of rows of each table.

    It is written under another name first, so that `file` is complete whenever it exists. Only its owner can
    read it.
    """
    part = file.with_name(f"{file.name}.part")
    try:
        row_counts = _write_archive(part)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)  # on a full disk, an incomplete file must not stay
    return row_counts


def _write_archive(part: Path) -> dict[str, int]:
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        with tarfile.open(fileobj=out, mode="w:gz") as tar:
            row_counts = _add_contents(tar)
        out.flush()
        os.fsync(out.fileno())
    return row_counts


def _add_contents(tar: tarfile.TarFile) -> dict[str, int]:
    with snapshot():
        revision = get_current_revision()
        tables = reflect_tables()
        with show_progress("Writing", sum(count_rows(table) for table in tables)) as advance:
            row_counts = {table.name: _add_table(tar, table, advance) for table in tables}
    settings = runtime().settings
    for file in list_files(settings.media_path):
        picture = read_file(file.parent, file.name)
        if picture is not None:  # None: the worker has just deleted it
            _add_file(tar, f"{MEDIA_FOLDER}/{file.name}", picture)
    # A key file beside a key in the settings is not in use and would mislead a restore.
    for name in KEY_FILES if settings.is_key_in_file else (LOG_KEY,):
        if (key := settings.instance / name).is_file():
            _add_file(tar, f"keys/{name}", key.read_bytes())
    manifest = {
        "format": BACKUP_FORMAT,
        "made_at": clock.now().isoformat(),
        "revision": revision,
        "tables": row_counts,
        "key": runtime().encryption.keyed_hash("backup", ""),
    }
    _add_file(tar, "manifest.json", json.dumps(manifest, indent=1).encode())
    return row_counts


def _add_table(tar: tarfile.TarFile, table: Table, advance: Callable[[int], None]) -> int:
    count = 0
    # A tar archive states the size of a file before its content, so the lines go to a temporary file first.
    with tempfile.TemporaryFile() as lines:
        for row in iter_rows(table):
            line = {name: _to_json_value(value) for name, value in row.items()}
            lines.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            count += 1
            if count % BATCH_SIZE == 0:
                advance(BATCH_SIZE)
        advance(count % BATCH_SIZE)
        _add_file(tar, f"tables/{table.name}.jsonl", lines)
    return count


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
