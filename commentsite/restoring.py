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
from sqlalchemy import Date, DateTime, LargeBinary, Table, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from commentsite.backup import BATCH, FORMAT, KEYS, names, tables
from commentsite.comments.indexing import rebuild_index
from commentsite.db import session, transaction
from commentsite.errors import SiteError
from commentsite.moderation.transparency import verify
from commentsite.shape import revision_now
from commentsite.upgrading import UnknownRevision, downgrade, upgrade
from commentsite.web.identity import runtime

CONTENT = ("letter", "comment", "staff", "audit_entry")


class BadBackup(SiteError):
    """A file that cannot be restored here, or a site that must not be overwritten."""


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Fill an empty site from a backup, and check the books."""
    try:
        counted = read_backup(file)
    except SiteError as error:
        raise click.ClickException(error.message % error.details) from None
    click.echo(f"{sum(counted.values())} rows of {len(counted)} tables are back.")
    problems = verify()
    for problem in problems:
        click.echo(problem)
    if problems:
        raise SystemExit(1)
    click.echo("The audit log and the books hold.")


def read_backup(file: Path) -> dict[str, int]:
    """Fill an empty site; return how many rows of each table.

    Raises BadBackup on a site that has content, a file that is none of ours or torn, and a key
    that does not open what is in it.
    """
    try:
        with tarfile.open(file, mode="r:gz") as tar:
            members = {member.name: member for member in tar if member.isfile()}
            manifest = json.loads(_content(tar, members["manifest.json"]))
            _check(manifest, members)
            _go_to(manifest["revision"])
            with transaction():
                counted = {
                    table.name: _fill(tar, members, table)
                    for table in tables()
                    if table.name in manifest["tables"]
                }
                _check_counts(counted, manifest["tables"])
            _put_keys_back(tar, members)
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
        raise BadBackup(msg, error=str(error) or type(error).__name__) from error
    upgrade()
    with transaction():
        rebuild_index()
    return counted


def _check(manifest: dict[str, Any], members: Iterable[str]) -> None:
    if manifest["format"] != FORMAT:
        msg = "This backup is of another format; restore it with the version that made it."
        raise BadBackup(msg)
    here = runtime()
    if "keys/secret_key" not in members and manifest["key"] != here.vault.keyed_hash("backup", ""):
        msg = "This backup needs the key of its site. Set COMMENTSITE_SECRET_KEY to it and repeat."
        raise BadBackup(msg)
    held = {
        name: session().execute(text(f"SELECT count(*) FROM {name}")).scalar()  # noqa: S608  # our own names
        for name in CONTENT
        if name in names()
    }
    session().rollback()
    if any(held.values()):
        msg = "This site has content. Restore into an empty one."
        raise BadBackup(msg)


def _go_to(revision: str) -> None:
    """Give the empty database the shape that the backup had; it is upgraded again once it is full."""
    session().rollback()
    upgrade()
    try:
        if revision_now() != revision:
            session().rollback()
            downgrade(revision=revision)
    except UnknownRevision as error:
        msg = "This backup was made by a newer version of commentsite. Install that one first."
        raise BadBackup(msg) from error
    finally:
        session().rollback()


def _fill(tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo], table: Table) -> int:
    session().execute(table.delete())  # what a new site makes for itself
    own = [key.parent.name for key in table.foreign_keys if key.column.table is table]
    later: list[dict[str, Any]] = []
    number = 0
    for batch in _batches(_rows(tar, members[f"tables/{table.name}.jsonl"], table)):
        for row in batch if own else ():
            if any(row[name] is not None for name in own):
                later.append({"id": row["id"], **{name: row[name] for name in own}})
                row.update(dict.fromkeys(own))
        session().execute(insert(table), batch)
        number += len(batch)
    for row in later:  # a row may refer to one that comes after it
        session().execute(table.update().where(table.c.id == row["id"]).values(**row))
    _continue_counting(table)
    return number


def _rows(tar: tarfile.TarFile, member: tarfile.TarInfo, table: Table) -> Iterator[dict[str, Any]]:
    lines = tar.extractfile(member)
    for line in lines or ():
        row = json.loads(line)
        yield {name: _read(value, table.c[name].type) for name, value in row.items()}


def _read(value: Any, kind: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value["base64"])
    if isinstance(kind, DateTime):
        moment = datetime.fromisoformat(value)
        aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return aware if kind.timezone else aware.replace(tzinfo=None)
    return date.fromisoformat(value) if isinstance(kind, Date) else value


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _continue_counting(table: Table) -> None:
    """Let PostgreSQL give out numbers behind those that came with the rows."""
    if session().get_bind().dialect.name != "postgresql" or "id" not in table.c:
        return
    sequence = func.pg_get_serial_sequence(table.name, "id")
    top = select(func.coalesce(func.max(table.c.id), 0) + 1).scalar_subquery()
    if session().scalars(select(sequence)).one() is not None:
        session().execute(select(func.setval(sequence, top, text("false"))))


def _check_counts(counted: dict[str, int], promised: dict[str, int]) -> None:
    if counted != promised:
        msg = "This backup is torn: it holds fewer rows than it says."
        raise BadBackup(msg)


def _put_keys_back(tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo]) -> None:
    for name in KEYS:
        if member := members.get(f"keys/{name}"):
            path = runtime().settings.instance / name
            path.unlink(missing_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(_content(tar, member))


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    return file.read() if file else b""
