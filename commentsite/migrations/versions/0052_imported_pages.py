"""Pages of the site, such as About, that came from another system."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

_ONE_TARGET = "(letter_id IS NULL) <> (page_id IS NULL)"


def upgrade() -> None:
    """Go to the new schema."""
    for name in ("imported_letter", "old_address"):
        with op.batch_alter_table(name) as table:
            table.alter_column("letter_id", existing_type=sa.Integer(), nullable=True)
            table.add_column(sa.Column("page_id", sa.Integer()))
            table.create_foreign_key(
                op.f(f"fk_{name}_page_id_page"), "page", ["page_id"], ["id"], ondelete="CASCADE"
            )
            table.create_check_constraint(op.f(f"ck_{name}_one_target"), _ONE_TARGET)
        op.create_index(f"ix_{name}_page_id", name, ["page_id"])


def downgrade() -> None:
    """Go back. Where imported pages of the site come from, and their old addresses, are lost."""
    for name in ("old_address", "imported_letter"):
        op.execute(f"DELETE FROM {name} WHERE letter_id IS NULL")  # noqa: S608  # a constant
        op.drop_index(f"ix_{name}_page_id", name)
        with op.batch_alter_table(name) as table:
            table.drop_constraint(op.f(f"ck_{name}_one_target"), type_="check")
            table.drop_constraint(op.f(f"fk_{name}_page_id_page"), type_="foreignkey")
            table.drop_column("page_id")
            table.alter_column("letter_id", existing_type=sa.Integer(), nullable=False)
