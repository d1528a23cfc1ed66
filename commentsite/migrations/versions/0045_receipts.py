"""The state that a withdrawn comment had before, for the undo of its author."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new schema."""
    op.add_column("comment", sa.Column("withdrawn_from", sa.String(20)))
    op.add_column("comment", sa.Column("withdrawn_awaiting", sa.String(10)))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("comment") as batch:
        batch.drop_column("withdrawn_awaiting")
        batch.drop_column("withdrawn_from")
