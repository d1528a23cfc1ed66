"""What comes in before a moderator has read it, switches for a flood, and reports that hold a comment."""

import sqlalchemy as sa
from alembic import op

from commentsite.db import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def _add(table_name: str, column: sa.Column[str] | sa.Column[int]) -> None:
    """Add a column that every row has from now on; its default is the model's to say."""
    with op.batch_alter_table(table_name) as table:
        table.add_column(column)
    with op.batch_alter_table(table_name) as table:
        table.alter_column(column.name, server_default=None)


def upgrade() -> None:
    """Go to the new shape."""
    op.create_table(
        "switch",
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("set_by_name", sa.String(80), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name="pk_switch"),
    )
    _add("site", sa.Column("intake", sa.String(20), nullable=False, server_default="hold_all"))
    _add("site", sa.Column("report_threshold", sa.Integer(), nullable=False, server_default="0"))
    _add("letter", sa.Column("intake", sa.String(20), nullable=False, server_default=""))
    with op.batch_alter_table("report") as table:
        table.add_column(sa.Column("address_hash", sa.String(64), nullable=True))
    op.create_index(
        "ix_report_address_hash",
        "report",
        ["address_hash"],
        sqlite_where=sa.text("address_hash IS NOT NULL"),
        postgresql_where=sa.text("address_hash IS NOT NULL"),
    )


def downgrade() -> None:
    """Go back; switches are lost."""
    op.drop_index("ix_report_address_hash", table_name="report")
    with op.batch_alter_table("report") as table:
        table.drop_column("address_hash")
    with op.batch_alter_table("letter") as table:
        table.drop_column("intake")
    with op.batch_alter_table("site") as table:
        table.drop_column("report_threshold")
        table.drop_column("intake")
    op.drop_table("switch")
