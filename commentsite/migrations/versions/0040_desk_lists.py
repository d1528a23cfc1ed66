"""Indexes of the filters of the queue, and a full-text index of all comments for the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

QUEUE = ["submitted_at", "id"]
#: Name, columns and condition of each new index of the table of comments.
NEW_INDEXES = (
    ("public_replies", ["root_id", "id", "state"], "root_id IS NOT NULL AND published_at IS NOT NULL"),
    ("email_hash_state", ["email_hash", "state", *QUEUE], "email_hash IS NOT NULL"),
    ("queue_letter", ["letter_id", "state", *QUEUE], ""),
    ("queue_group", ["state", "stakeholder_group", *QUEUE], ""),
    ("queue_check", ["state", "held_by", *QUEUE], ""),
    ("held", ["state", *QUEUE, "letter_id"], "held_by <> 'first_reading'"),
    ("unconfirmed", ["state", *QUEUE], "email_confirmed_at IS NULL"),
    ("confirmed", ["state", *QUEUE], "email_confirmed_at IS NOT NULL"),
)
OLD_INDEXES = (
    ("email_hash_state", ["email_hash", "state"], "email_hash IS NOT NULL"),
    ("pending", ["stakeholder_group", *QUEUE], "state = 'pending'"),
    ("held", ["state", *QUEUE], "state = 'pending' AND held_by <> 'first_reading'"),
)


def upgrade() -> None:
    """Go to the new schema. The worker fills the new full-text index in the background."""
    _replace_indexes(OLD_INDEXES, NEW_INDEXES)
    op.create_index("ix_letter_state_page_version", "letter", ["state", "page_version"])
    op.create_index("ix_letter_published_at", "letter", ["published_at"])
    op.create_index("ix_letter_language_published_at", "letter", ["language", "published_at"])
    op.create_index("ix_comment_target_comment_id_pid", "comment_target", ["comment_id", "pid"])
    op.create_index(
        "ix_comment_closing_notices",
        "comment",
        ["letter_id"],
        sqlite_where=sa.text("follow_closing IS 1"),
        postgresql_where=sa.text("follow_closing IS true"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE search_desk (rowid BIGINT PRIMARY KEY, author TEXT NOT NULL, body TEXT NOT NULL,"
            " words TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX ix_search_desk_words ON search_desk USING gin (words)")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE search_desk USING fts5(facets, author, body, tokenize = 'ascii')"
        )
    has_comments = op.get_bind().execute(sa.text("SELECT 1 FROM comment LIMIT 1")).first()
    last_id = 0 if has_comments else None  # None: nothing is left to fill
    op.get_bind().execute(
        sa.text("INSERT INTO search_progress VALUES ('search_desk', 2, :last)"), {"last": last_id}
    )


def downgrade() -> None:
    """Go back."""
    op.execute("DELETE FROM search_progress WHERE part = 'search_desk'")
    op.execute("DROP TABLE search_desk")
    op.drop_index("ix_comment_target_comment_id_pid", table_name="comment_target")
    op.drop_index("ix_comment_closing_notices", table_name="comment")
    op.drop_index("ix_letter_language_published_at", table_name="letter")
    op.drop_index("ix_letter_published_at", table_name="letter")
    op.drop_index("ix_letter_state_page_version", table_name="letter")
    _replace_indexes(NEW_INDEXES, OLD_INDEXES)


def _replace_indexes(
    old: tuple[tuple[str, list[str], str], ...], new: tuple[tuple[str, list[str], str], ...]
) -> None:
    for name, _columns, _where in old:
        op.drop_index(f"ix_comment_{name}", table_name="comment")
    for name, columns, where in new:
        only = sa.text(where) if where else None
        op.create_index(
            f"ix_comment_{name}", "comment", columns, sqlite_where=only, postgresql_where=only
        )
