"""Stretches of comments that are hidden, and the words as they were sent."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape."""
    with op.batch_alter_table("comment") as table:
        table.add_column(sa.Column("redactions", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("unredacted_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Go back; what is hidden stays hidden, and can no longer be shown again."""
    with op.batch_alter_table("comment") as table:
        table.drop_column("unredacted_sealed")
        table.drop_column("redactions")
