"""Let the threads and processes that write to one SQLite file take turns.

SQLite has one write lock. A connection that finds it taken sleeps for growing intervals (up to 0.1 s) and tries
again, in no order. On a busy site some requests would wait for seconds. Here a thread first waits for the other
threads of its process, and then tries every half millisecond to lock a file that the processes share. Background
work starts only when no writer waits. These locks only keep the order. SQLite's own lock protects the data, so a
writer that has waited too long asks SQLite, which raises "database is locked".
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache

POLL_INTERVAL = 0.0005  # seconds
QUIET_TIME = 0.02  # seconds without other writers, before background work starts
MAX_GIVING_WAY = 0.3  # seconds, so that a busy site does not stop its worker


@cache
def get_writer_lock(database: str) -> "WriterLock":
    """Return the lock of a database file. Its own files stand beside the database."""
    return WriterLock(database)


class WriterLock:
    """A lock for threads and processes. A thread that holds it can take it again."""

    def __init__(self, database: str) -> None:
        # Waiting processes share the lock of the second file, so that background work can see them.
        self._turns, self._waiting = f"{database}-turns", f"{database}-waiting"
        self._threads = threading.RLock()
        self._depth = 0
        self._quiet_from = 0.0

    @contextmanager
    def hold(self, timeout: float, *, gives_way: bool = False) -> Iterator[None]:
        """Hold the lock, or go on without it after `timeout` seconds."""
        until = time.monotonic() + timeout
        if not self._threads.acquire(timeout=timeout):
            yield
            return
        self._depth += 1
        try:
            with self._hold_file(until, gives_way=gives_way) if self._depth == 1 else nullcontext():
                yield
        finally:
            self._depth -= 1
            self._threads.release()

    @contextmanager
    def _hold_file(self, until: float, *, gives_way: bool) -> Iterator[None]:
        if gives_way:
            self._give_way()
        with _open_file(self._turns) as turns:
            if not _try_to_lock(turns, fcntl.LOCK_EX):
                self._wait(turns, until)
            yield

    def _give_way(self) -> None:
        """Wait until no other process writes or waits, and until none has done so for a moment."""
        now = time.monotonic()
        until = now + MAX_GIVING_WAY
        while now < until:
            with _open_file(self._waiting) as waiting, _open_file(self._turns) as turns:
                is_quiet = _try_to_lock(waiting, fcntl.LOCK_EX) and _try_to_lock(
                    turns, fcntl.LOCK_SH
                )
            if not is_quiet:
                self._quiet_from = now + QUIET_TIME
            if now >= self._quiet_from:
                return
            time.sleep(QUIET_TIME / 4)
            now = time.monotonic()

    def _wait(self, turns: int, until: float) -> None:
        with _open_file(self._waiting) as waiting:
            _try_to_lock(waiting, fcntl.LOCK_SH)
            while not _try_to_lock(turns, fcntl.LOCK_EX) and time.monotonic() < until:
                time.sleep(POLL_INTERVAL)


@contextmanager
def _open_file(path: str) -> Iterator[int]:
    """Open a file to lock it, or yield -1 if that is not possible. Closing it gives up the lock.

    It is opened each time: a forked process would share the lock of an open file with its parent.
    """
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:  # SQLite reports the reason when it cannot write either
        yield -1
        return
    try:
        yield file
    finally:
        os.close(file)


def _try_to_lock(file: int, kind: int) -> bool:
    if file < 0:
        return True
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True
