"""Truncate SQLite's write-ahead log, which holds erased text until then, and slows every read when it is long."""

from pathlib import Path

from sqlalchemy import text

from commentsite.db.engine import SQLITE_BUSY_TIMEOUT_MS
from commentsite.db.session import session

MAX_WAL_BYTES = 16 * 1024 * 1024


def is_wal_long() -> bool:
    """Return whether the write-ahead log has outgrown MAX_WAL_BYTES.

    SQLite starts it anew only in a moment without readers, which a busy site does not have.
    """
    url = session().get_bind().engine.url
    if url.get_backend_name() != "sqlite" or not url.database:
        return False
    log = Path(f"{url.database}-wal")
    return log.exists() and log.stat().st_size > MAX_WAL_BYTES


def truncate_wal() -> bool:
    """Copy the write-ahead log into the database file and truncate it. Return False if a reader prevents it.

    PostgreSQL recycles its log by itself, so there is nothing to do.
    """
    bind = session().get_bind()
    session().rollback()
    if bind.dialect.name != "sqlite":
        return True
    current = session()
    # A checkpoint blocks all writers while it waits for readers. So it does not wait: the worker tries again.
    current.execute(text("PRAGMA busy_timeout=20"))
    is_busy = current.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]
    current.execute(text(f"PRAGMA busy_timeout={SQLITE_BUSY_TIMEOUT_MS}"))
    return not is_busy
