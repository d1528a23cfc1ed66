"""An index of the comments whose words the audit log does not cover, so that a verification reads no others."""

from alembic import op
from sqlalchemy import text

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new schema."""
    only = text("words_salt IS NULL AND erased_at IS NULL")
    op.create_index(
        "ix_comment_uncovered",
        "comment",
        ["submitted_at"],
        sqlite_where=only,
        postgresql_where=only,
    )


def downgrade() -> None:
    """Go back. The program that had the old schema would take the tables of the transparency report for a month."""
    op.execute("DELETE FROM transparency_month WHERE month = 'tables'")
    op.drop_index("ix_comment_uncovered", table_name="comment")
