"""Fill an empty site from a backup, on either database."""

import base64
import json
import os
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Date, DateTime, LargeBinary, Table, insert, text
from sqlalchemy.exc import SQLAlchemyError

from commentsite.cli.backup import BACKUP_FORMAT, KEY_FILES
from commentsite.cli.migrate import UnknownRevision, downgrade_database, run_migrations
from commentsite.cli.queries import (
    BATCH_SIZE,
    advance_id_sequence,
    list_table_names,
    reflect_tables,
)
from commentsite.comments.search import rebuild_index
from commentsite.db.schema_version import get_current_revision
from commentsite.db.session import session, transaction
from commentsite.errors import SiteError
from commentsite.moderation.transparency.verification import verify_records
from commentsite.web.context import runtime

CONTENT_TABLES = ("letter", "comment", "staff", "audit_entry")


class InvalidBackup(SiteError):
    """A file that cannot be restored here, or a site that must not be overwritten."""


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore_command(file: Path) -> None:
    """Fill an empty site from a backup, and check the books."""
    try:
        counted = load_backup(file)
    except SiteError as error:
        raise click.ClickException(error.message % error.details) from None
    click.echo(f"{sum(counted.values())} rows of {len(counted)} tables are back.")
    problems = verify_records()
    for problem in problems:
        click.echo(problem)
    if problems:
        raise SystemExit(1)
    click.echo("The audit log and the books hold.")


def load_backup(file: Path) -> dict[str, int]:
    """Fill an empty site; return how many rows of each table.

    Raises BadBackup on a site that has content, a file that is none of ours or torn, and a key
    that does not open what is in it.
    """
    try:
        with tarfile.open(file, mode="r:gz") as tar:
            members = {member.name: member for member in tar if member.isfile()}
            manifest = json.loads(_read_member(tar, members["manifest.json"]))
            _check_manifest(manifest, members)
            _migrate_to(manifest["revision"])
            with transaction():
                counted = {
                    table.name: _fill_table(tar, members, table)
                    for table in reflect_tables()
                    if table.name in manifest["tables"]
                }
                _check_row_counts(counted, manifest["tables"])
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
        msg = "This is no whole backup of a site: %(error)s."
        raise InvalidBackup(msg, error=str(error) or type(error).__name__) from error
    run_migrations()
    with transaction():
        rebuild_index()
    return counted


def _check_manifest(manifest: dict[str, Any], members: Iterable[str]) -> None:
    if manifest["format"] != BACKUP_FORMAT:
        msg = "This backup is of another format; restore it with the version that made it."
        raise InvalidBackup(msg)
    here = runtime()
    if "keys/secret_key" not in members and manifest["key"] != here.encryption.keyed_hash(
        "backup", ""
    ):
        msg = "This backup needs the key of its site. Set COMMENTSITE_SECRET_KEY to it and repeat."
        raise InvalidBackup(msg)
    held = {
        name: session().execute(text(f"SELECT count(*) FROM {name}")).scalar()  # noqa: S608  # our own names
        for name in CONTENT_TABLES
        if name in list_table_names()
    }
    session().rollback()
    if any(held.values()):
        msg = "This site has content. Restore into an empty one."
        raise InvalidBackup(msg)


def _migrate_to(revision: str) -> None:
    """Give the empty database the shape that the backup had; it is upgraded again once it is full."""
    session().rollback()
    run_migrations()
    try:
        if get_current_revision() != revision:
            session().rollback()
            downgrade_database(revision=revision)
    except UnknownRevision as error:
        msg = "This backup was made by a newer version of commentsite. Install that one first."
        raise InvalidBackup(msg) from error
    finally:
        session().rollback()


def _fill_table(tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo], table: Table) -> int:
    session().execute(table.delete())  # what a new site makes for itself
    own = [key.parent.name for key in table.foreign_keys if key.column.table is table]
    later: list[dict[str, Any]] = []
    number = 0
    for batch in _iter_batches(_iter_rows(tar, members[f"tables/{table.name}.jsonl"], table)):
        for row in batch if own else ():
            if any(row[name] is not None for name in own):
                later.append({"id": row["id"], **{name: row[name] for name in own}})
                row.update(dict.fromkeys(own))
        session().execute(insert(table), batch)
        number += len(batch)
    for row in later:  # a row may refer to one that comes after it
        session().execute(table.update().where(table.c.id == row["id"]).values(**row))
    advance_id_sequence(table)
    return number


def _iter_rows(
    tar: tarfile.TarFile, member: tarfile.TarInfo, table: Table
) -> Iterator[dict[str, Any]]:
    lines = tar.extractfile(member)
    for line in lines or ():
        row = json.loads(line)
        yield {name: _from_json_value(value, table.c[name].type) for name, value in row.items()}


def _from_json_value(value: Any, kind: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value["base64"])
    if isinstance(kind, DateTime):
        moment = datetime.fromisoformat(value)
        aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return aware if kind.timezone else aware.replace(tzinfo=None)
    return date.fromisoformat(value) if isinstance(kind, Date) else value


def _iter_batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH_SIZE:
            yield batch
            batch = []
    if batch:
        yield batch


def _check_row_counts(counted: dict[str, int], promised: dict[str, int]) -> None:
    if counted != promised:
        msg = "This backup is torn: it holds fewer rows than it says."
        raise InvalidBackup(msg)


def _restore_keys(tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo]) -> None:
    for name in KEY_FILES:
        if member := members.get(f"keys/{name}"):
            path = runtime().settings.instance / name
            path.unlink(missing_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(_read_member(tar, member))


def _read_member(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    return file.read() if file else b""
