"""Truncate SQLite's write-ahead log, which holds erased text until then."""

from sqlalchemy import text

from commentsite.db.engine import SQLITE_BUSY_TIMEOUT_MS
from commentsite.db.session import session


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
