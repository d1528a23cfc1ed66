"""Comments that are stored before they are examined, and audit entries without a number."""

import sqlalchemy as sa
from alembic import op

from commentsite.db.base import UtcDateTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_SENDER_AND_TEXT = ["letter_id", "email_hash", "body_hash"]
# An address may have sent a text several times already. The first comment keeps the number 0.
_NUMBER_REPETITIONS = """
    UPDATE comment SET repetition = repeated.number FROM (
        SELECT id, row_number() OVER (
            PARTITION BY letter_id, email_hash, body_hash ORDER BY id
        ) - 1 AS number
        FROM comment WHERE email_hash IS NOT NULL
    ) AS repeated
    WHERE repeated.id = comment.id AND repeated.number > 0
"""


def upgrade() -> None:
    """Go to the new schema."""
    op.create_table(
        "comment_examination",
        sa.Column(
            "comment_id",
            sa.Integer(),
            sa.ForeignKey("comment.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("is_honeypot_filled", sa.Boolean(), nullable=False),
        sa.Column("form_age", sa.Double(), nullable=False),
        sa.Column("is_burst", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "pending_audit_entry",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(40), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("object", sa.String(60), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
    )
    op.add_column(
        "comment", sa.Column("repetition", sa.SmallInteger(), nullable=False, server_default="0")
    )
    op.execute(_NUMBER_REPETITIONS)
    op.create_index(
        "ix_comment_submission", "comment", [*_SENDER_AND_TEXT, "repetition"], unique=True
    )
    op.drop_index("ix_comment_letter_id_email_hash_body_hash", "comment")


def downgrade() -> None:
    """Go back. Raises RuntimeError while entries of the audit log wait for their number."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM pending_audit_entry")):
        msg = "Run `commentsite jobs run` first: entries of the audit log wait for their number."
        raise RuntimeError(msg)
    op.create_index("ix_comment_letter_id_email_hash_body_hash", "comment", _SENDER_AND_TEXT)
    op.drop_index("ix_comment_submission", "comment")
    op.drop_column("comment", "repetition")
    op.execute("UPDATE comment SET state = 'pending' WHERE state = 'received'")
    op.drop_table("pending_audit_entry")
    op.drop_table("comment_examination")
