"""The command `commentsite restore`: fill an empty site from a backup (see `backup` for its format).

The backup may come from the other kind of database and from an older version. The empty database is migrated to
the schema revision of the backup, filled in one transaction, and then upgraded. If anything is wrong with the
backup, the transaction is rolled back and the site stays empty.
"""

import base64
import json
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Date, DateTime, LargeBinary, Table, insert
from sqlalchemy.exc import SQLAlchemyError

from commentsite.cli.backup import BACKUP_FORMAT, KEY_FILES, LOG_KEY, MEDIA_FOLDER, SECRET_KEY
from commentsite.cli.errors import is_machine_error
from commentsite.cli.maintenance import rebuild_with_progress, report_success, verify_with_progress
from commentsite.cli.migrate import UnknownRevision, downgrade_database, run_migrations
from commentsite.cli.progress import show_progress
from commentsite.cli.queries import BATCH_SIZE, advance_id_sequence, reflect_tables
from commentsite.db.queries import has_content
from commentsite.db.schema_version import get_current_revision
from commentsite.db.session import session, transaction
from commentsite.encryption import Encryption
from commentsite.errors import SiteError
from commentsite.letters.media.files import write_file
from commentsite.letters.media.services import find_missing_files
from commentsite.site.secret_key import find_key_problem, store_key_check
from commentsite.web.context import runtime

KEY_NEEDED = "This backup needs the secret key of its site. Set COMMENTSITE_SECRET_KEY to that key and try again."
KEY_IN_THE_WAY = (
    "This backup belongs to another secret key than the one in COMMENTSITE_SECRET_KEY. "
    "Remove that setting, and the restore installs the key that the backup holds."
)


class InvalidBackup(SiteError):
    """The file cannot be restored, or the site is not empty."""


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore_command(file: Path) -> None:
    """Fill an empty site from the backup FILE. Then verify the audit log."""
    row_counts = load_backup(file)
    click.echo(f"Restored {sum(row_counts.values())} rows of {len(row_counts)} tables.")
    problems = verify_with_progress() + find_missing_files(runtime().settings.media_path)
    for problem in problems:
        click.echo(problem)
    if problems:
        raise SystemExit(1)
    report_success()


def load_backup(file: Path) -> dict[str, int]:
    """Fill an empty site and return the number of rows of each table.

    Raises InvalidBackup if the site is not empty, the file is not a complete backup, or the secret key of this
    installation is not the one of the backup.
    """
    try:
        with tarfile.open(file, mode="r:gz") as tar:
            members = {member.name: member for member in tar if member.isfile()}
            manifest = json.loads(_read_member(tar, members["manifest.json"]))
            encryption = _check_manifest(manifest, tar, members)
            _migrate_to(manifest["revision"])
            with transaction():
                row_counts = _fill_tables(tar, members, manifest["tables"])
                if find_key_problem(encryption, reflect_tables()):
                    raise InvalidBackup(KEY_NEEDED)
                _restore_pictures(tar, members)
                _restore_keys(tar, members)
    except (
        tarfile.TarError,
        zlib.error,
        KeyError,
        TypeError,
        ValueError,
        EOFError,
        OSError,
        SQLAlchemyError,
    ) as error:
        if is_machine_error(error):
            raise
        msg = "This file is not a complete backup: %(error)s."
        raise InvalidBackup(msg, error=str(error) or type(error).__name__) from error
    run_migrations()
    with transaction():
        store_key_check(encryption)
    rebuild_with_progress()
    return row_counts


def _fill_tables(
    tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo], expected: dict[str, int]
) -> dict[str, int]:
    """Fill every table of the backup, and return the number of rows of each."""
    with show_progress("Restoring", sum(expected.values())) as advance:
        row_counts = {
            table.name: _fill_table(tar, members, table, advance)
            for table in reflect_tables()
            if table.name in expected
        }
    _check_row_counts(row_counts, expected)
    return row_counts


def _check_manifest(
    manifest: dict[str, Any], tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo]
) -> Encryption:
    """Return the keys of the backup's site. Raises InvalidBackup if they are not those of this installation."""
    if manifest["format"] != BACKUP_FORMAT:
        msg = "This backup has another format. Restore it with the version of commentsite that wrote it."
        raise InvalidBackup(msg)
    is_empty = not has_content(session().connection())
    session().rollback()
    if not is_empty:
        msg = "This site has content. Restore the backup into an empty site."
        raise InvalidBackup(msg)
    settings, encryption = runtime().settings, runtime().encryption
    key_member = members.get(f"keys/{SECRET_KEY}")
    if key_member and settings.is_key_in_file:
        # The key of the backup replaces the one that was generated for this empty site.
        encryption = Encryption(tuple(_read_member(tar, key_member).decode("ascii").split()))
    if manifest["key"] == encryption.keyed_hash("backup", ""):
        return encryption
    raise InvalidBackup(KEY_IN_THE_WAY if key_member else KEY_NEEDED)


def _migrate_to(revision: str) -> None:
    """Migrate the empty database to the schema revision of the backup."""
    session().rollback()
    run_migrations()
    try:
        if get_current_revision() != revision:
            session().rollback()
            downgrade_database(revision=revision)
    except UnknownRevision as error:
        msg = "This backup was made by a newer version of commentsite. Install that version first."
        raise InvalidBackup(msg) from error
    finally:
        session().rollback()


def _fill_table(
    tar: tarfile.TarFile,
    members: dict[str, tarfile.TarInfo],
    table: Table,
    advance: Callable[[int], None],
) -> int:
    """Insert the rows of a table and return their number."""
    session().execute(table.delete())  # the migrations insert default rows into a new database
    # The rows come in the order of their ids. A row can refer to a later row of the same table. Such a reference is
    # set after all rows are there. There are few, because most rows refer to older ones.
    own_references = [key.parent.name for key in table.foreign_keys if key.column.table is table]
    deferred: list[tuple[int, str, int]] = []
    count = 0
    for batch in _iter_batches(_iter_rows(tar, members[f"tables/{table.name}.jsonl"], table)):
        for row in batch if own_references else ():
            for name in own_references:
                if row[name] is not None and row[name] >= row["id"]:
                    deferred.append((row["id"], name, row[name]))
                    row[name] = None
        session().execute(insert(table), batch)
        count += len(batch)
        advance(len(batch))
    for row_id, name, target in deferred:
        session().execute(table.update().where(table.c.id == row_id).values({name: target}))
    advance_id_sequence(table)
    return count


def _iter_rows(
    tar: tarfile.TarFile, member: tarfile.TarInfo, table: Table
) -> Iterator[dict[str, Any]]:
    lines = tar.extractfile(member)
    for line in lines or ():
        row = json.loads(line)
        yield {name: _from_json_value(value, table.c[name].type) for name, value in row.items()}


def _from_json_value(value: Any, column_type: Any) -> Any:
    if value is None:
        return None
    if isinstance(column_type, LargeBinary):
        return base64.b64decode(value["base64"])
    if isinstance(column_type, DateTime):
        moment = datetime.fromisoformat(value)
        aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return aware if column_type.timezone else aware.replace(tzinfo=None)
    return date.fromisoformat(value) if isinstance(column_type, Date) else value


def _iter_batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH_SIZE:
            yield batch
            batch = []
    if batch:
        yield batch


def _check_row_counts(row_counts: dict[str, int], expected: dict[str, int]) -> None:
    if row_counts != expected:
        msg = "This backup is damaged: its tables do not have the number of rows that its manifest states."
        raise InvalidBackup(msg)


def _restore_pictures(tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo]) -> None:
    for name, member in members.items():
        folder, _, file_name = name.partition("/")
        if folder == MEDIA_FOLDER:  # write_file refuses a name that could leave the folder
            write_file(runtime().settings.media_path, file_name, _read_member(tar, member))


def _restore_keys(tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo]) -> None:
    for name in KEY_FILES if runtime().settings.is_key_in_file else (LOG_KEY,):
        if member := members.get(f"keys/{name}"):
            path = runtime().settings.instance / name
            path.unlink(missing_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(_read_member(tar, member))


def _read_member(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    return file.read() if file else b""
