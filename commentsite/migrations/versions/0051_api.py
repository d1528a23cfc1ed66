"""Reserved for api."""

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new schema."""


def downgrade() -> None:
    """Go back."""
