"""The file beside SQLite's database, in which words stand after they were erased, until it is emptied."""

from sqlalchemy import text

from commentsite.db.engine import SQLITE_BUSY_TIMEOUT_MS
from commentsite.db.session import session


def truncate_wal() -> bool:
    """Write SQLite's journal into the database and cut it, with all the words it held; say whether that could be done.

    PostgreSQL keeps its own house.
    """
    bind = session().get_bind()
    session().rollback()
    if bind.dialect.name != "sqlite":
        return True
    current = session()
    # It keeps all writers waiting while it waits for readers, so it waits for none; it comes back.
    current.execute(text("PRAGMA busy_timeout=20"))
    is_busy = current.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]
    current.execute(text(f"PRAGMA busy_timeout={SQLITE_BUSY_TIMEOUT_MS}"))
    return not is_busy
