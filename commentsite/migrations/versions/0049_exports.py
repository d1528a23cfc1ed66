"""Exports that stewards ask for, and the history of comments that came from another site."""

import sqlalchemy as sa
from alembic import op

from commentsite.db.base import UtcDateTime

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new schema."""
    op.create_table(
        "export_run",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("started_by", sa.String(80), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime()),
        sa.Column("expires_at", UtcDateTime()),
        sa.Column("has_email_addresses", sa.Boolean(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
    )
    op.add_column(
        "imported_comment",
        sa.Column("history", sa.JSON(), nullable=False, server_default="[]"),
    )


def downgrade() -> None:
    """Go back. What is known of decisions on another site is lost."""
    with op.batch_alter_table("imported_comment") as table:
        table.drop_column("history")
    op.drop_table("export_run")
