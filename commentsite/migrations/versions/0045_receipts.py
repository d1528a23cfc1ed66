"""Reserved for receipts."""

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new schema."""


def downgrade() -> None:
    """Go back."""
