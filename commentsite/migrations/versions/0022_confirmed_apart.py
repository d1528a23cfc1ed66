"""Comments confirmed together take effect one by one."""

import sqlalchemy as sa
from alembic import op

from commentsite.db import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape."""
    with op.batch_alter_table("comment") as table:
        table.add_column(sa.Column("confirms_at", UtcDateTime(), nullable=True))
    op.create_index("ix_comment_confirms_at", "comment", ["confirms_at"])


def downgrade() -> None:
    """Go back; what was to take effect later waits to be confirmed again."""
    op.drop_index("ix_comment_confirms_at", "comment")
    with op.batch_alter_table("comment") as table:
        table.drop_column("confirms_at")
