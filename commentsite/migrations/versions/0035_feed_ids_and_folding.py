"""Ids of feed entries that never change, a search index of folded tokens, and more room for comments."""

import sqlalchemy as sa
from alembic import op
from flask import current_app

from commentsite.db import UtcDateTime
from commentsite.tokens import new_uuid

revision = "0035"
down_revision = "0033"
branch_labels = None
depends_on = None

SEARCH_TABLES = {"search_letter": "title, words", "search_comment": "words"}


def upgrade() -> None:
    """Go to the new schema. The worker fills the index again in the background."""
    _add_feed_columns()
    _keep_feed_ids()
    _create_allowances()
    _change_index()


def downgrade() -> None:
    """Go back. The index is empty, and the earlier program fills it when it starts."""
    op.drop_table("search_progress")
    if op.get_bind().dialect.name == "postgresql":
        for table in SEARCH_TABLES:
            op.execute(f"DELETE FROM {table}")
            op.drop_column(table, "tokens")
        op.drop_column("search_letter", "title")
    else:
        tokenizer = "tokenize = 'unicode61 remove_diacritics 0'"
        for table, columns in SEARCH_TABLES.items():
            op.execute(f"DROP TABLE {table}")
            op.execute(f"CREATE VIRTUAL TABLE {table} USING fts5({columns}, {tokenizer})")
    op.drop_table("comment_allowance")
    _drop_columns("comment", "feed_id")
    _drop_columns("letter", "updated_at", "feed_id")
    _drop_columns("site", "feed_namespace")


def _drop_columns(table: str, *columns: str) -> None:
    with op.batch_alter_table(table) as batch:
        for column in columns:
            batch.drop_column(column)


def _add_feed_columns() -> None:
    op.add_column(
        "site", sa.Column("feed_namespace", sa.String(36), nullable=False, server_default="")
    )
    op.add_column("letter", sa.Column("feed_id", sa.String(500), nullable=True))
    op.add_column("letter", sa.Column("updated_at", UtcDateTime(), nullable=True))
    op.add_column("comment", sa.Column("feed_id", sa.String(500), nullable=True))
    op.get_bind().execute(
        sa.text("UPDATE site SET feed_namespace = :namespace"), {"namespace": new_uuid()}
    )
    op.execute(
        "UPDATE letter SET updated_at = (SELECT max(version.published_at) FROM letter_version version"
        " WHERE version.letter_id = letter.id)"
    )
    op.execute(
        "UPDATE letter SET updated_at = withdrawn_at"
        " WHERE withdrawn_at IS NOT NULL AND withdrawn_at > updated_at"
    )


def _keep_feed_ids() -> None:
    """Keep the ids under which feed readers know the entries so far: their addresses."""
    base_url = {"base": current_app.extensions["commentsite"].settings.base_url}
    op.get_bind().execute(
        sa.text(
            "UPDATE letter SET feed_id = :base || '/letters/' || slug WHERE published_at IS NOT NULL"
        ),
        base_url,
    )
    op.get_bind().execute(
        sa.text(
            "UPDATE comment SET feed_id = (SELECT letter.feed_id || '/comments/' || comment.id"
            " FROM letter WHERE letter.id = comment.letter_id) WHERE published_at IS NOT NULL"
        )
    )


def _create_allowances() -> None:
    op.create_table(
        "comment_allowance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("network", sa.String(50), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.Column("comments", sa.Integer(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("set_by_name", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letter.id"], name="fk_comment_allowance_letter_id_letter"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_comment_allowance"),
    )


def _change_index() -> None:
    op.create_table(
        "search_progress",
        sa.Column("part", sa.String(20), primary_key=True),
        sa.Column("tokenizer_version", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=True),
    )
    if not op.get_bind().execute(sa.text("SELECT 1 FROM letter LIMIT 1")).first():
        for table in SEARCH_TABLES:  # nothing is left to fill
            op.execute(f"INSERT INTO search_progress VALUES ('{table}', 2, NULL)")  # noqa: S608  # constants
    if op.get_bind().dialect.name == "postgresql":
        for table in SEARCH_TABLES:
            op.add_column(table, sa.Column("tokens", sa.Text(), nullable=False, server_default=""))
        op.add_column(
            "search_letter", sa.Column("title", sa.Text(), nullable=False, server_default="")
        )
        return
    # This tokenizer takes every character outside ASCII for a letter, so it leaves our tokens whole.
    for table, columns in SEARCH_TABLES.items():
        op.execute(f"CREATE VIRTUAL TABLE new_{table} USING fts5({columns}, tokenize = 'ascii')")
        op.execute(
            f"INSERT INTO new_{table} (rowid, {columns}) SELECT rowid, {columns} FROM {table}"  # noqa: S608  # constants
        )
        op.execute(f"DROP TABLE {table}")
        op.execute(f"ALTER TABLE new_{table} RENAME TO {table}")
