"""Whether the database answers, and has the shape the code expects."""

from functools import cache

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from commentsite.config import resources
from commentsite.db import db, session


def what_is_wrong() -> str:
    """Return a sentence, or nothing where all is well."""
    try:
        revision = revision_now()
    except SQLAlchemyError:
        return "the database does not answer"
    finally:
        session().rollback()
    if revision == revisions()[-1]:
        return ""
    if revision is None or revision in revisions():
        return "the database must be upgraded: commentsite db upgrade"
    return "the database is newer than this program"


def revision_now() -> str | None:
    """Return how far the database has been upgraded, as Alembic notes it; None for an empty one.

    Where it notes more than one, which a whole upgrade never leaves, all of them: no revision.
    """
    connection = session().connection()
    if not db.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
    return ", ".join(sorted(found)) or None


@cache
def revisions() -> tuple[str, ...]:
    """Return every revision there is, the newest last: each migration's file begins with its number."""
    return tuple(
        sorted(p.name[:4] for p in (resources("migrations") / "versions").glob("[0-9]*.py"))
    )
