"""The number that readers see for a paragraph, which its author may have given."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new schema. Paragraphs stored so far have their position for a label."""
    op.add_column("letter_block", sa.Column("label", sa.String(20)))
    op.execute(
        "UPDATE letter_block SET label = CAST(number AS VARCHAR(20)) WHERE number IS NOT NULL"
    )
    op.add_column("citation", sa.Column("label", sa.String(20), server_default=""))
    op.execute("UPDATE citation SET label = CAST(number AS VARCHAR(20))")
    with op.batch_alter_table("citation") as batch:
        batch.alter_column(
            "label", existing_type=sa.String(20), nullable=False, server_default=None
        )


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("citation") as batch:
        batch.drop_column("label")
    with op.batch_alter_table("letter_block") as batch:
        batch.drop_column("label")
