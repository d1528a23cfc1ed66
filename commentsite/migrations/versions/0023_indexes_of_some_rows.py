"""Indexes of the rows that have something there, and of what waits by group and what a rule held."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

NARROWED = {
    "ix_comment_root_id": ["root_id"],
    "ix_comment_address_hash": ["address_hash"],
    "ix_comment_ask_at": ["ask_at"],
    "ix_comment_campaign_id_state": ["campaign_id", "state"],
    "ix_comment_folded_into_id_published_at": ["folded_into_id", "published_at"],
}
ADDED = {
    "ix_comment_pending": (["stakeholder_group", "submitted_at", "id"], "state = 'pending'"),
    "ix_comment_held": (
        ["submitted_at", "id"],
        "state = 'pending' AND held_by <> 'first_reading'",
    ),
}


OPEN = "ix_report_open"
MINE = "ix_decision_moderator_id_comment_id"


def upgrade() -> None:
    """Go to the new shape."""
    _create(OPEN, ["comment_id"], "state = 'open'", table="report")
    op.create_index(MINE, "decision", ["moderator_id", "comment_id"])
    for name, columns in NARROWED.items():
        op.drop_index(name, table_name="comment")
        _create(name, columns, f"{columns[0]} IS NOT NULL")
    for name, (columns, only) in ADDED.items():
        _create(name, columns, only)


def downgrade() -> None:
    """Go back."""
    op.drop_index(MINE, table_name="decision")
    op.drop_index(OPEN, table_name="report")
    for name in ADDED:
        op.drop_index(name, table_name="comment")
    for name, columns in NARROWED.items():
        op.drop_index(name, table_name="comment")
        op.create_index(name, "comment", columns)


def _create(name: str, columns: list[str], only: str, table: str = "comment") -> None:
    op.create_index(
        name, table, columns, sqlite_where=sa.text(only), postgresql_where=sa.text(only)
    )
