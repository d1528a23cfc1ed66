"""Indexes that SQLite chooses without statistics, because nothing runs ANALYZE on a site."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new schema."""
    op.drop_index("ix_comment_email_hash", table_name="comment")
    op.drop_index("ix_comment_confirms_at", table_name="comment")
    _create_partial_index("confirms_at", ["confirms_at"], "confirms_at")
    _create_partial_index("email_hash_state", ["email_hash", "state"], "email_hash")
    _create_partial_index("erased_at", ["erased_at"], "erased_at")
    _create_partial_index("network_address", ["submitted_at"], "address_hash")
    op.create_index("ix_comment_sanitizer_version", "comment", ["sanitizer_version"])
    op.create_index("ix_comment_submitted_at_id", "comment", ["submitted_at", "id"])


def downgrade() -> None:
    """Go back."""
    for name in (
        "submitted_at_id",
        "sanitizer_version",
        "network_address",
        "erased_at",
        "email_hash_state",
        "confirms_at",
    ):
        op.drop_index(f"ix_comment_{name}", table_name="comment")
    op.create_index("ix_comment_email_hash", "comment", ["email_hash"])
    op.create_index("ix_comment_confirms_at", "comment", ["confirms_at"])


def _create_partial_index(name: str, columns: list[str], not_null: str) -> None:
    only, name = sa.text(f"{not_null} IS NOT NULL"), f"ix_comment_{name}"
    op.create_index(name, "comment", columns, sqlite_where=only, postgresql_where=only)
