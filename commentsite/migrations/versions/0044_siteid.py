"""Add the setup address, pages, and the pictures, colours, language and privacy facts of the site."""

import sqlalchemy as sa
from alembic import op

from commentsite.db import UtcDateTime

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

#: Name and type of each new column of the settings, with its value on an existing site.
TEXTS = (
    ("language", sa.String(20), "en"),
    ("footer", sa.Text(), ""),
    ("accent", sa.String(7), ""),
    ("accent_dark", sa.String(7), ""),
    ("controller", sa.String(300), ""),
    ("privacy_contact", sa.String(254), ""),
    ("privacy_rights", sa.Text(), ""),
)
TIMES = ("mail_tested_at", "rules_read_at", "checklist_dismissed_at")


def upgrade() -> None:
    """Go to the new schema. A site that has staff is past its first steps, so the checklist stays away."""
    with op.batch_alter_table("site") as table:
        for name, kind, value in TEXTS:
            table.add_column(sa.Column(name, kind, nullable=False, server_default=value))
        for name in TIMES:
            table.add_column(sa.Column(name, UtcDateTime(), nullable=True))
    with op.batch_alter_table("site") as table:
        for name, kind, _value in TEXTS:
            table.alter_column(name, existing_type=kind, server_default=None)
    op.execute(
        "UPDATE site SET checklist_dismissed_at = CURRENT_TIMESTAMP WHERE EXISTS (SELECT 1 FROM staff)"
    )
    op.create_table(
        "setup_token",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "site_image",
        sa.Column("name", sa.String(10), primary_key=True),
        sa.Column("extension", sa.String(4), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("is_own", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "page",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("source_text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(20), nullable=False),
        sa.Column("placement", sa.String(10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("slug", name="uq_page_slug"),
    )
    op.create_table(
        "page_version",
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("source_text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(20), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.Column("saved_by_name", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"], ["page.id"], name="fk_page_version_page_id_page", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("page_id", "number", name="pk_page_version"),
    )
    op.create_table(
        "page_slug",
        sa.Column("slug", sa.String(80), primary_key=True),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"], ["page.id"], name="fk_page_slug_page_id_page", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """Go back."""
    for name in ("page_slug", "page_version", "page", "site_image", "setup_token"):
        op.drop_table(name)
    with op.batch_alter_table("site") as table:
        for name in (*TIMES, *(name for name, _kind, _value in TEXTS)):
            table.drop_column(name)
