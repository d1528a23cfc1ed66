"""Figures of the transparency report by month."""

import sqlalchemy as sa
from alembic import op

from commentsite.db.base import UtcDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new schema."""
    op.create_table(
        "transparency_month",
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("transparency_month")
