"""The number of replies of a comment, and indexes of the filters of a letter's comments."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

IS_THREAD_ROOT = "parent_id IS NULL AND published_at IS NOT NULL AND folded_into_id IS NULL"
WAS_PUBLISHED = "published_at IS NOT NULL"
PUBLIC = ["state", "published_at", "id"]
#: Name, columns and condition of each new index of the table of comments.
INDEXES = (
    (
        "answered",
        ["letter_id", "reply_count", "published_at", "id", "parent_id", "folded_into_id"],
        IS_THREAD_ROOT,
    ),
    ("public_group", ["letter_id", "stakeholder_group", *PUBLIC], WAS_PUBLISHED),
    ("public_voice", ["letter_id", "voice", *PUBLIC], WAS_PUBLISHED),
)
COUNT_REPLIES = """
UPDATE comment SET reply_count = (
    SELECT count(*) FROM comment AS reply
    WHERE reply.state = 'published' AND reply.{column} = comment.id
) WHERE id IN (SELECT {column} FROM comment AS reply WHERE reply.state = 'published')
"""


def upgrade() -> None:
    """Go to the new schema. A first comment counts its thread, and a reply the answers to it."""
    op.add_column(
        "comment", sa.Column("reply_count", sa.Integer(), nullable=False, server_default="0")
    )
    # Only for this count. Afterwards a change of a comment counts.
    op.create_index("ix_comment_parent_for_counting", "comment", ["parent_id"])
    for column in ("parent_id", "root_id"):
        op.execute(COUNT_REPLIES.format(column=column))
    op.drop_index("ix_comment_parent_for_counting", table_name="comment")
    for name, columns, where in INDEXES:
        only = sa.text(where)
        op.create_index(
            f"ix_comment_{name}", "comment", columns, sqlite_where=only, postgresql_where=only
        )


def downgrade() -> None:
    """Go back."""
    for name, _columns, _where in INDEXES:
        op.drop_index(f"ix_comment_{name}", table_name="comment")
    op.drop_column("comment", "reply_count")
