"""Run the commands in an application, and turn foreseeable errors into one sentence and an exit code.

Exit code 1 means that the command was understood and refused, or that it found problems. Exit code 2 means that
the machine does not allow it: a missing folder, a full disk, an unreadable file, a database that is down.
"""

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from commentsite.db import schema_version
from commentsite.db.session import transaction
from commentsite.errors import ConfigurationError, SiteError
from commentsite.site.secret_key import require_matching_key
from commentsite.web.context import runtime

OS_ERROR_SENTENCES = {
    errno.ENOSPC: "The disk is full. Free some space and try again",
    errno.EDQUOT: "The disk quota is used up. Free some space and try again",
    errno.EFBIG: "The file is larger than this file system or a limit of this process allows",
    errno.ENOENT: "This file or folder does not exist",
    errno.ENOTDIR: "A part of this path is a file and not a folder",
    errno.EISDIR: "This is a folder and not a file",
    errno.EACCES: "The user who runs this command is not allowed to use this file or folder",
    errno.EPERM: "The user who runs this command is not allowed to do this",
    errno.EROFS: "This file system cannot be written to",
    errno.EEXIST: "A file of this name is in the way",
    errno.ELOOP: "This path has too many symbolic links",
    errno.ENAMETOOLONG: "This name is too long for the file system",
    errno.EMFILE: "This process may not open more files. Raise its limit",
}

_LOCKED = "Another process holds the database. Try again, or stop that process."
_READ_ONLY = "The user who runs this command cannot write to the database file."
_DAMAGED = "The database file is damaged or is not a database. Restore it from a backup."
SQLITE_ERROR_SENTENCES = {
    sqlite3.SQLITE_FULL: "The disk of the database is full. Free some space and try again.",
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: (
        "The database file cannot be opened. Check that its folder exists "
        "and that the user who runs this command can write to it."
    ),
    sqlite3.SQLITE_IOERR: (
        "The disk of the database reports an error. Check the disk and its free space."
    ),
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}
UPGRADE_NEEDED = "The database must be upgraded: commentsite db upgrade."


class MachineError(click.ClickException):
    """A problem of the machine and not of the command."""

    exit_code = 2


def run_in_site(callback: Callable[..., Any], *, needs_database: bool) -> Callable[..., Any]:
    """Wrap the callback of a command so that it runs in an application.

    `needs_database` refuses a database that is not upgraded, or that belongs to another secret key.
    """

    @with_appcontext
    def run(*args: Any, **kwargs: Any) -> Any:
        if needs_database:
            _check_database()
        return callback(*args, **kwargs)

    @wraps(callback)
    def command(*args: Any, **kwargs: Any) -> Any:
        with errors_as_messages():
            return run(*args, **kwargs)

    return command


def _check_database() -> None:
    if problem := schema_version.find_schema_problem():
        msg = f"{problem[0].upper()}{problem[1:]}."
        raise (MachineError if problem == schema_version.NO_ANSWER else click.ClickException)(msg)
    with transaction():
        require_matching_key(runtime().encryption)


@contextmanager
def errors_as_messages() -> Iterator[None]:
    """Turn errors that an operator can resolve into a sentence. Faults of the program stay as they are."""
    try:
        yield
    except SiteError as error:
        raise click.ClickException(error.message % error.details) from None
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None
    except DBAPIError as error:
        if sentence := describe_database_error(error):
            raise MachineError(sentence) from None
        raise
    except PoolTimeoutError:
        raise MachineError(describe_connection_loss("TimeoutError")) from None
    except BrokenPipeError:
        raise  # click ends a program quietly when its output is no longer read
    except OSError as error:
        raise MachineError(describe_os_error(error)) from None


def is_machine_error(error: Exception) -> bool:
    """Return whether the machine caused the error, and not the content of a file that is read."""
    if isinstance(error, DBAPIError):
        return describe_database_error(error) is not None
    return isinstance(error, OSError) and error.errno is not None


def describe_os_error(error: OSError) -> str:
    """Return a sentence that names the file, if the error does."""
    name = f": {os.fsdecode(error.filename)}" if error.filename is not None else ""
    reason = OS_ERROR_SENTENCES.get(error.errno or 0, error.strerror or type(error).__name__)
    return f"{reason}{name}."


def describe_database_error(error: DBAPIError) -> str | None:
    """Return a sentence with the remedy, or None if the error is a fault of the program."""
    cause = error.orig
    name = type(cause).__name__
    if name in {"UndefinedTable", "UndefinedColumn"} or str(cause).startswith("no such "):
        return UPGRADE_NEEDED
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None) or 0
        return SQLITE_ERROR_SENTENCES.get(code & 0xFF)  # the lower byte is the kind of error
    return describe_connection_loss(name) if isinstance(error, OperationalError) else None


def describe_connection_loss(kind: str) -> str:
    return f"The database does not answer ({kind}). Start it, or check COMMENTSITE_DATABASE_URL."
