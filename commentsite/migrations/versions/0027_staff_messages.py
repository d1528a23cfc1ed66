"""What people on the staff want to hear of, and when."""

import sqlalchemy as sa
from alembic import op

from commentsite.db import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape."""
    op.create_table(
        "staff_messages",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(10), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_until", sa.Integer(), nullable=True),
        sa.Column("zone", sa.String(60), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name="fk_staff_messages_staff_id_staff", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("staff_id", name="pk_staff_messages"),
    )
    op.create_index("ix_staff_messages_next_at", "staff_messages", ["next_at"])


def downgrade() -> None:
    """Go back; what was chosen is lost."""
    op.drop_table("staff_messages")
