"""Reserved for reading."""

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new schema."""


def downgrade() -> None:
    """Go back."""
