"""Readers report published comments."""

import sqlalchemy as sa
from alembic import op

from commentsite.db import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape."""
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(4), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("receipt_hash", sa.String(64), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name="fk_report_comment_id_comment", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.UniqueConstraint("receipt_hash", name="uq_report_receipt_hash"),
    )
    op.create_index("ix_report_comment_id_state", "report", ["comment_id", "state"])
    op.create_index("ix_report_state_sent_at", "report", ["state", "sent_at"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("report")
