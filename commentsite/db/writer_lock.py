"""Let the threads and processes that write to one SQLite file take turns.

SQLite has one write lock. A connection that finds it taken sleeps and tries again, for ever longer (up to 0.1 s)
and in no order, so that a busy site would make some requests wait for seconds. Here a thread first waits for the
other threads of its process, then looks every half millisecond whether another process has finished. These locks
only keep the order. SQLite's own lock protects the data, so a writer that has waited too long goes on to that,
which reports "database is locked" in its own words.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache

POLL_INTERVAL = 0.0005  # seconds


@cache
def get_writer_lock(database: str) -> "WriterLock":
    """Return the lock of a database file. Its own file stands beside the database."""
    return WriterLock(f"{database}-turns")


class WriterLock:
    """A lock for threads and processes. A thread that holds it can take it again."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._threads = threading.RLock()
        self._depth = 0

    @contextmanager
    def hold(self, timeout: float) -> Iterator[None]:
        """Hold the lock, or go on without it after `timeout` seconds."""
        until = time.monotonic() + timeout
        if not self._threads.acquire(timeout=timeout):
            yield
            return
        self._depth += 1
        try:
            with self._wait_for_processes(until) if self._depth == 1 else nullcontext():
                yield
        finally:
            self._depth -= 1
            self._threads.release()

    @contextmanager
    def _wait_for_processes(self, until: float) -> Iterator[None]:
        try:
            # Opened anew each time: a forked process would share the lock of an open file with its parent.
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:  # SQLite reports the reason when it cannot write either
            yield
            return
        try:
            while not _try_to_lock(file) and time.monotonic() < until:
                time.sleep(POLL_INTERVAL)
            yield
        finally:
            os.close(file)  # gives up the lock, as the end of the process does


def _try_to_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True
