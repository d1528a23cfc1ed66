"""Records of positions, objections, and how a comment may be quoted in them."""

import sqlalchemy as sa
from alembic import op

from commentsite.db.base import UtcDateTime

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new schema."""
    op.create_table(
        "summary",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=30), nullable=False),
        sa.Column("outcome_note", sa.Text(), nullable=False),
        sa.Column("overview", sa.Text(), nullable=False),
        sa.Column("comments_summary", sa.Text(), nullable=False),
        sa.Column("analysis", sa.Text(), nullable=False),
        sa.Column("omissions", sa.Text(), nullable=False),
        sa.Column("limits", sa.Text(), nullable=False),
        sa.Column("text_revisions", sa.JSON(), nullable=False),
        sa.Column("order_rule", sa.String(length=20), nullable=False),
        sa.Column("lot", sa.String(length=40), nullable=False),
        sa.Column("published_version", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"],
            ["letter.id"],
            name=op.f("fk_summary_letter_id_letter"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary")),
        sa.UniqueConstraint("letter_id", name=op.f("uq_summary_letter_id")),
    )
    op.create_table(
        "objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("pids", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.String(length=80), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("author_satisfied", sa.Boolean(), nullable=True),
        sa.Column("author_reaction", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_objection_comment_id_comment")
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"],
            ["letter.id"],
            name=op.f("fk_objection_letter_id_letter"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
        sa.UniqueConstraint("comment_id", name=op.f("uq_objection_comment_id")),
    )
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_objection_letter_id"), ["letter_id"], unique=False)

    op.create_table(
        "summary_alternative",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("summary_id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("pid", sa.String(length=12), nullable=False),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("proposer_group", sa.String(length=8), nullable=False),
        sa.Column("proposer_name", sa.String(length=120), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_summary_alternative_comment_id_comment")
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"],
            ["letter.id"],
            name=op.f("fk_summary_alternative_letter_id_letter"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["summary_id"],
            ["summary.id"],
            name=op.f("fk_summary_alternative_summary_id_summary"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_alternative")),
    )
    with op.batch_alter_table("summary_alternative", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_summary_alternative_comment_id"), ["comment_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_summary_alternative_summary_id"), ["summary_id"], unique=False
        )

    op.create_table(
        "summary_comment_use",
        sa.Column("summary_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("use", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("notified_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_summary_comment_use_comment_id_comment")
        ),
        sa.ForeignKeyConstraint(
            ["summary_id"],
            ["summary.id"],
            name=op.f("fk_summary_comment_use_summary_id_summary"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("summary_id", "comment_id", name=op.f("pk_summary_comment_use")),
    )
    with op.batch_alter_table("summary_comment_use", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_summary_comment_use_comment_id"), ["comment_id"], unique=False
        )
        batch_op.create_index(
            "ix_summary_comment_use_to_notify",
            ["summary_id"],
            unique=False,
            sqlite_where=sa.text("notified_at IS NULL"),
            postgresql_where=sa.text("notified_at IS NULL"),
        )

    op.create_table(
        "summary_inquiry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("summary_id", sa.Integer(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_hash", sa.String(length=64), nullable=True),
        sa.Column("stakeholder_group", sa.String(length=8), nullable=False),
        sa.Column("organisation", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("result", sa.String(length=16), nullable=False),
        sa.Column("answered_by", sa.String(length=80), nullable=False),
        sa.Column("changed_in_version", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["summary_id"],
            ["summary.id"],
            name=op.f("fk_summary_inquiry_summary_id_summary"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_inquiry")),
    )
    with op.batch_alter_table("summary_inquiry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_summary_inquiry_summary_id"), ["summary_id"], unique=False
        )
        batch_op.create_index(
            "ix_summary_inquiry_unanswered",
            ["asked_at"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "summary_letter",
        sa.Column("summary_id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"],
            ["letter.id"],
            name=op.f("fk_summary_letter_letter_id_letter"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["summary_id"],
            ["summary.id"],
            name=op.f("fk_summary_letter_summary_id_summary"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("summary_id", "letter_id", name=op.f("pk_summary_letter")),
    )
    with op.batch_alter_table("summary_letter", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_summary_letter_letter_id"), ["letter_id"], unique=False
        )

    op.create_table(
        "summary_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("summary_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("pids", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["summary_id"],
            ["summary.id"],
            name=op.f("fk_summary_question_summary_id_summary"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_question")),
    )
    with op.batch_alter_table("summary_question", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_summary_question_summary_id"), ["summary_id"], unique=False
        )

    op.create_table(
        "summary_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("summary_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=30), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("contributors", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("change_note", sa.String(length=500), nullable=False),
        sa.Column("published_by", sa.String(length=80), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("inquiries_until", UtcDateTime(), nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["summary_id"],
            ["summary.id"],
            name=op.f("fk_summary_version_summary_id_summary"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_version")),
        sa.UniqueConstraint(
            "summary_id", "number", name=op.f("uq_summary_version_summary_id_number")
        ),
    )
    with op.batch_alter_table("summary_version", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_summary_version_summary_id"), ["summary_id"], unique=False
        )

    op.create_table(
        "summary_position",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["summary_question.id"],
            name=op.f("fk_summary_position_question_id_summary_question"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_position")),
    )
    with op.batch_alter_table("summary_position", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_summary_position_question_id"), ["question_id"], unique=False
        )

    op.create_table(
        "summary_position_comment",
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("comment_version", sa.Integer(), nullable=False),
        sa.Column("quotation", sa.Text(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comment.id"],
            name=op.f("fk_summary_position_comment_comment_id_comment"),
        ),
        sa.ForeignKeyConstraint(
            ["position_id"],
            ["summary_position.id"],
            name=op.f("fk_summary_position_comment_position_id_summary_position"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "position_id", "comment_id", name=op.f("pk_summary_position_comment")
        ),
    )
    with op.batch_alter_table("summary_position_comment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_summary_position_comment_comment_id"), ["comment_id"], unique=False
        )

    op.create_table(
        "summary_position_holder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("stakeholder_group", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("contact_name", sa.String(length=80), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("sign_off", sa.String(length=8), nullable=False),
        sa.Column("sign_off_note", sa.String(length=1000), nullable=False),
        sa.Column("signed_hash", sa.String(length=64), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.Column("is_name_agreed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comment.id"],
            name=op.f("fk_summary_position_holder_comment_id_comment"),
        ),
        sa.ForeignKeyConstraint(
            ["position_id"],
            ["summary_position.id"],
            name=op.f("fk_summary_position_holder_position_id_summary_position"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_position_holder")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_summary_position_holder_token_hash")),
    )
    with op.batch_alter_table("summary_position_holder", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_summary_position_holder_comment_id"), ["comment_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_summary_position_holder_position_id"), ["position_id"], unique=False
        )

    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("quote_as", sa.String(length=5), server_default="group", nullable=False)
        )


def downgrade() -> None:
    """Go back. Records of positions are lost."""
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.drop_column("quote_as")

    with op.batch_alter_table("summary_position_holder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_summary_position_holder_position_id"))
        batch_op.drop_index(batch_op.f("ix_summary_position_holder_comment_id"))

    op.drop_table("summary_position_holder")
    with op.batch_alter_table("summary_position_comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_summary_position_comment_comment_id"))

    op.drop_table("summary_position_comment")
    with op.batch_alter_table("summary_position", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_summary_position_question_id"))

    op.drop_table("summary_position")
    with op.batch_alter_table("summary_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_summary_version_summary_id"))

    op.drop_table("summary_version")
    with op.batch_alter_table("summary_question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_summary_question_summary_id"))

    op.drop_table("summary_question")
    with op.batch_alter_table("summary_letter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_summary_letter_letter_id"))

    op.drop_table("summary_letter")
    with op.batch_alter_table("summary_inquiry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_summary_inquiry_summary_id"))

    op.drop_table("summary_inquiry")
    with op.batch_alter_table("summary_comment_use", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_summary_comment_use_comment_id"))

    op.drop_table("summary_comment_use")
    with op.batch_alter_table("summary_alternative", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_summary_alternative_summary_id"))
        batch_op.drop_index(batch_op.f("ix_summary_alternative_comment_id"))

    op.drop_table("summary_alternative")
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_objection_letter_id"))

    op.drop_table("objection")
    op.drop_table("summary")
