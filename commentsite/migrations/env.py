"""Run the migrations on the application's own engine."""

from alembic import context
from flask import current_app
from sqlalchemy import text

from commentsite.db.base import Base
from commentsite.db.session import db

NO_FOREIGN_KEYS = (
    "PRAGMA foreign_keys=OFF"  # SQLite copies tables to alter them; nothing may cascade
)


def run() -> None:
    """Migrate on one connection, in one transaction."""
    with db.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            connection.connection.cursor().execute(NO_FOREIGN_KEYS)
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=is_sqlite,
            compare_type=True,
            on_version_apply=current_app.extensions["migrate"].configure_args.get(
                "on_version_apply"
            ),
            include_name=lambda name, kind, _parents: (
                not (kind == "table" and str(name).startswith("search_"))
            ),
        )
        with context.begin_transaction():
            if not is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(7310)"))
            context.run_migrations()


run()
