"""Compare the schema revision of the database with the migrations of this program."""

from functools import cache
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from commentsite.db.session import db, session

NO_ANSWER = "the database does not answer"


def find_schema_problem() -> str:
    """Return a sentence about the problem, or an empty string if the schema is current."""
    try:
        revision = get_current_revision()
    except SQLAlchemyError:
        return NO_ANSWER
    finally:
        session().rollback()
    if revision == list_known_revisions()[-1]:
        return ""
    if revision is None or revision in list_known_revisions():
        return "the database must be upgraded: commentsite db upgrade"
    return "the database is newer than this program"


def get_current_revision() -> str | None:
    """Return Alembic's revision of the database, or None for an empty database.

    A complete upgrade leaves one revision. If an interrupted one left several, they are returned joined,
    which equals no known revision.
    """
    connection = session().connection()
    if not db.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
    return ", ".join(sorted(found)) or None


@cache
def list_known_revisions() -> tuple[str, ...]:
    """Return every revision there is, the newest last: each migration's file begins with its number."""
    return tuple(
        sorted(
            p.name[:4]
            for p in (Path(__file__).parents[1] / "migrations" / "versions").glob("[0-9]*.py")
        )
    )
