"""Run database migrations.

Alembic takes a tenth of the memory and of the start-up time of the program, but is needed only once for each
new version. So this module imports it when it is used, and no other module imports it.
"""

from typing import Any

from flask import current_app

from commentsite.cli.progress import show_progress
from commentsite.db import schema_version
from commentsite.db.session import db, session, transaction
from commentsite.errors import SiteError
from commentsite.paths import find_resource_folder
from commentsite.site.secret_key import store_key_check
from commentsite.site.services import ensure_site
from commentsite.web.context import runtime


class UnknownRevision(SiteError):
    """The database has a schema revision that this version of the program does not know."""


def upgrade_database() -> None:
    """Upgrade the database to the newest schema, and create the site if the database is new.

    Raises ConfigurationError if the secret key is not that of the database.
    """
    if schema_version.find_schema_problem():
        run_migrations()
    with transaction():
        ensure_site()
        store_key_check(runtime().encryption)


def run_migrations() -> None:
    """Run the migrations that have not run yet, if any, and show a bar meanwhile."""
    current, known = schema_version.get_current_revision(), schema_version.list_known_revisions()
    session().rollback()
    pending = len(known) - (known.index(current) + 1 if current in known else 0)
    library = _load_flask_migrate()
    with show_progress("Upgrading", pending) as advance:
        arguments = current_app.extensions["migrate"].configure_args
        arguments["on_version_apply"] = lambda **_: advance(1)
        library.upgrade()
        del arguments["on_version_apply"]


def downgrade_database(revision: str) -> None:
    """Undo the migrations after this revision. Raises UnknownRevision."""
    if revision not in schema_version.list_known_revisions():
        msg = "This version of the program has no schema revision %(revision)s."
        raise UnknownRevision(msg, revision=revision)
    _load_flask_migrate().downgrade(revision=revision)


def check_models_match() -> None:
    """Compare the schema of the database with the models. Exit with 1 if they differ."""
    _load_flask_migrate().check()


def _load_flask_migrate() -> Any:
    import flask_migrate  # noqa: PLC0415  # see the module docstring

    if "migrate" not in current_app.extensions:
        folder = str(find_resource_folder("migrations"))
        flask_migrate.Migrate(current_app, db, directory=folder, render_as_batch=True)
    return flask_migrate
