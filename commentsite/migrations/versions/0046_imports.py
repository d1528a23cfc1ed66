"""Runs of imports, where imported letters and comments come from, and their old addresses."""

import sqlalchemy as sa
from alembic import op

from commentsite.db.base import UtcDateTime

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new schema."""
    op.add_column(
        "comment",
        sa.Column("is_imported", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("system", sa.String(20), nullable=False),
        sa.Column("started_by", sa.String(80), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime()),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("file_names", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("is_dry_run", sa.Boolean(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
    )
    op.create_table(
        "imported_letter",
        sa.Column("source_key", sa.String(64), primary_key=True),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("import_run.id"), nullable=False),
        sa.Column(
            "letter_id", sa.Integer(), sa.ForeignKey("letter.id", ondelete="CASCADE"), nullable=False
        ),
    )
    op.create_index("ix_imported_letter_letter_id", "imported_letter", ["letter_id"])
    op.create_table(
        "imported_comment",
        sa.Column("comment_id", sa.Integer(), sa.ForeignKey("comment.id"), primary_key=True),
        sa.Column("source_key", sa.String(64), nullable=False, unique=True),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("import_run.id"), nullable=False),
    )
    op.create_table(
        "old_address",
        sa.Column("path", sa.String(700), primary_key=True),
        sa.Column(
            "letter_id", sa.Integer(), sa.ForeignKey("letter.id", ondelete="CASCADE"), nullable=False
        ),
    )
    op.create_index("ix_old_address_letter_id", "old_address", ["letter_id"])


def downgrade() -> None:
    """Go back. Where imported comments come from is lost."""
    for table in ("old_address", "imported_comment", "imported_letter", "import_run"):
        op.drop_table(table)
    op.drop_column("comment", "is_imported")
