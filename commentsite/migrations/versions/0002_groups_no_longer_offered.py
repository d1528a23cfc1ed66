"""Groups can stop being offered without old comments losing them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape."""
    with op.batch_alter_table("stakeholder_group") as table:
        table.add_column(
            sa.Column("offered", sa.Boolean(), nullable=False, server_default=sa.true())
        )
    with op.batch_alter_table("stakeholder_group") as table:
        table.alter_column("offered", server_default=None)
    with op.batch_alter_table("outbox") as table:
        table.create_index("ix_outbox_created_at", ["created_at"])


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("outbox") as table:
        table.drop_index("ix_outbox_created_at")
    with op.batch_alter_table("stakeholder_group") as table:
        table.drop_column("offered")
