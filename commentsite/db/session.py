"""The database session, and the two functions that commit: `transaction()` and `core_transaction()`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as LibrarySession
from sqlalchemy import Connection, Row, Select, event, inspect, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from commentsite.db.base import Base
from commentsite.db.engine import (
    BEGIN_IMMEDIATE,
    BEGIN_STATEMENT,
    SQLITE_BUSY_TIMEOUT_MS,
    WITHOUT_BEGIN,
)
from commentsite.db.writer_lock import get_writer_lock

REPLICA_BIND = "replica"
WRITES_ALLOWED = "writes"
HOLDS_WRITE_LOCK = "locked"
Query = TypeVar("Query", bound=Select[Any])


class RoutingSession(LibrarySession):
    """A session that chooses the engine for each statement, and flushes only inside `transaction()`.

    Reads inside `db.replica.on_replica` go to the replica. Other reads on PostgreSQL use an engine in
    AUTOCOMMIT mode. Under READ COMMITTED this changes no result, because each statement sees what was
    committed before it in either mode. It saves BEGIN and ROLLBACK, and psycopg keeps its prepared
    statements, which a ROLLBACK would drop. Behind a pooler in transaction mode reads stay inside a
    transaction: the timeouts are set at its start (see `db.engine`), and nothing is prepared there.
    """

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        uses_replica = self.info.get(REPLICA_BIND)
        bind = db.engines[REPLICA_BIND] if uses_replica else super().get_bind(*args, **kwargs)
        if (
            self.info.get(WRITES_ALLOWED)
            or not isinstance(bind, Engine)
            or bind.dialect.name == "sqlite"
        ):
            return bind
        return _get_reading_engine(bind, REPLICA_BIND if uses_replica else "primary")


def _get_reading_engine(engine: Engine, name: str) -> Engine:
    """Return an engine on the same pool whose connections read without a transaction.

    Behind a pooler in transaction mode (`BEGIN_STATEMENT`), return the engine itself: its timeouts need a transaction.
    """
    if BEGIN_STATEMENT in engine.get_execution_options():
        return engine
    key = f"commentsite.read_only.{name}"
    engines: dict[str, Engine] = current_app.extensions
    if key not in engines:
        # If two threads make it at once, either serves.
        is_sqlite = engine.dialect.name == "sqlite"
        options = {WITHOUT_BEGIN: True} if is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        engines[key] = engine.execution_options(**options)
    return engines[key]


# A page is rendered after the transaction that changed its rows, so a commit must not expire them.
db = SQLAlchemy(
    model_class=Base, session_options={"expire_on_commit": False, "class_": RoutingSession}
)


@event.listens_for(RoutingSession, "before_flush")
def _forbid_writes_outside_transaction(session: Session, *_: object) -> None:
    if not session.info.get(WRITES_ALLOWED):
        msg = "a write needs transaction()"
        raise RuntimeError(msg)


def session() -> Session:
    """Return the session of the current request, command or task."""
    return db.session()


@contextmanager
def transaction(*, gives_way: bool = False) -> Iterator[Session]:
    """Commit everything that happens inside, or roll back everything if an exception leaves the block.

    The transaction starts with a rollback, so that rows read before are read again. On SQLite it holds
    the write lock from its first statement (BEGIN IMMEDIATE). A decision is therefore never based on
    rows that another request changed in the meantime.

    Pass `gives_way` for background work: it starts when no other transaction waits to write to SQLite.
    """
    current = session()
    current.rollback()
    current.info.pop(REPLICA_BIND, None)
    with _serialize_sqlite_writers(current.get_bind().engine, gives_way=gives_way):
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
def core_transaction() -> Iterator[Connection]:
    """Open a transaction of SQLAlchemy Core, without the session. It commits, or rolls back on an error.

    It is for statements that need no objects: the session takes as long as a few insertions. Objects that the session
    has loaded are read anew when they are next used.
    """
    if db.session.registry.has():
        db.session.rollback()
    with (
        _serialize_sqlite_writers(db.engine, gives_way=False),
        db.engine.connect().execution_options(**{BEGIN_IMMEDIATE: True}) as connection,
        connection.begin(),
    ):
        yield connection


def read_first(query: Select[Any], parameters: Mapping[str, Any]) -> Row[Any] | None:
    """Return the first row of a query of columns, or None. It uses neither the session nor a transaction nor a replica."""
    with _get_reading_engine(db.engine, "primary").connect() as connection:
        return connection.execute(query, parameters).first()


@contextmanager
def _serialize_sqlite_writers(engine: Engine, *, gives_way: bool) -> Iterator[None]:
    """Let writers to SQLite take turns (see `writer_lock`)."""
    url = engine.url
    if url.get_backend_name() != "sqlite" or not url.database:
        yield
        return
    with get_writer_lock(url.database).hold(SQLITE_BUSY_TIMEOUT_MS / 1000, gives_way=gives_way):
        yield


def is_postgresql() -> bool:
    """Return whether the database is PostgreSQL, and not SQLite."""
    return session().get_bind().dialect.name == "postgresql"


def for_update(query: Query) -> Query:
    """Return the query with its rows locked until the transaction ends, and read again from the database."""
    return query.with_for_update().execution_options(populate_existing=True)


@contextmanager
def snapshot() -> Iterator[Session]:
    """Read everything inside as of one moment, whatever other requests write meanwhile.

    Any transaction on SQLite is a snapshot. PostgreSQL needs REPEATABLE READ for it.
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
    """Allow writes by a library (Flask-Security) that commits by itself, outside `transaction()`.

    `immediate` takes SQLite's write lock at once. Leave it out where the library computes for long,
    such as a password hash, before it writes.
    """
    current = session()
    current.rollback()
    current.info.pop(HOLDS_WRITE_LOCK, None)
    current.info[WRITES_ALLOWED] = True
    if immediate:
        current.info[HOLDS_WRITE_LOCK] = True
        current.connection(execution_options={BEGIN_IMMEDIATE: True})


def lock_external_write(row: Base) -> bool:
    """Take the write lock for a library that changed a row which it had read without the lock.

    Only columns may have changed. The row is read again under the lock, and then gets its changes. Returns False
    if another transaction changed it in between: the library decided on old values.
    """
    current = session()
    if current.info.get(HOLDS_WRITE_LOCK) or not inspect(row).persistent:
        return True
    columns = inspect(row).mapper.column_attrs.keys()
    history = {name: inspect(row).attrs[name].history for name in columns}
    read = {name: old[0] for name, h in history.items() if (old := h.deleted or h.unchanged)}
    changes = {name: h.added[0] for name, h in history.items() if h.added}
    current.rollback()
    current.info[HOLDS_WRITE_LOCK] = current.info[WRITES_ALLOWED] = True
    current.connection(execution_options={BEGIN_IMMEDIATE: True})
    current.refresh(row, with_for_update={"of": type(row)})
    if any(getattr(row, name) != value for name, value in read.items()):
        return False
    for name, value in changes.items():
        setattr(row, name, value)
    return True


def commit_external_write() -> None:
    """Commit what a library wrote after `begin_external_write`. `transaction()` would roll it back."""
    current = session()
    current.info[WRITES_ALLOWED] = True
    current.commit()
    current.info.pop(WRITES_ALLOWED)
    current.info.pop(HOLDS_WRITE_LOCK, None)


def acquire_advisory_locks(names: Sequence[str]) -> None:
    """Acquire several locks as `acquire_advisory_lock` does, in this order and by one statement."""
    if names and session().get_bind().dialect.name == "postgresql":
        statement = "SELECT pg_advisory_xact_lock(hashtext(name)) FROM unnest(CAST(:names AS text[])) AS name"
        session().execute(text(statement), {"names": list(names)})


def acquire_advisory_lock(name: str) -> None:
    """Wait until no other transaction holds the lock of this name, and hold it until the end of this one.

    SQLite needs no such lock, because its transactions that write already run one after another.
    """
    if session().get_bind().dialect.name == "postgresql":
        session().execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})
