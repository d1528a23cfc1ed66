"""Messages say what they are about, so that erasing it takes them along."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape."""
    with op.batch_alter_table("outbox") as table:
        table.add_column(sa.Column("about", sa.String(40), nullable=False, server_default=""))
        table.create_index("ix_outbox_about", ["about"])


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("outbox") as table:
        table.drop_index("ix_outbox_about")
        table.drop_column("about")
