"""An index of what is public: FTS5 on SQLite, tsvector on PostgreSQL."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape; the index is filled when the program starts."""
    if op.get_bind().dialect.name == "postgresql":
        for table in ("search_letter", "search_comment"):
            op.execute(f"CREATE TABLE {table} (rowid BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)")
            op.execute(f"CREATE INDEX ix_{table}_words ON {table} USING gin (words)")
        return
    tokens = "tokenize = 'unicode61 remove_diacritics 0'"
    op.execute(f"CREATE VIRTUAL TABLE search_letter USING fts5(title, words, {tokens})")
    op.execute(f"CREATE VIRTUAL TABLE search_comment USING fts5(words, {tokens})")


def downgrade() -> None:
    """Go back."""
    for table in ("search_letter", "search_comment"):
        op.execute(f"DROP TABLE {table}")
