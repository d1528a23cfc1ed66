"""The index of network addresses leads to what came from one and was judged, past all that was not."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

NAME = "ix_comment_address_hash"
KNOWN = sa.text("address_hash IS NOT NULL")


def upgrade() -> None:
    """Go to the new shape."""
    _make(["address_hash", "state", "submitted_at"])


def downgrade() -> None:
    """Go back."""
    _make(["address_hash"])


def _make(columns: list[str]) -> None:
    op.drop_index(NAME, table_name="comment")
    op.create_index(NAME, "comment", columns, sqlite_where=KNOWN, postgresql_where=KNOWN)
