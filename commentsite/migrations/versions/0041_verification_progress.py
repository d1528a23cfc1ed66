"""Progress of verification, and indexes for the tasks of the worker and for statements of reasons."""

import sqlalchemy as sa
from alembic import op

from commentsite.db.base import UtcDateTime

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_letter_comments_open_at", "letter", ["comments_open_at"], "comments_open_at IS NOT NULL"),
    (
        "ix_decision_restrictions",
        "decision",
        ["decided_at", "id", "is_settling", "reason"],
        "verdict IN ('refuse', 'restrict')",
    ),
)


def upgrade() -> None:
    """Go to the new schema."""
    op.create_table(
        "verification_progress",
        sa.Column("size", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("verified_at", UtcDateTime(), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
    )
    for name, table, columns, where in INDEXES:
        only = sa.text(where)
        op.create_index(name, table, columns, sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    """Go back."""
    for name, table, _columns, _where in INDEXES:
        op.drop_index(name, table_name=table)
    op.drop_table("verification_progress")
