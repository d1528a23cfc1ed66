"""Who speaks: pseudonyms, authors, staff, delegations. How many: one text sent by many people."""

import sqlalchemy as sa
from alembic import op

from commentsite.db import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

THREADS = ["letter_id", "parent_id", "state", "published_at", "id"]
TOPS = "parent_id IS NULL AND published_at IS NOT NULL"


def _top_index(where: str) -> None:
    op.drop_index("ix_comment_roots", table_name="comment")
    op.create_index(
        "ix_comment_roots",
        "comment",
        ["letter_id", "published_at", "id"],
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def _thread_index(columns: list[str]) -> None:
    op.drop_index("ix_comment_threads", table_name="comment")
    op.create_index("ix_comment_threads", "comment", columns)


def upgrade() -> None:
    """Go to the new shape."""
    with op.batch_alter_table("comment_target") as table:
        table.add_column(sa.Column("stance", sa.String(30), nullable=False, server_default="none"))
    columns: tuple[sa.Column[object], ...] = (
        sa.Column("is_pseudonym", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("voice", sa.String(10), nullable=False, server_default=""),
        sa.Column("has_own_domain", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("delegation_verified_at", UtcDateTime()),
        sa.Column("delegation_evidence_sealed", sa.LargeBinary()),
        sa.Column("near_id", sa.Integer()),
        sa.Column("near_percent", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("campaign_id", sa.Integer()),
        sa.Column("folded_into_id", sa.Integer()),
        sa.Column("stands_alone", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("answers_id", sa.Integer()),
    )
    for column in columns:
        op.add_column("comment", column)
    op.create_index("ix_comment_campaign_id_state", "comment", ["campaign_id", "state"])
    op.create_index("ix_comment_folded_into_id_published_at", "comment", ["folded_into_id", "published_at"])
    _top_index(TOPS + " AND folded_into_id IS NULL")
    _thread_index([*THREADS[:2], "folded_into_id", *THREADS[2:]])
    op.create_table(
        "author_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("email_hash", sa.String(64), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name="fk_author_address_letter_id_letter", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_author_address"),
        sa.UniqueConstraint("letter_id", "email_hash", name="uq_author_address_letter_id_email_hash"),
    )
    op.create_table(
        "comment_sketch",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name="fk_comment_sketch_comment_id_comment", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("comment_id", "value", name="pk_comment_sketch"),
    )
    op.create_index("ix_comment_sketch_letter_id_value", "comment_sketch", ["letter_id", "value"])
    with op.batch_alter_table("site") as table:
        table.add_column(
            sa.Column("organisation_domains", sa.Text(), nullable=False, server_default="")
        )
        table.add_column(sa.Column("tidied_at", UtcDateTime()))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("site") as table:
        table.drop_column("tidied_at")
        table.drop_column("organisation_domains")
    op.drop_table("comment_sketch")
    op.drop_table("author_address")
    _top_index(TOPS)
    _thread_index(THREADS)
    op.drop_index("ix_comment_folded_into_id_published_at", table_name="comment")
    op.drop_index("ix_comment_campaign_id_state", table_name="comment")
    for name in (
        "answers_id",
        "stands_alone",
        "folded_into_id",
        "campaign_id",
        "near_percent",
        "near_id",
        "delegation_evidence_sealed",
        "delegation_verified_at",
        "has_own_domain",
        "voice",
        "is_pseudonym",
    ):
        op.drop_column("comment", name)
    with op.batch_alter_table("comment_target") as table:
        table.drop_column("stance")
