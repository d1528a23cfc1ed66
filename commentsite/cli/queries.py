"""Queries of backup and restore, which read and write any table by reflection."""

from collections.abc import Iterator

from sqlalchemy import MetaData, RowMapping, Table, func, select, text

from commentsite.db.session import db, session

BATCH_SIZE = 1_000  # rows


def list_table_names() -> list[str]:
    names = db.inspect(session().connection()).get_table_names()
    return [str(name) for name in names]


def reflect_tables() -> list[Table]:
    """Return the tables that a backup holds. A table comes after the tables that it refers to.

    The tables of the search index are left out: restoring builds the index again.
    """
    metadata = MetaData()
    names = [
        name
        for name in list_table_names()
        if name != "alembic_version" and not name.startswith("search_")
    ]
    metadata.reflect(session().connection(), only=names)
    return metadata.sorted_tables


def iter_rows(table: Table) -> Iterator[RowMapping]:
    """Yield all rows in the order of the primary key, loading them in batches."""
    result = session().execute(
        select(table).order_by(*table.primary_key), execution_options={"yield_per": BATCH_SIZE}
    )
    yield from result.mappings()


def count_rows(table: Table) -> int:
    return session().execute(select(func.count()).select_from(table)).scalar_one()


def advance_id_sequence(table: Table) -> None:
    """Let PostgreSQL number new rows after the inserted ones, whose ids came with the backup."""
    if session().get_bind().dialect.name != "postgresql" or "id" not in table.c:
        return
    sequence = func.pg_get_serial_sequence(table.name, "id")
    next_id = select(func.coalesce(func.max(table.c.id), 0) + 1).scalar_subquery()
    if session().scalars(select(sequence)).one() is not None:
        session().execute(select(func.setval(sequence, next_id, text("false"))))
