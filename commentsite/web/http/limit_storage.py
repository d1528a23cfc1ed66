"""The counters of the rate limits in a file that all processes of a machine share, for sites without Redis.

The file is a SQLite database of its own. It is written without waiting for the disk (`synchronous=OFF`), because
counters that a power failure takes away are no loss. It holds keyed hashes of the counters' names and the times of
the hits, and nothing else. It is not part of a backup.

A file that cannot be read is replaced by a new one, as is a file that was deleted. A process notices by the inode
that another process replaced the file.
"""

import fcntl
import hmac
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from limits import RateLimitItem
from limits.storage import MovingWindowSupport, Storage

FILE_NAME = "rate_limits.db"
SCHEME = "shared-file"
BUSY_TIMEOUT = 1.0  # seconds to wait for another process; after that each process counts alone
PURGE_INTERVAL = 60.0  # seconds between two deletions of expired hits
PURGE_SIZE = 5_000  # hits deleted at a time
SCHEMA = """
CREATE TABLE IF NOT EXISTS hit (counter BLOB NOT NULL, at REAL NOT NULL, expires_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS ix_hit_counter_at ON hit (counter, at);
CREATE INDEX IF NOT EXISTS ix_hit_expires_at ON hit (expires_at);
"""
FIND_OLD_HIT = "SELECT 1 FROM hit WHERE counter = ? AND at >= ? ORDER BY at DESC LIMIT 1 OFFSET ?"
PURGE = "DELETE FROM hit WHERE rowid IN (SELECT rowid FROM hit WHERE expires_at < ? LIMIT ?)"
#: Errors of a file that is damaged, has other tables, or was cut off. A new file has none of them.
DAMAGE_CODES = frozenset(
    {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_IOERR}
)
Hit = tuple[RateLimitItem, tuple[str, ...]]  # a limit, and what tells its counter from others
Result = TypeVar("Result")
logger = logging.getLogger("commentsite")


def build_storage_uri(path: Path, secret: str) -> str:
    """Return the URI of the storage in this file. `secret` is the key of the hashes.

    Options would not do. The one limiter of this program hands them on to the storage of its next application.
    """
    return f"{SCHEME}:?{urlencode({'path': str(path), 'secret': secret})}"


class SharedFileStorage(Storage, MovingWindowSupport):
    """A storage for the moving windows of the library `limits`.

    A process opens the file when it first counts, which comes after the server has forked. Its threads take
    turns on one connection.
    """

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  # as the library declares it

    def __init__(self, uri: str, **options: Any) -> None:
        """Use the file and the key that `build_storage_uri` has put into the URI."""
        super().__init__(uri, **options)
        given = dict(parse_qsl(urlsplit(uri).query))
        self._path, self._secret = Path(given["path"]), given["secret"].encode()
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._inode, self._purge_at = 0, 0.0

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        return sqlite3.Error, OSError

    def hit_all(self, hits: list[Hit]) -> None:
        """Count one hit for each of the limits that has room, all in one transaction."""

        def write(connection: sqlite3.Connection) -> None:
            for item, identifiers in hits:
                counter = self._hash(item.key_for(*identifiers))
                self._acquire(connection, counter, item.amount, item.get_expiry(), 1)

        self._execute(write)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count `amount` hits unless that would exceed `limit` hits in `expiry` seconds."""
        counter = self._hash(key)
        return self._execute(lambda c: self._acquire(c, counter, limit, expiry, amount))

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return the time of the oldest hit of the last `expiry` seconds, and the number of hits."""
        del limit
        now = time.time()
        asked = (self._hash(key), now - expiry)
        statement = "SELECT min(at), count(*) FROM hit WHERE counter = ? AND at >= ?"
        oldest, count = self._execute(lambda c: c.execute(statement, asked).fetchone(), "BEGIN")
        return (now if oldest is None else oldest), count

    def clear(self, key: str) -> None:
        counter = (self._hash(key),)
        self._execute(lambda c: c.execute("DELETE FROM hit WHERE counter = ?", counter))

    def reset(self) -> int:
        return self._execute(lambda c: c.execute("DELETE FROM hit").rowcount)

    def check(self) -> bool:
        """Return whether the file can be written."""
        try:
            self._execute(lambda _: None)
        except (sqlite3.Error, OSError):
            return False
        return True

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Refuse a fixed window, as do the next two methods. The site has moving windows only."""
        raise NotImplementedError

    def get(self, key: str) -> int:
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        raise NotImplementedError

    def _hash(self, key: str) -> bytes:
        return hmac.digest(self._secret, key.encode(), "sha256")[:16]

    def _acquire(
        self, connection: sqlite3.Connection, counter: bytes, limit: int, expiry: int, amount: int
    ) -> bool:
        now = time.time()
        if now >= self._purge_at:
            deleted = connection.execute(PURGE, (now, PURGE_SIZE)).rowcount
            self._purge_at = now if deleted == PURGE_SIZE else now + PURGE_INTERVAL
        asked = (counter, now - expiry, limit - amount)
        if amount > limit or connection.execute(FIND_OLD_HIT, asked).fetchone():
            return False
        hits = [(counter, now, now + expiry)] * amount
        connection.executemany("INSERT INTO hit VALUES (?, ?, ?)", hits)
        return True

    def _execute(
        self, work: Callable[[sqlite3.Connection], Result], begin: str = "BEGIN IMMEDIATE"
    ) -> Result:
        """Run `work` in one transaction. If the file is damaged, replace it and run `work` again."""
        with self._lock:
            try:
                return self._attempt(work, begin)
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF not in DAMAGE_CODES:
                    raise
                logger.warning("%s is damaged (%s) and is made anew.", FILE_NAME, error)
                self._remove()
                return self._attempt(work, begin)

    def _attempt(self, work: Callable[[sqlite3.Connection], Result], begin: str) -> Result:
        connection = self._open()
        connection.execute(begin)
        try:
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
        return result

    def _open(self) -> sqlite3.Connection:
        """Return the connection to the present file. Make the file if there is none."""
        inode = self._find_inode()
        if self._connection is not None and inode == self._inode:
            return self._connection
        if self._connection is not None:
            logger.warning("%s was removed. The rate limits begin anew.", FILE_NAME)
        self._close()
        with self._folder_lock():
            if not self._find_inode():
                self._remove_files()  # the log of an earlier file does not belong to the new one
                os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            self._inode = self._find_inode()
            self._connection = sqlite3.connect(
                self._path, isolation_level=None, timeout=BUSY_TIMEOUT, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=OFF")
            self._connection.execute("PRAGMA secure_delete=ON")  # overwrite what is deleted
            self._connection.executescript(SCHEMA)
        return self._connection

    def _remove(self) -> None:
        """Remove the damaged file, unless another process has already replaced it."""
        inode = self._inode
        self._close()
        with self._folder_lock():
            if self._find_inode() == inode:
                self._remove_files()

    def _remove_files(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(f"{FILE_NAME}{suffix}").unlink(missing_ok=True)

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None

    def _find_inode(self) -> int:
        try:
            return self._path.stat().st_ino
        except FileNotFoundError:
            return 0

    @contextmanager
    def _folder_lock(self) -> Iterator[None]:
        """Let one process at a time make or remove the file."""
        descriptor = os.open(self._path.parent, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
