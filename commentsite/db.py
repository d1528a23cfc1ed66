"""The database: its conventions, its pragmas, and the one place that commits."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as LibrarySession
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    MetaData,
    Select,
    String,
    TypeDecorator,
    event,
    text,
)
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, registry

PATIENCE = 5000  # milliseconds for which SQLite waits for another writer
IMMEDIATE = "commentsite_immediate"
REPLICA = "replica"
WRITES = "writes"
BEGINS_WITH = "commentsite_begins_with"  # SQL for each transaction, which a pooler takes elsewhere
LEFT_ALONE = 5.0  # seconds for which a replica that failed is not asked
Answer = TypeVar("Answer")
Query = TypeVar("Query", bound=Select[Any])
logger = logging.getLogger("commentsite")
_replica_away = {"until": 0.0}
_writers = threading.RLock()
_commits = {"here": 0}

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC on every database; SQLite itself knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # the signature is SQLAlchemy's
        """Refuse moments without a zone before they are stored."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a moment needs a zone"
            raise ValueError(msg)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # the signature is SQLAlchemy's
        """Give moments back aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of every model."""

    registry = registry(
        type_annotation_map={str: String(200), datetime: UtcDateTime()},
        metadata=MetaData(naming_convention=NAMES),
    )


class RoutedSession(LibrarySession):
    """A session that asks the replica while it only reads what is public, and writes only inside transaction()."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        """Return the replica inside reading(), else what the library would.

        Who only reads on PostgreSQL begins no transaction: each statement sees what was committed before
        it either way, and the driver keeps its prepared statements, which ROLLBACK drops. Behind a
        pooler it prepares none, and a transaction is what carries the limits of time.
        """
        replica = self.info.get(REPLICA)
        bind = db.engines[REPLICA] if replica else super().get_bind(*args, **kwargs)
        if self.info.get(WRITES) or not isinstance(bind, Engine) or bind.dialect.name == "sqlite":
            return bind
        if BEGINS_WITH in bind.get_execution_options():
            return bind
        name = f"{REPLICA if replica else 'primary'}, only reading"
        known: dict[str, Engine] = current_app.extensions  # where an application keeps its own
        if name not in known:  # of the same pool, so whichever comes first is as good
            known[name] = bind.execution_options(isolation_level="AUTOCOMMIT")
        return known[name]


# Nothing expires on commit: a page is drawn after the transaction that changed it.
db = SQLAlchemy(
    model_class=Base, session_options={"expire_on_commit": False, "class_": RoutedSession}
)


@event.listens_for(RoutedSession, "before_flush")
def _write_inside_transactions(session: Session, *_: object) -> None:
    if not session.info.get(WRITES):
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
    current.info.pop(REPLICA, None)
    with _turn(current):
        try:
            current.info[WRITES] = True
            current.connection(execution_options={IMMEDIATE: True})
            yield current
            current.commit()
        except BaseException:
            current.rollback()
            raise
        finally:
            current.info.pop(WRITES, None)


@contextmanager
def _turn(current: Session) -> Iterator[None]:
    """Let the threads of this process write to SQLite one after the other, each as soon as the one before is done.

    SQLite itself lets whoever finds it busy sleep for ever longer, and keeps no order. Who has
    waited too long asks SQLite, which knows of other processes too and says no in its own words.
    """
    if current.get_bind().dialect.name != "sqlite":
        yield
        return
    is_ours = _writers.acquire(timeout=PATIENCE / 1000)
    try:
        yield
    finally:
        if is_ours:
            _writers.release()


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


def reading(work: Callable[[], Answer]) -> Answer:
    """Do what only reads what is public: on the replica; where there is none or it fails, as everything else.

    A replica that failed is left alone for a few seconds, so that its absence costs one reader and not all.
    """
    if REPLICA not in db.engines or time.monotonic() < _replica_away["until"]:
        return work()
    current = session()
    current.rollback()
    current.info[REPLICA] = True
    try:
        return work()
    except OperationalError as problem:
        _replica_away["until"] = time.monotonic() + LEFT_ALONE
        logger.warning("the replica does not answer: %s", type(problem.orig).__name__)
    finally:
        current.rollback()
        current.info.pop(REPLICA, None)
    return work()


def begin_library_work(*, at_once: bool = True) -> None:
    """Begin what a library reads and then writes; under SQLite's write lock from the start, unless it thinks for long."""
    current = session()
    current.rollback()
    current.info[WRITES] = True
    if at_once:
        current.connection(execution_options={IMMEDIATE: True})


def commit_library_work() -> None:
    """Commit what a library began outside transaction(), which would roll it back first."""
    current = session()
    current.info[WRITES] = True
    current.commit()
    current.info.pop(WRITES)


def serialize(name: str) -> None:
    """Let one transaction at a time pass, until it ends, among those that name the same thing.

    SQLite needs nothing: its writers already stand in one line.
    """
    if session().get_bind().dialect.name == "postgresql":
        session().execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})


def commits_here() -> int:
    """Return how often this process has written, or was about to."""
    return _commits["here"]


@event.listens_for(Engine, "commit")
def _count_commit(_connection: Connection) -> None:
    _commits["here"] += 1


@event.listens_for(Engine, "connect")
def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    if not isinstance(dbapi_connection, sqlite3.Connection):
        return
    dbapi_connection.isolation_level = None  # SQLAlchemy says BEGIN itself, below
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={PATIENCE}",
        "foreign_keys=ON",
        "secure_delete=ON",  # what is erased is overwritten, not only unlinked
    ):
        dbapi_connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    told = connection.get_execution_options()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if told.get(IMMEDIATE) else "BEGIN")
    elif told.get(BEGINS_WITH):
        connection.exec_driver_sql(told[BEGINS_WITH])
