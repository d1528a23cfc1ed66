"""From when until when a letter takes comments, and what came after."""

import sqlalchemy as sa
from alembic import op

from commentsite.db import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape."""
    with op.batch_alter_table("letter") as table:
        table.add_column(sa.Column("comments_open_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("comments_close_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("grace_hours", sa.Integer(), nullable=False, server_default="0"))
        table.create_index("ix_letter_comments_open_comments_close_at", ["comments_open", "comments_close_at"])
    with op.batch_alter_table("comment") as table:
        table.add_column(sa.Column("is_late", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("comment") as table:
        table.drop_column("is_late")
    with op.batch_alter_table("letter") as table:
        table.drop_index("ix_letter_comments_open_comments_close_at")
        for name in ("comments_open_at", "comments_close_at", "grace_hours"):
            table.drop_column(name)
