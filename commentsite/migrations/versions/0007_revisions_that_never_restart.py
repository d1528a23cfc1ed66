"""Revisions of working copies that never restart, and one counter for what stands around letters."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape."""
    with op.batch_alter_table("letter") as table:
        table.add_column(sa.Column("copy_revision", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("site") as table:
        table.add_column(sa.Column("surroundings", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("site") as table:
        table.drop_column("surroundings")
    with op.batch_alter_table("letter") as table:
        table.drop_column("copy_revision")
