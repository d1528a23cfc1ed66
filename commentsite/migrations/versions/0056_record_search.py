"""A full-text index of records of positions, and what their published versions withhold."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new schema. The worker fills the new index in the background."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE search_record (rowid BIGINT PRIMARY KEY, title TEXT NOT NULL,"
            " tokens TEXT NOT NULL, words TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX ix_search_record_words ON search_record USING gin (words)")
    else:
        op.execute("CREATE VIRTUAL TABLE search_record USING fts5(title, words, tokenize = 'ascii')")
    has_records = op.get_bind().execute(sa.text("SELECT 1 FROM summary LIMIT 1")).first()
    last_id = 0 if has_records else None  # None: nothing is left to fill
    op.get_bind().execute(
        sa.text("INSERT INTO search_progress VALUES ('search_record', 2, :last)"), {"last": last_id}
    )
    op.add_column(
        "summary_version", sa.Column("salt", sa.String(64), nullable=False, server_default="")
    )
    op.add_column("summary_version", sa.Column("original_sealed", sa.LargeBinary()))
    op.add_column(
        "summary_version",
        sa.Column("redactions_hash", sa.String(64), nullable=False, server_default=""),
    )
    only = sa.text("unredacted_sealed IS NOT NULL")
    op.create_index(
        "ix_comment_redacted",
        "comment",
        ["letter_id"],
        sqlite_where=only,
        postgresql_where=only,
    )


def downgrade() -> None:
    """Go back. Words that a version withholds are lost."""
    op.drop_index("ix_comment_redacted", table_name="comment")
    op.execute("DELETE FROM search_progress WHERE part = 'search_record'")
    op.execute("DROP TABLE search_record")
    for name in ("salt", "original_sealed", "redactions_hash"):
        op.drop_column("summary_version", name)
