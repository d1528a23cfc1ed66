"""Whether anything was written to a SQLite database, by whatever process, told without reading it."""

import sqlite3
import threading
import time

from commentsite import tokens
from commentsite.db import commits_here

LOOKS_AGAIN = 0.02  # seconds for which nobody asks what other processes have written
Mark = tuple[int, str]  # commits of this process, and what SQLite says of all


class Changes:
    """Whether a SQLite database was written to, asked over one connection that itself writes nothing."""

    def __init__(self, path: str) -> None:
        """Know where; the file is opened by whoever asks first, after any fork."""
        self._path, self._lock = path, threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._seen, self._looked_at = "", -1.0

    def mark(self) -> Mark:
        """Return what is another after each commit of anybody; what it cannot tell is never the same."""
        now = time.monotonic()
        if now - self._looked_at > LOOKS_AGAIN:
            with self._lock:
                self._seen, self._looked_at = self._look() or tokens.short(10), now
        return commits_here(), self._seen

    def _look(self) -> str:
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(self._path, check_same_thread=False)
            return str(self._connection.execute("PRAGMA data_version").fetchall()[0][0])
        except sqlite3.Error:
            return ""
