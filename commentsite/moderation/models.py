"""Tables of moderation: decisions, claims, bulk batches, declared conflicts and quality reviews."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base, partial_index


class Decision(Base):
    """One moderator's verdict on one version of a comment.

    Where a refusal needs two moderators, a decision is first a vote: `is_applied` is false until
    a later vote completes the quorum, and only that last vote has `is_applied` set. A decision is
    never changed afterwards, except that an undo sets `undone_at` and clears `is_applied`.

    The moderator's name, group and organisation are copied into the row, because people change
    groups and leave. `mode` is the moderation mode (site.quorum) at the time of the vote.

    `details` holds facts for which there is no column: "found_by" (see DetectionSource), "from"
    (the state before), "start" and "end" (characters to hide), "appeal" (the appeal that led to
    the decision), "unread" (the comment had been published without review) and "shown" (readers saw
    the comment before the decision was undone).
    """

    __tablename__ = "decision"
    # The transparency report reads decisions from this index alone.
    __table_args__ = (
        Index("ix_decision_books", "comment_id", "is_settling", "decided_at", "moderator_id"),
        Index(None, "moderator_id", "comment_id"),
        partial_index(
            "ix_decision_restrictions",
            "decided_at",
            "id",
            "is_settling",
            "reason",
            where="verdict IN ('refuse', 'restrict')",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), index=True)
    comment_version: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(10))
    rule: Mapped[str] = mapped_column("reason", String(4), default="")  # "" where none is needed
    rules_version: Mapped[int]  # in force at the time; `rule` is a clause of this version
    note: Mapped[str] = mapped_column(Text, default="")
    moderator_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: the software
    moderator_name: Mapped[str] = mapped_column(String(80))
    moderator_group: Mapped[str] = mapped_column(String(8), default="")
    moderator_organisation: Mapped[str] = mapped_column(String(120), default="")
    mode: Mapped[str] = mapped_column(String(12), default="solo")
    is_applied: Mapped[bool] = mapped_column("is_settling", default=True)
    facts: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    decided_at: Mapped[datetime] = mapped_column(index=True)
    undo_until: Mapped[datetime | None]  # emails about the decision wait until then
    undone_at: Mapped[datetime | None]

    @property
    def span(self) -> tuple[int, int] | None:
        """First and last-plus-one character to hide, in the original text; None for other verdicts."""
        start, end = self.details.get("start"), self.details.get("end")
        return None if start is None or end is None else (start, end)

    @property
    def agreement_key(self) -> tuple[str, tuple[int, int] | None]:
        """The part of a vote that must be equal for two votes to agree."""
        return self.verdict, self.span


class Claim(Base):
    """A moderator's claim on a comment, which shows the others that its review is under way.

    A claim is a courtesy: it blocks no decision, and it expires by itself.
    """

    __tablename__ = "claim"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    staff_name: Mapped[str] = mapped_column(String(80))
    since: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)


class Batch(Base):
    """Comments that a moderator selected for one bulk decision, each at the version they saw.

    `items` are pairs of comment id and version. `results` are triples of comment id, decision id
    and error sentence; a failed item has no decision id. Batches are purged after a day.
    """

    __tablename__ = "batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column("made_at", index=True)
    items: Mapped[list[list[int]]] = mapped_column(JSON)
    # How many comments matched the view. Only the oldest MAX_BATCH_SIZE of them become items.
    matching_count: Mapped[int] = mapped_column("matching", default=0)
    verdict: Mapped[str] = mapped_column(String(10), default="")  # "" until the batch is started
    # The form fields "reason", "facts", "note" and "rules", equal for every item.
    decision_fields: Mapped[dict[str, str]] = mapped_column("said", JSON, default=dict)
    results: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    undo_until: Mapped[datetime | None]


class ConflictDeclaration(Base):
    """A declared conflict of interest of a staff member, in one letter or in one comment."""

    __tablename__ = "declared_interest"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    letter_id: Mapped[int | None] = mapped_column(
        ForeignKey("letter.id", ondelete="CASCADE"), index=True
    )
    comment_id: Mapped[int | None] = mapped_column(
        ForeignKey("comment.id", ondelete="CASCADE"), index=True
    )
    explanation: Mapped[str] = mapped_column("words", String(500), default="")
    declared_at: Mapped[datetime]


class QualityReview(Base):
    """A decided comment, drawn for a second reading by a reviewer who does not see the decision.

    `verdict` and `rule` are the reviewer's own judgement. Both are "" until the review is answered.
    """

    __tablename__ = "blind_review"
    __table_args__ = (Index(None, "month"), Index(None, "comment_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7))  # of the first decision, as 2026-03
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), unique=True)
    drawn_at: Mapped[datetime]
    verdict: Mapped[str] = mapped_column(String(10), default="")
    rule: Mapped[str] = mapped_column("reason", String(4), default="")
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    answered_at: Mapped[datetime | None]


class PreparedNote(Base):
    """A text for refusals and returns that moderators choose instead of typing it again."""

    __tablename__ = "prepared_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(String(4), default="")  # a clause, or "" for any
    language: Mapped[str] = mapped_column(String(20), default="")  # of the text, or "" for any
    version: Mapped[int] = mapped_column(default=1)  # counts changes, for optimistic locking
