"""What authors say against decisions, and what came of it."""

import sqlalchemy as sa
from alembic import op

from commentsite.db import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape."""
    op.create_table(
        "appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("waits_for", sa.String(10), nullable=False),
        sa.Column("filed_at", UtcDateTime(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_by_name", sa.String(80), nullable=False),
        sa.Column("decided_by_group", sa.String(8), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name="fk_appeal_comment_id_comment"),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name="fk_appeal_decision_id_decision"
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["staff.id"], name="fk_appeal_asked_by_id_staff"),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name="fk_appeal_decided_by_id_staff"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_appeal"),
        sa.UniqueConstraint("decision_id", name="uq_appeal_decision_id"),
    )
    op.create_index("ix_appeal_state_filed_at_id", "appeal", ["state", "filed_at", "id"])
    op.create_index("ix_appeal_comment_id_state", "appeal", ["comment_id", "state"])
    op.create_index("ix_appeal_decided_by_id", "appeal", ["decided_by_id"])


def downgrade() -> None:
    """Go back; appeals are lost, and what was decided on them holds."""
    op.drop_table("appeal")
