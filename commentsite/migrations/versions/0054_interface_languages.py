"""The language of the interface that senders of comments, subscribers and staff chose."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

COLUMNS = (
    ("comment", "form_language"),
    ("summary_inquiry", "form_language"),
    ("subscriber", "language"),
    ("staff", "language"),
)


def upgrade() -> None:
    """Go to the new schema."""
    for table, column in COLUMNS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(
                sa.Column(column, sa.String(length=2), server_default="", nullable=False)
            )


def downgrade() -> None:
    """Go back. Emails are then in the language of the site."""
    for table, column in COLUMNS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)
