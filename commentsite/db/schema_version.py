"""Whether the database answers, and has the shape the code expects."""

from functools import cache
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from commentsite.db.session import db, session


def find_schema_problem() -> str:
    """Return a sentence, or nothing where all is well."""
    try:
        revision = get_current_revision()
    except SQLAlchemyError:
        return "the database does not answer"
    finally:
        session().rollback()
    if revision == list_known_revisions()[-1]:
        return ""
    if revision is None or revision in list_known_revisions():
        return "the database must be upgraded: commentsite db upgrade"
    return "the database is newer than this program"


def get_current_revision() -> str | None:
    """Return how far the database has been upgraded, as Alembic notes it; None for an empty one.

    Where it notes more than one, which a whole upgrade never leaves, all of them: no revision.
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
