"""Reserved for exports."""

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new schema."""


def downgrade() -> None:
    """Go back."""
