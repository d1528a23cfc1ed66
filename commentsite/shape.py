"""Whether the database answers, and has the shape the code expects."""

from functools import cache

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from commentsite.config import resources
from commentsite.db import session


def what_is_wrong() -> str:
    """Return a sentence, or nothing where all is well."""
    try:
        heads = set(MigrationContext.configure(session().connection()).get_current_heads())
    except SQLAlchemyError:
        return "the database does not answer"
    finally:
        session().rollback()
    known, newest = _revisions()
    if heads == newest:
        return ""
    if heads <= known:
        return "the database must be upgraded: commentsite db upgrade"
    return "the database is newer than this program"


@cache
def _revisions() -> tuple[frozenset[str], frozenset[str]]:
    """Return every revision there is, and the newest."""
    scripts = ScriptDirectory(str(resources("migrations")))
    known = frozenset(script.revision for script in scripts.walk_revisions())
    return known, frozenset(scripts.get_heads())
