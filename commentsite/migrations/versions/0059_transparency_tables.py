"""The tables of the transparency report, summed up from the stored months."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new schema. The worker fills the table."""
    op.create_table(
        "transparency_tables",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("log_entry", sa.Integer, nullable=False),
        sa.Column("tables", sa.JSON, nullable=False),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("transparency_tables")
