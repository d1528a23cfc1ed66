"""Requests to reset a password, networks of reports, and private entries of the audit log."""

import sqlalchemy as sa
from alembic import op

from commentsite.db import UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new schema."""
    op.create_table(
        "password_reset_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email_hash", sa.String(64), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_password_reset_request"),
        sa.UniqueConstraint("email_hash", name="uq_password_reset_request_email_hash"),
    )
    op.create_table(
        "private_audit_entry",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("actor", sa.String(40), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("object", sa.String(60), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["seq"], ["audit_entry.seq"], name="fk_private_audit_entry_seq_audit_entry"
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_private_audit_entry"),
    )
    with op.batch_alter_table("report") as table:
        table.add_column(sa.Column("network_hash", sa.String(64), nullable=True))
    # Until their addresses are purged, earlier reports count by the address, as they did.
    op.execute("UPDATE report SET network_hash = address_hash")


def downgrade() -> None:
    """Go back. The contents of private audit entries are lost; their commitments stay in the log."""
    with op.batch_alter_table("report") as table:
        table.drop_column("network_hash")
    op.drop_table("private_audit_entry")
    op.drop_table("password_reset_request")
