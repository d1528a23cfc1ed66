"""Count what a letter's page says without reading its comments."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape."""
    op.create_index(
        "ix_comment_letter_id_state_stakeholder_group",
        "comment",
        ["letter_id", "state", "stakeholder_group"],
    )
    op.create_index(
        "ix_comment_threads", "comment", ["letter_id", "parent_id", "state", "published_at", "id"]
    )


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_comment_threads", table_name="comment")
    op.drop_index("ix_comment_letter_id_state_stakeholder_group", table_name="comment")
