"""Screening: links of new people, throw-away domains, what a network address sent before, an outside service."""

import sqlalchemy as sa
from alembic import op

from commentsite.db import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape."""
    with op.batch_alter_table("site") as table:
        table.add_column(sa.Column("hold_new_links", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("disposable_domains", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_comment_address_hash", "comment", ["address_hash"])
    op.create_table(
        "outside_check",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name="fk_outside_check_comment_id_comment", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("comment_id", name="pk_outside_check"),
    )
    op.create_index("ix_outside_check_state_next_attempt_at", "outside_check", ["state", "next_attempt_at"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("outside_check")
    op.drop_index("ix_comment_address_hash", table_name="comment")
    with op.batch_alter_table("site") as table:
        table.drop_column("disposable_domains")
        table.drop_column("hold_new_links")
