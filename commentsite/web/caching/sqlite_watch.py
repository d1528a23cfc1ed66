"""Detect commits to a SQLite database, by any process, without reading its tables."""

import sqlite3
import threading
import time

from commentsite import tokens
from commentsite.db.engine import count_commits

POLL_INTERVAL = 0.02  # seconds between two looks at the commits of other processes
ChangeMark = tuple[
    int, str
]  # commits of this process, and SQLite's counter for all other connections


class ChangeWatch:
    """A connection that never writes, used for `PRAGMA data_version`.

    SQLite changes that number whenever another connection has committed. Commits of this process are counted
    in memory and seen at once. Commits of other processes are seen within `POLL_INTERVAL`.
    """

    def __init__(self, path: str) -> None:
        """Open the file with the first question, which comes after the server has forked."""
        self._path, self._lock = path, threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._data_version, self._polled_at = "", -1.0

    def mark(self) -> ChangeMark:
        """Return a value that differs after each commit. While SQLite cannot tell, it differs at every poll."""
        now = time.monotonic()
        if now - self._polled_at > POLL_INTERVAL:
            with self._lock:
                self._data_version, self._polled_at = self._poll() or tokens.new_short_id(10), now
        return count_commits(), self._data_version

    def _poll(self) -> str:
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(self._path, check_same_thread=False)
            return str(self._connection.execute("PRAGMA data_version").fetchall()[0][0])
        except sqlite3.Error:
            return ""
