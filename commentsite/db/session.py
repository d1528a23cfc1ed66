"""The database: its conventions, its pragmas, and the one place that commits."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as LibrarySession
from sqlalchemy import Connection, Select, event, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from commentsite.db.base import Base
from commentsite.db.engine import BEGIN_IMMEDIATE, BEGIN_STATEMENT, SQLITE_BUSY_TIMEOUT_MS

REPLICA_BIND = "replica"
WRITES_ALLOWED = "writes"
Query = TypeVar("Query", bound=Select[Any])
_sqlite_write_lock = threading.RLock()


class RoutingSession(LibrarySession):
    """A session that asks the replica while it only reads what is public, and writes only inside transaction()."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        """Return the replica inside reading(), else what the library would.

        Who only reads on PostgreSQL begins no transaction: each statement sees what was committed before
        it either way, and the driver keeps its prepared statements, which ROLLBACK drops. Behind a
        pooler it prepares none, and a transaction is what carries the limits of time.
        """
        replica = self.info.get(REPLICA_BIND)
        bind = db.engines[REPLICA_BIND] if replica else super().get_bind(*args, **kwargs)
        if (
            self.info.get(WRITES_ALLOWED)
            or not isinstance(bind, Engine)
            or bind.dialect.name == "sqlite"
        ):
            return bind
        if BEGIN_STATEMENT in bind.get_execution_options():
            return bind
        name = f"{REPLICA_BIND if replica else 'primary'}, only reading"
        known: dict[str, Engine] = current_app.extensions  # where an application keeps its own
        if name not in known:  # of the same pool, so whichever comes first is as good
            known[name] = bind.execution_options(isolation_level="AUTOCOMMIT")
        return known[name]


# Nothing expires on commit: a page is drawn after the transaction that changed it.
db = SQLAlchemy(
    model_class=Base, session_options={"expire_on_commit": False, "class_": RoutingSession}
)


@event.listens_for(RoutingSession, "before_flush")
def _forbid_writes_outside_transaction(session: Session, *_: object) -> None:
    if not session.info.get(WRITES_ALLOWED):
        msg = "nothing is written outside transaction()"
        raise RuntimeError(msg)


def session() -> Session:
    """Return the session of this request, command or job."""
    return db.session()


@contextmanager
def transaction() -> Iterator[Session]:
    """Do everything inside or nothing: commit at the end, roll back on any error.

    What was read before is read again, under the write lock on SQLite, so that nobody
    decides on what has changed in the meantime.
    """
    current = session()
    current.rollback()
    current.info.pop(REPLICA_BIND, None)
    with _serialize_sqlite_writers(current):
        try:
            current.info[WRITES_ALLOWED] = True
            current.connection(execution_options={BEGIN_IMMEDIATE: True})
            yield current
            current.commit()
        except BaseException:
            current.rollback()
            raise
        finally:
            current.info.pop(WRITES_ALLOWED, None)


@contextmanager
def _serialize_sqlite_writers(current: Session) -> Iterator[None]:
    """Let the threads of this process write to SQLite one after the other, each as soon as the one before is done.

    SQLite itself lets whoever finds it busy sleep for ever longer, and keeps no order. Who has
    waited too long asks SQLite, which knows of other processes too and says no in its own words.
    """
    if current.get_bind().dialect.name != "sqlite":
        yield
        return
    is_ours = _sqlite_write_lock.acquire(timeout=SQLITE_BUSY_TIMEOUT_MS / 1000)
    try:
        yield
    finally:
        if is_ours:
            _sqlite_write_lock.release()


def for_update(query: Query) -> Query:
    """Return a query for rows as they are now, locked until the transaction ends."""
    return query.with_for_update().execution_options(populate_existing=True)


@contextmanager
def snapshot() -> Iterator[Session]:
    """Read everything inside as it was at one moment, whatever others write meanwhile.

    SQLite gives that to any transaction; PostgreSQL has to be asked.
    """
    current = session()
    current.rollback()
    if current.get_bind().dialect.name == "postgresql":
        current.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        yield current
    finally:
        current.rollback()


def begin_external_write(*, immediate: bool = True) -> None:
    """Begin what a library reads and then writes; under SQLite's write lock from the start, unless it thinks for long."""
    current = session()
    current.rollback()
    current.info[WRITES_ALLOWED] = True
    if immediate:
        current.connection(execution_options={BEGIN_IMMEDIATE: True})


def commit_external_write() -> None:
    """Commit what a library began outside transaction(), which would roll it back first."""
    current = session()
    current.info[WRITES_ALLOWED] = True
    current.commit()
    current.info.pop(WRITES_ALLOWED)


def acquire_advisory_lock(name: str) -> None:
    """Let one transaction at a time pass, until it ends, among those that name the same thing.

    SQLite needs nothing: its writers already stand in one line.
    """
    if session().get_bind().dialect.name == "postgresql":
        session().execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})
