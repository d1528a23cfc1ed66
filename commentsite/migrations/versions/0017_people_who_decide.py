"""Second factors, sessions, invitations, letters people are limited to, and sanctions."""

import sqlalchemy as sa
from alembic import op

from commentsite.db import UtcDateTime

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape."""
    with op.batch_alter_table("staff") as table:
        table.add_column(sa.Column("tf_last_counter", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("fs_webauthn_user_handle", sa.String(64), nullable=True))
        table.create_unique_constraint(
            "uq_staff_fs_webauthn_user_handle", ["fs_webauthn_user_handle"]
        )
    _passkeys()
    with op.batch_alter_table("site") as table:
        table.add_column(
            sa.Column(
                "staff_need_second_factor", sa.Boolean(), nullable=False, server_default=sa.false()
            )
        )
    op.create_table(
        "staff_letter",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name="fk_staff_letter_staff_id_staff", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letter.id"], name="fk_staff_letter_letter_id_letter"
        ),
        sa.PrimaryKeyConstraint("staff_id", "letter_id", name="pk_staff_letter"),
    )
    op.create_table(
        "staff_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(40), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name="fk_staff_session_staff_id_staff", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_staff_session"),
        sa.UniqueConstraint("key_hash", name="uq_staff_session_key_hash"),
    )
    op.create_index("ix_staff_session_staff_id", "staff_session", ["staff_id"])
    op.create_index("ix_staff_session_started_at", "staff_session", ["started_at"])
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("email_hash", sa.String(64), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("letters", sa.JSON(), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=True),
        sa.Column("invited_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invited_by_id"],
            ["staff.id"],
            name="fk_invitation_invited_by_id_staff",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("token_hash", name="uq_invitation_token_hash"),
    )
    op.create_index("ix_invitation_email_hash", "invitation", ["email_hash"])
    _sanctions()


def _passkeys() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.UnicodeText(), nullable=True),
        sa.Column("extensions", sa.Text(), nullable=True),
        sa.Column("lastuse_datetime", UtcDateTime(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("usage", sa.String(64), nullable=False),
        sa.Column("backup_state", sa.Boolean(), nullable=False),
        sa.Column("device_type", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff.id"], name="fk_passkey_user_id_staff", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_passkey"),
        sa.UniqueConstraint("credential_id", name="uq_passkey_credential_id"),
    )
    op.create_index("ix_passkey_user_id", "passkey", ["user_id"])


def _sanctions() -> None:
    op.create_table(
        "sanction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email_hash", sa.String(64), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("clause", sa.String(4), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.Column("set_by_name", sa.String(80), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comment.id"],
            name="fk_sanction_comment_id_comment",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["set_by_id"], ["staff.id"], name="fk_sanction_set_by_id_staff", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sanction"),
    )
    op.create_index("ix_sanction_email_hash", "sanction", ["email_hash"])
    op.create_index("ix_sanction_until", "sanction", ["until"])


def downgrade() -> None:
    """Go back."""
    for name in ("sanction", "passkey", "invitation", "staff_session", "staff_letter"):
        op.drop_table(name)
    with op.batch_alter_table("site") as table:
        table.drop_column("staff_need_second_factor")
    with op.batch_alter_table("staff") as table:
        table.drop_constraint("uq_staff_fs_webauthn_user_handle", type_="unique")
        table.drop_column("fs_webauthn_user_handle")
        table.drop_column("tf_last_counter")
