"""Time zones of staff accounts, figures of the dashboard, and indexes of the audit log for its filters."""

import sqlalchemy as sa
from alembic import op

from commentsite.db.base import UtcDateTime

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

STAFF = sa.table("staff", sa.column("id"), sa.column("time_zone"))
PREFERENCES = sa.table("staff_messages", sa.column("staff_id"), sa.column("zone"))


def upgrade() -> None:
    """Go to the new schema. The zone of an account is that of its email digest, if it chose one."""
    with op.batch_alter_table("staff") as staff:
        staff.add_column(
            sa.Column("time_zone", sa.String(60), nullable=False, server_default="UTC")
        )
    chosen = (
        sa.select(PREFERENCES.c.zone).where(PREFERENCES.c.staff_id == STAFF.c.id).scalar_subquery()
    )
    has_chosen = sa.exists().where(PREFERENCES.c.staff_id == STAFF.c.id)
    op.execute(STAFF.update().values(time_zone=chosen).where(has_chosen))
    with op.batch_alter_table("staff") as staff:
        staff.alter_column("time_zone", server_default=None)
    with op.batch_alter_table("staff_messages") as preferences:
        preferences.drop_column("zone")
    op.create_table(
        "desk_activity",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
    )
    op.drop_index("ix_audit_entry_action", table_name="audit_entry")
    op.create_index("ix_audit_entry_action_seq", "audit_entry", ["action", "seq"])
    op.create_index("ix_audit_entry_actor_seq", "audit_entry", ["actor", "seq"])


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_audit_entry_actor_seq", table_name="audit_entry")
    op.drop_index("ix_audit_entry_action_seq", table_name="audit_entry")
    op.create_index("ix_audit_entry_action", "audit_entry", ["action"])
    op.drop_table("desk_activity")
    with op.batch_alter_table("staff_messages") as preferences:
        preferences.add_column(
            sa.Column("zone", sa.String(60), nullable=False, server_default="UTC")
        )
    zone = sa.select(STAFF.c.time_zone).where(STAFF.c.id == PREFERENCES.c.staff_id).scalar_subquery()
    op.execute(PREFERENCES.update().values(zone=zone))
    with op.batch_alter_table("staff_messages") as preferences:
        preferences.alter_column("zone", server_default=None)
    with op.batch_alter_table("staff") as staff:
        staff.drop_column("time_zone")
