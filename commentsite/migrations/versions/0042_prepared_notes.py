"""Prepared notes of the desk, and keyboard shortcuts on the letters of the verbs."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

OLD_DEFAULTS = {
    "next": "j", "previous": "k", "select": "x", "publish": "a", "refuse": "r", "return": "u",
    "spam": "s", "undo": "z", "find": "/", "help": "?",
}  # fmt: skip
NEW_DEFAULTS = OLD_DEFAULTS | {"publish": "p", "refuse": "f", "return": "r"}
STAFF_KEYS = sa.table("staff_keys", sa.column("staff_id", sa.Integer), sa.column("by_act", sa.JSON))


def upgrade() -> None:
    """Go to the new schema. Staff who changed their shortcuts keep them."""
    op.create_table(
        "prepared_note",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("rule", sa.String(4), nullable=False),
        sa.Column("language", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    _replace_defaults(OLD_DEFAULTS, NEW_DEFAULTS)


def downgrade() -> None:
    """Go back."""
    _replace_defaults(NEW_DEFAULTS, OLD_DEFAULTS)
    op.drop_table("prepared_note")


def _replace_defaults(old: dict[str, str], new: dict[str, str]) -> None:
    """Give new defaults to those whose shortcuts are the old ones, and to the others what they used."""
    connection = op.get_bind()
    for staff_id, stored in connection.execute(sa.select(STAFF_KEYS)).all():
        chosen = json.loads(stored) if isinstance(stored, str) else stored
        used = old | (chosen or {})
        connection.execute(
            sa.update(STAFF_KEYS)
            .where(STAFF_KEYS.c.staff_id == staff_id)
            .values(by_act=new if used == old else used)
        )
