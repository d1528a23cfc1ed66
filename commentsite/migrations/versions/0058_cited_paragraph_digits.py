"""Numbers of cited paragraphs in ASCII digits, so that “٥٣” and “53” are one paragraph of a document."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

_CITATION = sa.table("citation", sa.column("id", sa.Integer), sa.column("place", sa.String))


def upgrade() -> None:
    """Go to the new form. The letters keep the digits that their authors wrote."""
    connection = op.get_bind()
    places = connection.execute(
        sa.select(_CITATION.c.place).distinct().where(_CITATION.c.place != "")
    )
    for place in places.scalars().all():
        digits = "".join(str(unicodedata.decimal(char, char)) for char in place)
        if digits != place:
            connection.execute(
                sa.update(_CITATION).where(_CITATION.c.place == place).values(place=digits)
            )


def downgrade() -> None:
    """Go back. The earlier version reads both forms."""
