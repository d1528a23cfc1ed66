"""Find what an address sent before."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape."""
    op.create_index("ix_comment_email_hash", "comment", ["email_hash"])


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_comment_email_hash", table_name="comment")
