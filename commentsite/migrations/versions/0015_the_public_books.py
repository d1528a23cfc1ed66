"""Blind second readings, and the public books counted from indexes alone."""

import sqlalchemy as sa
from alembic import op

from commentsite.db import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape."""
    op.create_table(
        "blind_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(4), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name="fk_blind_review_comment_id_comment"),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name="fk_blind_review_decision_id_decision"),
        sa.ForeignKeyConstraint(["reviewer_id"], ["staff.id"], name="fk_blind_review_reviewer_id_staff"),
        sa.PrimaryKeyConstraint("id", name="pk_blind_review"),
        sa.UniqueConstraint("decision_id", name="uq_blind_review_decision_id"),
    )
    op.create_index("ix_blind_review_month", "blind_review", ["month"])
    op.create_index("ix_blind_review_comment_id", "blind_review", ["comment_id"])
    op.create_index("ix_decision_books", "decision", ["comment_id", "decided_at", "moderator_id"])
    op.create_index("ix_decision_decided_at", "decision", ["decided_at"])
    op.drop_index("ix_comment_letter_id_state_stakeholder_group", table_name="comment")
    op.create_index(
        "ix_comment_counts", "comment", ["letter_id", "state", "stakeholder_group", "submitted_at"]
    )


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_comment_counts", table_name="comment")
    op.create_index(
        "ix_comment_letter_id_state_stakeholder_group",
        "comment",
        ["letter_id", "state", "stakeholder_group"],
    )
    op.drop_index("ix_decision_decided_at", table_name="decision")
    op.drop_index("ix_decision_books", table_name="decision")
    op.drop_table("blind_review")
