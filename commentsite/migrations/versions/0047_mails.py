"""Readers who get new letters or the comments on a letter by email, and an index of authors by name."""

import sqlalchemy as sa
from alembic import op

from commentsite.db.base import UtcDateTime

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new schema."""
    op.create_table(
        "subscriber",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("email_hash", sa.String(64), nullable=False),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("email_hash", name="uq_subscriber_email_hash"),
        sa.UniqueConstraint("token_hash", name="uq_subscriber_token_hash"),
    )
    op.create_table(
        "reader_subscription",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "subscriber_id",
            sa.Integer(),
            sa.ForeignKey(
                "subscriber.id",
                name="fk_reader_subscription_subscriber_id_subscriber",
                ondelete="CASCADE",
            ),
            nullable=False,
        ),
        sa.Column(
            "letter_id",
            sa.Integer(),
            sa.ForeignKey(
                "letter.id", name="fk_reader_subscription_letter_id_letter", ondelete="CASCADE"
            ),
        ),
        sa.Column("topic", sa.String(60), nullable=False),
        sa.Column("frequency", sa.String(10), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime()),
        sa.Column("notified_until", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
    )
    for columns in (
        ["subscriber_id"],
        ["letter_id", "next_at"],
        ["confirmed_at", "created_at"],
    ):
        name = f"ix_reader_subscription_{'_'.join(columns)}"
        op.create_index(name, "reader_subscription", columns)
    op.create_index("ix_letter_author_name", "letter_author", ["name"])


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_letter_author_name", "letter_author")
    op.drop_table("reader_subscription")
    op.drop_table("subscriber")
