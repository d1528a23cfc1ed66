"""Notes of moderators, who is at which comment, and comments decided without knowing who wrote them."""

import sqlalchemy as sa
from alembic import op

from commentsite.db import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape."""
    op.create_table(
        "case_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("staff_name", sa.String(80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name="fk_case_note_comment_id_comment"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_case_note_staff_id_staff"),
        sa.PrimaryKeyConstraint("id", name="pk_case_note"),
    )
    op.create_index("ix_case_note_comment_id", "case_note", ["comment_id"])
    op.create_table(
        "claim",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("staff_name", sa.String(80), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name="fk_claim_comment_id_comment"),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name="fk_claim_staff_id_staff", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("comment_id", name="pk_claim"),
    )
    op.create_index("ix_claim_until", "claim", ["until"])
    with op.batch_alter_table("site") as table:
        table.add_column(
            sa.Column("is_blind", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("site") as table:
        table.alter_column("is_blind", server_default=None)
    with op.batch_alter_table("letter") as table:
        table.add_column(sa.Column("is_blind", sa.String(3), nullable=False, server_default=""))
    with op.batch_alter_table("letter") as table:
        table.alter_column("is_blind", server_default=None)


def downgrade() -> None:
    """Go back; notes are lost."""
    with op.batch_alter_table("letter") as table:
        table.drop_column("is_blind")
    with op.batch_alter_table("site") as table:
        table.drop_column("is_blind")
    op.drop_table("claim")
    op.drop_table("case_note")
