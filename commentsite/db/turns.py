"""Let other processes write between the transactions of a long task."""

import time

from commentsite.db.session import session

PAUSE = 0.02  # seconds


def give_way() -> None:
    """Wait a moment without a transaction.

    A process that waits for SQLite's write lock asks for it at intervals of up to a tenth of a second. A task that
    takes the lock again at once would keep it from all others. PostgreSQL has no such lock.
    """
    session().rollback()
    if session().get_bind().dialect.name == "sqlite":
        time.sleep(PAUSE)
