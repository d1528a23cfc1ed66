"""Ask a database of any schema revision whether it holds a site."""

from sqlalchemy import Connection, NullPool, create_engine, inspect, text

CONTENT_TABLES = ("letter", "comment", "staff", "audit_entry")


def has_content(connection: Connection) -> bool:
    """Return whether the database holds letters, comments, staff or entries of the audit log."""
    names = set(inspect(connection).get_table_names())
    return any(
        connection.execute(text(f"SELECT 1 FROM {name} LIMIT 1")).first()  # noqa: S608  # a name of our own
        for name in CONTENT_TABLES
        if name in names
    )


def has_content_at(database_url: str) -> bool:
    """Return the same for a database before the application exists. Raises SQLAlchemyError without an answer."""
    options = {} if database_url.startswith("sqlite") else {"connect_timeout": 3}
    engine = create_engine(
        database_url, poolclass=NullPool, hide_parameters=True, connect_args=options
    )
    with engine.connect() as connection:
        return has_content(connection)
