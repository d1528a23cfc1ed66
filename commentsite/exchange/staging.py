"""The records of a file in a temporary database, so that memory does not grow with the file.

A file names comments in any order, and a comment can answer one that stands after it. Here they are put in an order
in which each follows the one that it answers.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import UTC, datetime
from itertools import islice
from types import TracebackType
from typing import Any, Self

from commentsite.exchange.importers.records import (
    LeftOut,
    PageStatus,
    Quote,
    Record,
    SourceComment,
    SourcePage,
    SourceStatus,
    TextFormat,
)

BATCH = 500
_SCHEMA = """
CREATE TABLE comment (
    seq INTEGER PRIMARY KEY, source_id TEXT NOT NULL UNIQUE, page_id TEXT NOT NULL, parent_id TEXT,
    status TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, text TEXT NOT NULL, text_format TEXT NOT NULL,
    submitted_at REAL NOT NULL, remarks TEXT NOT NULL, level INTEGER, root_id TEXT,
    missing_parent TEXT, quotes TEXT NOT NULL, edited_at REAL, place_remark TEXT,
    language TEXT NOT NULL
);
CREATE INDEX comment_parent ON comment (parent_id);
CREATE TABLE page (seq INTEGER PRIMARY KEY, source_id TEXT NOT NULL UNIQUE, facts TEXT NOT NULL);
"""
_INSERT = """
INSERT OR IGNORE INTO comment
(source_id, page_id, parent_id, status, name, email, text, text_format, submitted_at, remarks, quotes, edited_at,
language)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
#: A comment whose parent is not in the file, or on another page. An earlier run may have imported the parent.
_DROP_MISSING_PARENTS = """
UPDATE comment SET missing_parent = parent_id, parent_id = NULL WHERE parent_id IS NOT NULL AND NOT EXISTS
(SELECT 1 FROM comment p WHERE p.source_id = comment.parent_id AND p.page_id = comment.page_id)
"""
#: A public reply to a comment that is not public answers the nearest public one above it. A loop ends at no parent.
_RAISE_REPLIES = """
UPDATE comment SET place_remark = 'raised', parent_id =
(SELECT p.parent_id FROM comment p WHERE p.source_id = comment.parent_id)
WHERE status = 'visible' AND parent_id IS NOT NULL AND EXISTS
(SELECT 1 FROM comment p WHERE p.source_id = comment.parent_id AND p.status NOT IN ('visible', 'deleted'))
"""
_SET_LEVELS = """
WITH RECURSIVE tree (source_id, level, root_id) AS (
    SELECT source_id, 0, source_id FROM comment WHERE parent_id IS NULL
    UNION ALL
    SELECT c.source_id, t.level + 1, t.root_id FROM comment c JOIN tree t ON c.parent_id = t.source_id
)
UPDATE comment SET level = tree.level, root_id = tree.root_id FROM tree WHERE comment.source_id = tree.source_id
"""
_BREAK_LOOPS = """
UPDATE comment SET place_remark = 'loop', parent_id = NULL, level = 0, root_id = source_id WHERE level IS NULL
"""
_ORDERED = """
SELECT source_id, page_id, parent_id, root_id, status, name, email, text, text_format, submitted_at, remarks,
missing_parent, quotes, edited_at, place_remark, language FROM comment WHERE page_id = ? ORDER BY level, submitted_at, seq
"""
_INDEX_ORDER = "CREATE INDEX comment_order ON comment (page_id, level, submitted_at, seq)"
#: The pages in the order of the files, then those of which the files have only comments.
_PAGE_IDS = """
SELECT source_id, facts FROM (
    SELECT 0 AS part, seq, source_id, facts FROM page
    UNION ALL
    SELECT 1, min(seq), page_id, NULL FROM comment
    WHERE page_id NOT IN (SELECT source_id FROM page) GROUP BY page_id
) ORDER BY part, seq
"""
_MAX_RAISES = 100
_PLACE_REMARKS = {
    None: (),
    "raised": ("It answered a comment that is not public here, so it stands one place higher.",),
    "loop": ("The comments that it answers answer it, so it stands for itself.",),
}


@dataclass(frozen=True, slots=True)
class StagedComment:
    """A comment that is ready to be stored, except for its ids on this site.

    `body` and `html` are empty until its text is converted, and `text` is empty afterwards.
    """

    source_id: str
    page_id: str
    parent_id: str | None
    root_id: str
    status: SourceStatus
    name: str
    email: str
    text: str
    text_format: TextFormat
    submitted_at: datetime
    remarks: tuple[str, ...]
    missing_parent: str | None  # not in the file
    quotes: tuple[Quote, ...] = ()
    edited_at: datetime | None = None
    language: str = ""  # as the file names it
    body: str = ""
    html: str = ""


class Staging:
    """The temporary database. Use it as a context manager: the end deletes it."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")  # a temporary file, which SQLite deletes
        self._database.row_factory = sqlite3.Row
        self._database.execute("PRAGMA journal_mode = OFF")  # nothing is rolled back
        # In kB. The operating system caches the file.
        self._database.execute("PRAGMA cache_size = -512")
        self._database.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    def add(self, records: Iterable[Record], leave_out: Callable[[LeftOut], None]) -> None:
        """Stage the pages and comments of a file. The callback takes each entry that is left out."""
        for record in records:
            match record:
                case SourceComment():
                    if not self._insert(record):
                        reason = "The file has another comment with this id."
                        leave_out(LeftOut(record.source_id, reason))
                case SourcePage():
                    self._insert_page(record)
                case LeftOut():
                    leave_out(record)

    def _insert_page(self, page: SourcePage) -> None:
        """Stage a page, unless one with its id is there."""
        facts = json.dumps(asdict(page), default=datetime.isoformat)
        query = "INSERT OR IGNORE INTO page (source_id, facts) VALUES (?, ?)"
        self._database.execute(query, (page.source_id, facts))

    def _insert(self, comment: SourceComment) -> bool:
        is_deleted = comment.status is SourceStatus.DELETED
        cursor = self._database.execute(
            _INSERT,
            (
                comment.source_id,
                comment.page_id,
                comment.parent_id,
                comment.status.value,
                "" if is_deleted else comment.name,
                "" if is_deleted else comment.email,
                "" if is_deleted else comment.text,
                comment.text_format.value,
                comment.submitted_at.timestamp(),
                _write_list(comment.remarks),
                _write_list([astuple(quote) for quote in comment.quotes]),
                comment.edited_at.timestamp() if comment.edited_at else None,
                "" if is_deleted else comment.language,
            ),
        )
        return cursor.rowcount > 0

    def order(self) -> None:
        """Find the place of each comment in its thread, when all files are staged."""
        self._database.execute(_DROP_MISSING_PARENTS)
        for _ in range(_MAX_RAISES):
            if not self._database.execute(_RAISE_REPLIES).rowcount:
                break
        self._database.execute(_SET_LEVELS)
        self._database.execute(_BREAK_LOOPS)
        self._database.execute(_INDEX_ORDER)

    def iter_batches(self) -> Iterator[tuple[SourcePage, list[StagedComment]]]:
        """Yield every page with its comments, those after BATCH in further batches, and a page without any once.

        Each comment comes after the one that it answers.
        """
        for source_id, facts in self._database.execute(_PAGE_IDS):
            page = _read_page(facts) if facts else SourcePage(source_id, source_id)
            rows = self._database.execute(_ORDERED, (source_id,))
            yield page, [_read_row(row) for row in islice(rows, BATCH)]
            while batch := [_read_row(row) for row in islice(rows, BATCH)]:
                yield page, batch

    def count_comments(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM comment").fetchone()[0])


def _read_page(facts: str) -> SourcePage:
    values = json.loads(facts)
    written = values["written_at"]
    return SourcePage(
        **values
        | {
            "status": PageStatus(values["status"]),
            "text_format": TextFormat(values["text_format"]),
            "written_at": datetime.fromisoformat(written) if written else None,
            "topics": tuple(values["topics"]),
        }
    )


def _write_list(values: Sequence[Any]) -> str:
    # Nearly every list is empty, and writing JSON takes as long as the rest of a row.
    return json.dumps(values) if values else ""


def _read_list(stored: str) -> list[Any]:
    return json.loads(stored) if stored else []


def _read_row(row: sqlite3.Row) -> StagedComment:
    return StagedComment(
        source_id=row["source_id"],
        page_id=row["page_id"],
        parent_id=row["parent_id"],
        root_id=row["root_id"],
        status=SourceStatus(row["status"]),
        name=row["name"],
        email=row["email"],
        text=row["text"],
        text_format=TextFormat(row["text_format"]),
        submitted_at=datetime.fromtimestamp(row["submitted_at"], UTC),
        remarks=(*_read_list(row["remarks"]), *_PLACE_REMARKS[row["place_remark"]]),
        missing_parent=row["missing_parent"],
        quotes=tuple(Quote(*values) for values in _read_list(row["quotes"])),
        edited_at=datetime.fromtimestamp(row["edited_at"], UTC) if row["edited_at"] else None,
        language=row["language"],
    )
