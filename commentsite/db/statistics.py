"""Keep the statistics of SQLite's query planner up to date."""

from commentsite.db.session import db, session

ANALYSIS_LIMIT = 400  # rows of each index that are read, as the documentation of SQLite advises


def update_statistics() -> None:
    """Let SQLite decide which tables need new statistics, and gather these in some milliseconds.

    PostgreSQL does the same by itself.
    """
    if session().get_bind().dialect.name != "sqlite":
        return
    session().rollback()
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA analysis_limit={ANALYSIS_LIMIT}")
        cursor.execute("PRAGMA optimize")
        cursor.close()
    finally:
        connection.close()
