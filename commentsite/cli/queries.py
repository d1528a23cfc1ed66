"""TODO docstring of commentsite.cli.queries."""

from sqlalchemy import MetaData, Table, func, select, text

from commentsite.db.session import db, session

BATCH_SIZE = 1_000


def reflect_tables() -> list[Table]:
    """Return the tables as they are, those that others refer to first; the search makes its own again."""
    metadata = MetaData()
    ours = (n for n in list_table_names() if n != "alembic_version" and not n.startswith("search_"))
    metadata.reflect(session().connection(), only=list(ours))
    return metadata.sorted_tables


def list_table_names() -> list[str]:
    """Return every table there is."""
    known = db.inspect(session().connection()).get_table_names()
    return [str(name) for name in known]


def advance_id_sequence(table: Table) -> None:
    """Let PostgreSQL give out numbers behind those that came with the rows."""
    if session().get_bind().dialect.name != "postgresql" or "id" not in table.c:
        return
    sequence = func.pg_get_serial_sequence(table.name, "id")
    top = select(func.coalesce(func.max(table.c.id), 0) + 1).scalar_subquery()
    if session().scalars(select(sequence)).one() is not None:
        session().execute(select(func.setval(sequence, top, text("false"))))
