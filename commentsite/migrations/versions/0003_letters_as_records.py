"""Letters as records: permissions, versions with reasons, former addresses, citations, working copies."""

import sqlalchemy as sa
from alembic import op

from commentsite.db import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to the new shape."""
    with op.batch_alter_table("site") as table:
        table.add_column(sa.Column("letters_need_two", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("letter") as table:
        table.add_column(sa.Column("record_version", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("body_concerned", sa.String(300), nullable=False, server_default=""))
        table.add_column(sa.Column("date_received", sa.Date(), nullable=True))
        table.add_column(sa.Column("scheduled_for", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("sent_to_review_by_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("withdrawn_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("superseded_by_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("translation_of_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("translator", sa.String(200), nullable=False, server_default=""))
        table.create_foreign_key("fk_letter_superseded_by_id_letter", "letter", ["superseded_by_id"], ["id"])
        table.create_foreign_key("fk_letter_translation_of_id_letter", "letter", ["translation_of_id"], ["id"])
        table.create_index("ix_letter_state_scheduled_for", ["state", "scheduled_for"])
        table.create_index("ix_letter_translation_of_id", ["translation_of_id"])
    with op.batch_alter_table("letter_version") as table:
        table.add_column(sa.Column("title", sa.String(300), nullable=False, server_default=""))
        table.add_column(sa.Column("standfirst", sa.String(500), nullable=False, server_default=""))
        table.add_column(sa.Column("change", sa.String(20), nullable=False, server_default="first"))
        table.add_column(sa.Column("change_note", sa.String(500), nullable=False, server_default=""))
        table.add_column(sa.Column("original_name", sa.String(200), nullable=False, server_default=""))
        table.add_column(sa.Column("published_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("letter_block") as table:
        table.add_column(sa.Column("language", sa.String(20), nullable=False, server_default=""))
        table.create_index("ix_letter_block_pid", ["pid"])
    _tables()
    op.execute(
        "UPDATE letter_version SET"
        " title = (SELECT title FROM letter WHERE letter.id = letter_version.letter_id),"
        " standfirst = (SELECT standfirst FROM letter WHERE letter.id = letter_version.letter_id),"
        " published_at = (SELECT published_at FROM letter WHERE letter.id = letter_version.letter_id)"
    )
    op.execute(
        "INSERT INTO letter_permission (letter_id, scopes, given_by, how, statement, evidence_name,"
        " evidence_sha256, recorded_by, recorded_at)"
        " SELECT id, '[\"publish\"]', 'the author', 'stated', permission, '', '', 'system', created_at"
        " FROM letter WHERE permission <> '' OR state <> 'draft'"
    )
    with op.batch_alter_table("letter") as table:
        table.drop_column("permission")


def _tables() -> None:
    op.create_table(
        "letter_slug",
        sa.Column("slug", sa.String(120), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name="fk_letter_slug_letter_id_letter", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("slug", name="pk_letter_slug"),
    )
    op.create_index("ix_letter_slug_letter_id", "letter_slug", ["letter_id"])
    op.create_table(
        "paragraph_link",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("pid", sa.String(12), nullable=False),
        sa.Column("relation", sa.String(10), nullable=False),
        sa.Column("now_at", sa.String(12), nullable=True),
        sa.Column("score", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["letter_version.id"], name="fk_paragraph_link_version_id_letter_version", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("version_id", "pid", name="pk_paragraph_link"),
    )
    op.create_table(
        "citation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("pid", sa.String(12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("symbol", sa.String(120), nullable=False),
        sa.Column("place", sa.String(20), nullable=False),
        sa.Column("words", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name="fk_citation_letter_id_letter", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_citation"),
    )
    op.create_index("ix_citation_symbol", "citation", ["symbol"])
    op.create_index("ix_citation_letter_id", "citation", ["letter_id"])
    op.create_table(
        "letter_permission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("given_by", sa.String(200), nullable=False),
        sa.Column("how", sa.String(20), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=True),
        sa.Column("statement", sa.String(500), nullable=False),
        sa.Column("evidence_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("evidence_name", sa.String(200), nullable=False),
        sa.Column("evidence_sha256", sa.String(64), nullable=False),
        sa.Column("recorded_by", sa.String(40), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("taken_back_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name="fk_letter_permission_letter_id_letter", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_letter_permission"),
    )
    op.create_index("ix_letter_permission_letter_id", "letter_permission", ["letter_id"])
    op.create_table(
        "working_copy",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("standfirst", sa.String(500), nullable=False),
        sa.Column("editors_note", sa.Text(), nullable=False),
        sa.Column("source_text", sa.Text(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.Column("saved_by", sa.String(80), nullable=False),
        sa.Column("editor_id", sa.Integer(), nullable=True),
        sa.Column("editor_name", sa.String(80), nullable=False),
        sa.Column("editing_since", UtcDateTime(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name="fk_working_copy_letter_id_letter", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("letter_id", name="pk_working_copy"),
    )


def downgrade() -> None:
    """Go back; permissions become a sentence again, later versions stay as they are."""
    with op.batch_alter_table("letter") as table:
        table.add_column(sa.Column("permission", sa.String(500), nullable=False, server_default=""))
    op.execute(
        "UPDATE letter SET permission = COALESCE((SELECT statement FROM letter_permission"
        " WHERE letter_permission.letter_id = letter.id ORDER BY letter_permission.id LIMIT 1), '')"
    )
    for name in ("working_copy", "letter_permission", "citation", "paragraph_link", "letter_slug"):
        op.drop_table(name)
    with op.batch_alter_table("letter_block") as table:
        table.drop_index("ix_letter_block_pid")
        table.drop_column("language")
    with op.batch_alter_table("letter_version") as table:
        for name in ("title", "standfirst", "change", "change_note", "original_name", "published_at"):
            table.drop_column(name)
    with op.batch_alter_table("letter") as table:
        table.drop_index("ix_letter_translation_of_id")
        table.drop_index("ix_letter_state_scheduled_for")
        table.drop_constraint("fk_letter_translation_of_id_letter", type_="foreignkey")
        table.drop_constraint("fk_letter_superseded_by_id_letter", type_="foreignkey")
        for name in (
            *("record_version", "body_concerned", "date_received", "scheduled_for", "sent_to_review_by_id"),
            *("withdrawn_at", "superseded_by_id", "translation_of_id", "translator"),
        ):
            table.drop_column(name)
    with op.batch_alter_table("site") as table:
        table.drop_column("letters_need_two")
