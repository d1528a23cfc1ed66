"""Values by which the site recognises its secret key, and salts of published words."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of check values, which the first start with the right key fills, and the salts."""
    op.create_table(
        "key_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_check")),
    )
    op.add_column("comment", sa.Column("words_salt", sa.String(64), nullable=True))


def downgrade() -> None:
    """Drop the table and the column."""
    with op.batch_alter_table("comment") as batch:
        batch.drop_column("words_salt")
    op.drop_table("key_check")
