"""Add the imports of letters with their remarks, and the pictures of letters."""

import sqlalchemy as sa
from alembic import op

from commentsite.db import UtcDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables. Letters that are stored already have no remarks to confirm."""
    op.create_table(
        "letter_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("stated_language", sa.String(20), nullable=False),
        sa.Column("detected_language", sa.String(20), nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"],
            ["letter.id"],
            name="fk_letter_import_letter_id_letter",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_letter_import"),
    )
    op.create_index("ix_letter_import_letter_id", "letter_import", ["letter_id"])
    op.create_table(
        "media",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("extension", sa.String(4), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letter.id"], name="fk_media_letter_id_letter", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_media"),
        sa.UniqueConstraint("letter_id", "sha256", name="uq_media_letter_id_sha256"),
    )
    op.create_index("ix_media_sha256", "media", ["sha256"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("media")
    op.drop_table("letter_import")
