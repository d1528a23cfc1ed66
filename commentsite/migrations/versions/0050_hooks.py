"""Webhooks with their events and deliveries, origins that may embed comments, and pages elsewhere."""

import sqlalchemy as sa
from alembic import op

from commentsite.db.base import UtcDateTime

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new schema."""
    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("event_types", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("previous_secret_sealed", sa.LargeBinary()),
        sa.Column("previous_secret_until", UtcDateTime()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("failing_since", UtcDateTime()),
        sa.Column("not_before", UtcDateTime()),
        sa.Column("disabled_at", UtcDateTime()),
    )
    op.create_table(
        "webhook_event",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False, unique=True),
        sa.Column("type", sa.String(30), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_webhook_event_created_at", "webhook_event", ["created_at"])
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "webhook_id",
            sa.Integer(),
            sa.ForeignKey("webhook.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column(
            "event_id",
            sa.Integer(),
            sa.ForeignKey("webhook_event.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=False),
        sa.Column("lease_until", UtcDateTime()),
        sa.Column("last_attempt_at", UtcDateTime()),
        sa.Column("last_status", sa.Integer()),
        sa.Column("last_error", sa.String(20), nullable=False),
        sa.Column("last_milliseconds", sa.Integer()),
        sa.Column("delivered_at", UtcDateTime()),
    )
    for columns in (("state", "next_attempt_at"), ("webhook_id", "id"), ("event_id",)):
        name = f"ix_webhook_delivery_{'_'.join(columns)}"
        op.create_index(name, "webhook_delivery", list(columns))
    op.create_table(
        "embed_origin",
        sa.Column("origin", sa.String(300), primary_key=True),
        sa.Column("has_pages", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "embedded_page",
        sa.Column("url_hash", sa.String(64), primary_key=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(300), nullable=False),
        sa.Column(
            "letter_id",
            sa.Integer(),
            sa.ForeignKey("letter.id", ondelete="CASCADE"),
            nullable=False,
            unique=True,
        ),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )
    for columns in (("origin",), ("created_at",)):
        op.create_index(f"ix_embedded_page_{columns[0]}", "embedded_page", list(columns))
    op.add_column(
        "letter",
        sa.Column("is_page", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    """Go back. Webhooks and the list of embedded pages are lost."""
    op.drop_column("letter", "is_page")
    for table in (
        "embedded_page",
        "embed_origin",
        "webhook_delivery",
        "webhook_event",
        "webhook",
    ):
        op.drop_table(table)
