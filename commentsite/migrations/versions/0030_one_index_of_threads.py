"""One index holds the tops of a letter's threads in their order, to list and to count; the second one kept SQLite from it."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TOPS = sa.text("parent_id IS NULL AND published_at IS NOT NULL AND folded_into_id IS NULL")


def upgrade() -> None:
    """Go to the new shape."""
    op.drop_index("ix_comment_threads", table_name="comment")
    _roots(["letter_id", "published_at", "id", "parent_id", "folded_into_id"])


def downgrade() -> None:
    """Go back."""
    _roots(["letter_id", "published_at", "id"])
    columns = ["letter_id", "parent_id", "folded_into_id", "state", "published_at", "id"]
    op.create_index("ix_comment_threads", "comment", columns)


def _roots(columns: list[str]) -> None:
    op.drop_index("ix_comment_roots", table_name="comment")
    op.create_index(
        "ix_comment_roots", "comment", columns, sqlite_where=TOPS, postgresql_where=TOPS
    )
