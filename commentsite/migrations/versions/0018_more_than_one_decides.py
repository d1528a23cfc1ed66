"""Votes, modes, declared interests, and of whom a comment waits."""

import sqlalchemy as sa
from alembic import op

from commentsite.db import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
VOTED = sa.text("waits_for IS NOT NULL")


BOOKS = ("comment_id", "decided_at", "moderator_id")


def upgrade() -> None:
    """Go to the new shape; what was decided before was decided by one."""
    op.drop_index("ix_decision_books", "decision")
    with op.batch_alter_table("decision") as table:
        for name, size in (("moderator_group", 8), ("moderator_organisation", 120)):
            table.add_column(sa.Column(name, sa.String(size), nullable=False, server_default=""))
        table.add_column(sa.Column("mode", sa.String(12), nullable=False, server_default="solo"))
        table.add_column(
            sa.Column("is_settling", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        table.add_column(sa.Column("facts", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("details", sa.JSON(), nullable=False, server_default="{}"))
    op.create_index("ix_decision_books", "decision", [BOOKS[0], "is_settling", *BOOKS[1:]])
    with op.batch_alter_table("comment") as table:
        table.add_column(sa.Column("waits_for", sa.String(10), nullable=True))
    op.create_index(
        "ix_comment_waits",
        "comment",
        ["waits_for", "submitted_at", "id"],
        sqlite_where=VOTED,
        postgresql_where=VOTED,
    )
    with op.batch_alter_table("letter") as table:
        table.add_column(
            sa.Column("moderation_mode", sa.String(12), nullable=False, server_default="")
        )
    with op.batch_alter_table("site") as table:
        table.add_column(
            sa.Column("moderation_mode", sa.String(12), nullable=False, server_default="solo")
        )
    op.create_table(
        "declared_interest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("declared_at", UtcDateTime(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{other}_id"],
                [f"{other}.id"],
                name=f"fk_declared_interest_{other}_id_{other}",
                ondelete="CASCADE",
            )
            for other in ("staff", "letter", "comment")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_declared_interest"),
    )
    for other in ("staff", "letter", "comment"):
        op.create_index(f"ix_declared_interest_{other}_id", "declared_interest", [f"{other}_id"])


def downgrade() -> None:
    """Go back; votes that were not carried out are lost."""
    op.drop_table("declared_interest")
    op.execute("DELETE FROM decision WHERE NOT is_settling")
    with op.batch_alter_table("site") as table:
        table.drop_column("moderation_mode")
    with op.batch_alter_table("letter") as table:
        table.drop_column("moderation_mode")
    op.drop_index("ix_comment_waits", "comment")
    with op.batch_alter_table("comment") as table:
        table.drop_column("waits_for")
    op.drop_index("ix_decision_books", "decision")
    with op.batch_alter_table("decision") as table:
        for name in ("details", "facts", "is_settling", "mode", "moderator_organisation"):
            table.drop_column(name)
        table.drop_column("moderator_group")
    op.create_index("ix_decision_books", "decision", list(BOOKS))
