"""Notice a full disk of a SQLite database before a reader loses a comment to it."""

import os
from pathlib import Path

from commentsite.db.session import session

MIN_WRITABLE_BYTES = 1024 * 1024  # a comment with its log entry and email needs less
DISK_FULL = "the disk of the database is full"


def find_space_problem() -> str:
    """Return a sentence if the disk of a SQLite database has no room for a comment, or an empty string.

    It reads the free space, which costs one system call and writes nothing. PostgreSQL watches its own disk.
    """
    bind = session().get_bind()
    path = bind.engine.url.database
    if bind.dialect.name != "sqlite" or path is None:
        return ""
    disk = os.statvfs(Path(path).parent)
    return DISK_FULL if disk.f_bavail * disk.f_frsize < MIN_WRITABLE_BYTES else ""
