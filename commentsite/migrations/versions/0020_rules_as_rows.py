"""The rules of the site as rows, a version at a time, and which version each decision rests on."""

import sqlalchemy as sa
from alembic import op

from commentsite import clock
from commentsite.db import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
NAMED_BY = ("decision", "report", "sanction", "comment")
FIRST = (
    ("R1", "advertising", "No advertising and no unsolicited mass messages."),
    ("R2", "personal attack", "Answer what was said. Do not attack or harass the one who said it."),
    ("R3", "hate or incitement", "Nothing that denies others their dignity, or calls for violence or discrimination."),
    ("R4", "private data", "No private data of others: addresses, telephone numbers, health, family."),
    ("R5", "off the subject", "Speak to the letter, to what it leaves out, or to a comment on it."),
    ("R6", "false identity", "Do not pretend to be somebody else, or to speak for an organisation that has not asked you to."),
    ("R7", "the same again", "Say it once. The same text from the same person is published once."),
    ("R8", "unlawful", "Nothing that the law forbids to publish; the decision then names the law."),
    ("R9", "unreadable", "Write so that others can read it: any language is welcome, noise is not."),
)  # fmt: skip


def upgrade() -> None:
    """Go to the new shape; a site that is there already has had these rules since its first entry in the log."""
    rulebook = op.create_table(
        "rulebook",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_rulebook"),
    )
    clause = op.create_table(
        "rule_clause",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(4), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"], ["rulebook.version"], name="fk_rule_clause_version_rulebook"
        ),
        sa.PrimaryKeyConstraint("version", "code", name="pk_rule_clause"),
        sa.UniqueConstraint("version", "number", name="uq_rule_clause_version_number"),
    )
    here = op.get_bind()
    if here.scalar(sa.text("SELECT count(*) FROM site")):
        entries = sa.table("audit_entry", sa.column("at", UtcDateTime()))
        begun = here.scalar(sa.select(sa.func.min(entries.c.at))) or clock.now()
        op.bulk_insert(rulebook, [{"version": 1, "summary": "", "published_at": begun}])
        op.bulk_insert(
            clause,
            [
                {"version": 1, "code": code, "number": number, "title": title, "text": text, "since": 1, "is_retired": False}
                for number, (code, title, text) in enumerate(FIRST, start=1)
            ],
        )  # fmt: skip
    for table in NAMED_BY:
        op.add_column(
            table, sa.Column("rules_version", sa.Integer(), nullable=False, server_default="1")
        )


def downgrade() -> None:
    """Go back to the rules that stood in the program; what later versions said is lost."""
    for table in NAMED_BY:
        op.drop_column(table, "rules_version")
    op.drop_table("rule_clause")
    op.drop_table("rulebook")
