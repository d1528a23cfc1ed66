"""Engine options for SQLite and PostgreSQL, and the hooks that run on each connection and transaction."""

import select
import sqlite3
from typing import Any

from sqlalchemy import Connection, event, make_url
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import Pool

#: Seconds and tries after which the operating system finds that the machine of the database is gone (`tcp(7)`).
_KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}


def build_engine_options(  # noqa: PLR0913  # each is a setting
    address: str,
    *,
    pool_size: int,
    statement_timeout: int,
    lock_timeout: int,
    has_transaction_pooler: bool,
    is_serving: bool,
) -> dict[str, Any]:
    """Return the SQLAlchemy engine options for one database address. Timeouts are in seconds.

    The timeouts apply only while serving: a page must end in time, a command such as an export may not.
    PostgreSQL compiles no queries: it would take a tenth of a second for a query that takes less than a millisecond,
    where it has no statistics yet and expects many rows.
    Behind a pooler in transaction mode each transaction may get another connection. So nothing may be
    kept on a connection: no prepared statements, and the timeouts are set at the start of each transaction.
    """
    url = make_url(address)
    if url.drivername.startswith("sqlite"):
        return {"hide_parameters": True}
    timeouts = {"lock_timeout": f"{lock_timeout}s", "statement_timeout": f"{statement_timeout}s"}
    settings = {"jit": "off"} | (timeouts if is_serving else {})
    connect_args: dict[str, Any] = {"connect_timeout": 3, **_KEEPALIVES}
    options: dict[str, Any] = {
        "hide_parameters": True,
        "pool_size": pool_size,
        "max_overflow": 2,
        "pool_timeout": lock_timeout,
        "connect_args": connect_args,
    }
    if has_transaction_pooler:
        connect_args["prepare_threshold"] = None
        begin = "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in settings.items())
        options["execution_options"] = {BEGIN_STATEMENT: begin}
    else:
        flags = [f"-c {name}={value}" for name, value in settings.items()]
        connect_args["options"] = " ".join([*url.normalized_query.get("options", ()), *flags])
    return options


SQLITE_BUSY_TIMEOUT_MS = 5000  # how long SQLite waits for the write lock of another process
# Execution options of an engine or a connection, read by the hooks below.
BEGIN_IMMEDIATE = "commentsite_begin_immediate"
BEGIN_STATEMENT = "commentsite_begin_statement"
WITHOUT_BEGIN = "commentsite_without_begin"


@event.listens_for(Engine, "connect")
def _configure_sqlite(dbapi_connection: Any, _record: object) -> None:
    if not isinstance(dbapi_connection, sqlite3.Connection):
        return
    dbapi_connection.isolation_level = (
        None  # the driver must not begin: _begin_transaction chooses how
    )
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={SQLITE_BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
        "secure_delete=ON",  # overwrite deleted rows, so that erased text leaves the file
    ):
        dbapi_connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_transaction(connection: Connection) -> None:
    options = connection.get_execution_options()
    if connection.dialect.name == "sqlite":
        if not options.get(WITHOUT_BEGIN):
            immediate = options.get(BEGIN_IMMEDIATE)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
    elif options.get(BEGIN_STATEMENT):
        connection.exec_driver_sql(options[BEGIN_STATEMENT])


@event.listens_for(Pool, "checkout")
def _replace_ended_connection(dbapi_connection: Any, *_: object) -> None:
    """Let the pool open a new connection where the server has ended this one, for example by a restart.

    `pool_pre_ping` would send a statement for that each time. The operating system knows it already.
    """
    if not isinstance(dbapi_connection, sqlite3.Connection) and _has_ended(dbapi_connection):
        raise DisconnectionError


def _has_ended(connection: Any) -> bool:
    """Return whether the server has sent something to an idle connection of psycopg, which is how it ends one."""
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    return bool(poll.poll(0))
