"""Keys of one's own, decisions taken back within seconds, comments decided about together."""

import sqlalchemy as sa
from alembic import op

from commentsite.db import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape."""
    op.create_table(
        "staff_keys",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("by_act", sa.JSON(), nullable=False),
        sa.Column("is_off", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name="fk_staff_keys_staff_id_staff", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("staff_id", name="pk_staff_keys"),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("matching", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.Column("undo_until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name="fk_batch_staff_id_staff", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_batch"),
        sa.UniqueConstraint("key", name="uq_batch_key"),
    )
    op.create_index("ix_batch_made_at", "batch", ["made_at"])
    with op.batch_alter_table("decision") as table:
        table.add_column(sa.Column("undo_until", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("undone_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Go back; what was undone stays undone."""
    op.execute("DELETE FROM decision WHERE undone_at IS NOT NULL")
    with op.batch_alter_table("decision") as table:
        table.drop_column("undone_at")
        table.drop_column("undo_until")
    op.drop_table("batch")
    op.drop_table("staff_keys")
