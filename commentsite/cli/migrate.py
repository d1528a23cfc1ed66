"""Bring the database from one shape to another.

Alembic takes a tenth of the program's memory and of its start, and is needed when there is something
to do: once with each version. So it is loaded here, where it is used, and nowhere else.
"""

from typing import Any

from flask import current_app

from commentsite.comments.search import build_index_if_empty
from commentsite.db import schema_version
from commentsite.db.session import db, transaction
from commentsite.errors import SiteError
from commentsite.paths import find_resource_folder
from commentsite.site.services import ensure_site


class UnknownRevision(SiteError):
    """A revision of the database that this version of the program does not know."""


def upgrade_database() -> None:
    """Bring the database to the newest shape and make the site if there is none."""
    if schema_version.find_schema_problem():
        run_migrations()
    with transaction():
        ensure_site()
        build_index_if_empty()


def run_migrations() -> None:
    """Run the migrations that are still to be run, none where there are none."""
    _load_flask_migrate().upgrade()


def downgrade_database(revision: str) -> None:
    """Take migrations back until this one is the last that was run. Raises UnknownRevision."""
    if revision not in schema_version.list_known_revisions():
        msg = "This version of the program knows no revision %(revision)s."
        raise UnknownRevision(msg, revision=revision)
    _load_flask_migrate().downgrade(revision=revision)


def check_models_match() -> None:
    """Compare the database with what the program expects; exit with 1 where they differ."""
    _load_flask_migrate().check()


def _load_flask_migrate() -> Any:
    import flask_migrate  # noqa: PLC0415  # a tenth of memory and start, as said above

    if "migrate" not in current_app.extensions:
        folder = str(find_resource_folder("migrations"))
        flask_migrate.Migrate(current_app, db, directory=folder, render_as_batch=True)
    return flask_migrate
