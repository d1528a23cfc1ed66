"""What commenters want to hear of, when they are asked to confirm, and by letter whether they are."""

import sqlalchemy as sa
from alembic import op

from commentsite.db import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape."""
    op.add_column("letter", sa.Column("email_confirmation", sa.String(20), nullable=False, server_default=""))
    op.add_column("comment", sa.Column("follow", sa.String(10), nullable=False, server_default=""))
    for name in ("follow_daily", "follow_closing"):
        op.add_column("comment", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in ("closing_told", "ask_at"):
        op.add_column("comment", sa.Column(name, UtcDateTime(), nullable=True))
    op.execute(sa.text("UPDATE comment SET follow = 'answers' WHERE notify"))
    op.drop_column("comment", "notify")
    op.create_index("ix_comment_ask_at", "comment", ["ask_at"])
    op.create_table(
        "notice",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("is_daily", sa.Boolean(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("comment_id", "answer_id", name="pk_notice"),
    )
    op.create_index("ix_notice_answer_id", "notice", ["answer_id"])
    op.create_index("ix_notice_due_at", "notice", ["due_at"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("notice")
    op.drop_index("ix_comment_ask_at", table_name="comment")
    op.add_column("comment", sa.Column("notify", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(sa.text("UPDATE comment SET notify = (follow <> '')"))
    for name in ("follow", "follow_daily", "follow_closing", "closing_told", "ask_at"):
        op.drop_column("comment", name)
    op.drop_column("letter", "email_confirmation")
