"""The index of what rules held begins with the state, so that SQLite prefers it to that of all states."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

NAME = "ix_comment_held"
HELD = sa.text("state = 'pending' AND held_by <> 'first_reading'")


def upgrade() -> None:
    """Go to the new shape."""
    _make(["state", "submitted_at", "id"])


def downgrade() -> None:
    """Go back."""
    _make(["submitted_at", "id"])


def _make(columns: list[str]) -> None:
    op.drop_index(NAME, table_name="comment")
    op.create_index(NAME, "comment", columns, sqlite_where=HELD, postgresql_where=HELD)
