"""Bring the database from one shape to another.

Alembic takes a tenth of the program's memory and of its start, and is needed when there is something
to do: once with each version. So it is loaded here, where it is used, and nowhere else.
"""

from typing import Any

from flask import current_app

from commentsite import shape
from commentsite.comments.indexing import index_what_is_not
from commentsite.config import resources
from commentsite.db import db, transaction
from commentsite.errors import SiteError
from commentsite.site.services import ensure_site


class UnknownRevision(SiteError):
    """A revision of the database that this version of the program does not know."""


def upgrade_database() -> None:
    """Bring the database to the newest shape and make the site if there is none."""
    if shape.what_is_wrong():
        upgrade()
    with transaction():
        ensure_site()
        index_what_is_not()


def upgrade() -> None:
    """Run the migrations that are still to be run, none where there are none."""
    _alembic().upgrade()


def downgrade(revision: str) -> None:
    """Take migrations back until this one is the last that was run. Raises UnknownRevision."""
    if revision not in shape.revisions():
        msg = "This version of the program knows no revision %(revision)s."
        raise UnknownRevision(msg, revision=revision)
    _alembic().downgrade(revision=revision)


def check() -> None:
    """Compare the database with what the program expects; exit with 1 where they differ."""
    _alembic().check()


def _alembic() -> Any:
    import flask_migrate  # noqa: PLC0415  # a tenth of memory and start, as said above

    if "migrate" not in current_app.extensions:
        folder = str(resources("migrations"))
        flask_migrate.Migrate(current_app, db, directory=folder, render_as_batch=True)
    return flask_migrate
