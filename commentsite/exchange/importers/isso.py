"""Read the database of Isso, as its file or as the SQL that `sqlite3 comments.db .dump` writes.

Isso escapes names and addresses before it stores them, and leaves titles and texts as they were typed.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path

from commentsite.errors import Invalid
from commentsite.exchange.importers.records import (
    ReadOptions,
    Record,
    SourceComment,
    SourcePage,
    SourceStatus,
    TextFormat,
    parse_timestamp,
)

_STATUSES = {1: SourceStatus.VISIBLE, 2: SourceStatus.PENDING, 4: SourceStatus.DELETED}
_MAX_STATEMENT = 10_000_000  # characters
_TRIGGER = re.compile(r"\s*CREATE\s+TRIGGER\b", re.IGNORECASE)
#: What the SQL of a dump may do: create its tables and fill them. It is not trusted.
_ALLOWED = frozenset(
    {
        sqlite3.SQLITE_CREATE_TABLE,
        sqlite3.SQLITE_CREATE_INDEX,
        sqlite3.SQLITE_REINDEX,
        sqlite3.SQLITE_INSERT,
        sqlite3.SQLITE_UPDATE,  # of the schema, by CREATE
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_TRANSACTION,
    }
)
_FUNCTIONS = frozenset({"replace", "char"})
_COMMENTS = """
SELECT c.id, c.tid, c.parent, c.created, c.modified, c.mode, c.text, c.author, c.email
FROM comments c JOIN threads t ON t.id = c.tid ORDER BY c.id
"""


def read_isso(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield the threads as pages, then the comments."""
    del options
    try:
        with closing(_open(path)) as database:
            for number, address, title in database.execute("SELECT id, uri, title FROM threads"):
                yield SourcePage(str(number), title or address, address)
            database.row_factory = sqlite3.Row
            for row in database.execute(_COMMENTS):
                yield _read_comment(row)
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        msg = "The file is neither a database of Isso nor its dump."
        raise Invalid(msg) from None


def _read_comment(row: sqlite3.Row) -> SourceComment:
    status = _STATUSES.get(row["mode"])
    if status is None:
        msg = "Comment %(id)s has the unknown mode %(mode)s."
        raise Invalid(msg, id=row["id"], mode=row["mode"])
    is_deleted = status is SourceStatus.DELETED  # its author may have left the address
    return SourceComment(
        source_id=str(row["id"]),
        page_id=str(row["tid"]),
        parent_id=str(row["parent"]) if row["parent"] else None,
        status=status,
        name="" if is_deleted else unescape(row["author"] or ""),
        email="" if is_deleted else unescape(row["email"] or ""),
        text=row["text"],
        text_format=TextFormat.MARKDOWN,
        submitted_at=parse_timestamp(row["created"]),
        edited_at=parse_timestamp(row["modified"]) if row["modified"] else None,
    )


def _open(path: Path) -> sqlite3.Connection:
    with path.open("rb") as file:
        is_database = file.read(16) == b"SQLite format 3\0"
    if is_database:
        return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    database = sqlite3.connect("")  # a temporary file, which SQLite deletes
    database.set_authorizer(_authorize)
    try:
        _run_dump(path, database)
    except BaseException:
        database.close()
        raise
    return database


def _run_dump(path: Path, database: sqlite3.Connection) -> None:
    statement = ""
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            statement += line
            if len(statement) > _MAX_STATEMENT:
                msg = "The file is neither a database of Isso nor its dump."
                raise Invalid(msg)
            if sqlite3.complete_statement(statement):
                if not _TRIGGER.match(statement):
                    database.execute(statement)
                statement = ""


def _authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    if action in _ALLOWED:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and second in _FUNCTIONS:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and first == "foreign_keys":
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY
