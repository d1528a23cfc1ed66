"""Collect what the audit log says about comments, decisions and letters, while it is read from start to end.

The last state of a comment is known only at the end of the log. Until then the states are in a temporary file, so
that the memory that a verification takes does not grow with the comments.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, Self

from commentsite.audit.verification import VerifiedEntry
from commentsite.comments.states import ADDING_ACTIONS
from commentsite.moderation.transparency.records import queries as record_queries
from commentsite.moderation.transparency.records.queries import StoredDecision

BATCH_SIZE = 500  # comments or versions
_SCHEMA = """
CREATE TABLE comment (id INTEGER PRIMARY KEY, state TEXT, words TEXT, is_erased INTEGER NOT NULL);
CREATE TABLE version (letter_id INTEGER, number INTEGER, words TEXT, PRIMARY KEY (letter_id, number));
"""
_ADD_COMMENT = """
INSERT INTO comment (id, state, words, is_erased) VALUES (?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET state = coalesce(excluded.state, state),
words = coalesce(excluded.words, words), is_erased = max(excluded.is_erased, is_erased)
"""
_ADD_VERSION = "INSERT OR REPLACE INTO version (letter_id, number, words) VALUES (?, ?, ?)"


class LoggedComment(NamedTuple):
    """The last state of a comment, the last hash of its words, and whether it was erased."""

    state: str | None
    words: str | None
    is_erased: int


@dataclass
class _Change:
    state: str | None = None
    words: str | None = None
    is_erased: int = 0


class LoggedRecords:
    """The collected entries. Use it as a context manager: the end deletes the temporary file.

    `decision_problems` are sentences about decisions that differ from their entries.
    """

    def __init__(self) -> None:
        self.submitted_comments = 0
        self.decision_problems: list[str] = []
        self._database = sqlite3.connect("")  # a temporary file, which SQLite deletes
        self._database.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add(self, entries: Sequence[VerifiedEntry]) -> None:
        """Add the next entries of the log."""
        changes: dict[int, _Change] = {}
        decided: list[VerifiedEntry] = []
        for entry in entries:
            kind, _, number = entry.object.partition(":")
            if kind == "comment" and number.isdecimal():
                self._note_comment(entry, changes.setdefault(int(number), _Change()))
            elif entry.action in {"letter.published", "letter.corrected"}:
                self._add_version(int(number), entry.details)
            if entry.action in {"comment.decided", "comment.redacted"}:
                decided.append(entry)
        self._database.executemany(
            _ADD_COMMENT,
            ((n, change.state, change.words, change.is_erased) for n, change in changes.items()),
        )
        self.decision_problems += _compare_decisions(decided)

    def _note_comment(self, entry: VerifiedEntry, change: _Change) -> None:
        details = entry.details
        change.state = details.get("state", change.state)
        change.words = details.get("content_hash", change.words)
        if entry.action in ADDING_ACTIONS:
            self.submitted_comments += 1
        elif entry.action == "comment.erased":
            change.is_erased = 1

    def _add_version(self, letter_id: int, details: Mapping[str, object]) -> None:
        if "content_hash" in details:
            row = (letter_id, details["version"], details["content_hash"])
            self._database.execute(_ADD_VERSION, row)

    def iter_comments(self) -> Iterator[tuple[int, LoggedComment]]:
        """Yield the comments with their numbers, in the order of these."""
        for number, *rest in self._database.execute("SELECT * FROM comment ORDER BY id"):
            yield number, LoggedComment(*rest)

    def iter_comment_ids(self) -> Iterator[list[int]]:
        """Yield the numbers of the comments in batches, in order."""
        ids = self._database.execute("SELECT id FROM comment ORDER BY id")
        while batch := [number for (number,) in islice(ids, BATCH_SIZE)]:
            yield batch

    def iter_versions(self) -> Iterator[dict[tuple[int, int], str]]:
        """Yield batches of the hashes of the words of versions, by letter and number."""
        rows = self._database.execute("SELECT * FROM version ORDER BY letter_id, number")
        while batch := list(islice(rows, BATCH_SIZE)):
            yield {(letter_id, number): words for letter_id, number, words in batch}


def _compare_decisions(entries: Sequence[VerifiedEntry]) -> Iterator[str]:
    logged = [entry for entry in entries if "decision" in entry.details]
    stored = record_queries.load_decisions([entry.details["decision"] for entry in logged])
    for entry in logged:
        details = entry.details
        expected = StoredDecision(entry.object, details["verdict"], details["reason"], entry.actor)
        if stored.get(details["decision"]) != expected:
            yield f"Decision {details['decision']} about {entry.object} is not the one in the audit log."
