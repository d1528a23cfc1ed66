"""Keep the instance folder and the database file private, whatever the umask of the process is."""

import os
from contextlib import suppress
from pathlib import Path

from sqlalchemy import make_url

OWN_FILES = frozenset({".gitkeep", "secret_key", "commentsite.db", "settings.toml"})


def make_private_folder(folder: Path) -> None:
    """Create the instance folder with mode 0700, or take access to an existing one from other users.

    An existing folder that holds anything but the files of a site, such as / or /tmp, is left as it is.
    """
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        status = folder.stat()
        names = {entry.name for entry in folder.iterdir()} if status.st_mode & 0o077 else {"-"}
        is_site = names <= OWN_FILES or "secret_key" in names or "commentsite.db" in names
        if is_site and status.st_uid == os.geteuid():
            folder.chmod(0o700)


def make_private_database(url: str) -> None:
    """Create the file of a SQLite database with mode 0600, or take access to it from other users.

    SQLite gives its write-ahead log the mode of the database file.
    """
    parts = make_url(url)
    if parts.drivername != "sqlite" or parts.database in {None, "", ":memory:"}:
        return
    file = Path(str(parts.database))
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        return
    for path in (file, *(file.with_name(f"{file.name}{end}") for end in ("-wal", "-shm"))):
        with suppress(FileNotFoundError):
            status = path.stat()
            if status.st_mode & 0o077 and status.st_uid == os.geteuid():
                path.chmod(0o600)
