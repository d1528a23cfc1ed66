"""The origin of the language of a comment, and the indexes of the filters by language."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

WAS_PUBLISHED = sa.text("published_at IS NOT NULL AND language <> ''")
HAS_LANGUAGE = sa.text("language <> ''")
IS_UNDETECTED = sa.text("language_source = ''")
INDEXES = (
    (
        "ix_comment_public_language",
        ["letter_id", "language", "state", "published_at", "id"],
        WAS_PUBLISHED,
    ),
    ("ix_comment_queue_language", ["state", "language", "submitted_at", "id"], HAS_LANGUAGE),
    ("ix_comment_undetected", ["id"], IS_UNDETECTED),
)


def upgrade() -> None:
    """Go to the new schema. The worker detects the languages of the comments that name none."""
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "language_source", sa.String(length=10), server_default="", nullable=False
            )
        )
    op.execute("UPDATE comment SET language_source = 'import' WHERE language <> ''")
    for name, columns, where in INDEXES:
        op.create_index(name, "comment", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Go back. The languages stay."""
    for name, _columns, _where in INDEXES:
        op.drop_index(name, table_name="comment")
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.drop_column("language_source")
