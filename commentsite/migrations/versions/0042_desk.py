"""Reserved for desk."""

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new schema."""


def downgrade() -> None:
    """Go back."""
