"""What was decided, by whom and why; never changed afterwards."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class Decision(Base):
    """One person's verdict on one version of a comment; a vote, until one of them settles it.

    Group and organisation of the moderator are as they were then. `mode` is the one in force.
    """

    __tablename__ = "decision"
    # What the books ask of decisions is answered from these alone.
    __table_args__ = (
        Index("ix_decision_books", "comment_id", "is_settling", "decided_at", "moderator_id"),
        Index(None, "moderator_id", "comment_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), index=True)
    comment_version: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(10))
    rule: Mapped[str] = mapped_column("reason", String(4), default="")
    rules_version: Mapped[int]  # of the rules in force then, of which `reason` is a clause
    note: Mapped[str] = mapped_column(Text, default="")
    moderator_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    moderator_name: Mapped[str] = mapped_column(String(80))
    moderator_group: Mapped[str] = mapped_column(String(8), default="")
    moderator_organisation: Mapped[str] = mapped_column(String(120), default="")
    mode: Mapped[str] = mapped_column(String(12), default="solo")
    is_applied: Mapped[bool] = mapped_column(
        "is_settling", default=True
    )  # with this one it was carried out
    facts: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    decided_at: Mapped[datetime] = mapped_column(index=True)
    undo_until: Mapped[
        datetime | None
    ]  # so long whoever decided can take it back, and nobody is told
    undone_at: Mapped[datetime | None]

    @property
    def span(self) -> tuple[int, int] | None:
        """Return from where to where it hides the words as they were sent, if it hides any."""
        found = self.details.get("start"), self.details.get("end")
        return None if None in found else found  # type: ignore[return-value]  # two numbers

    @property
    def agreement_key(self) -> tuple[str, tuple[int, int] | None]:
        """Return what two have to say alike to agree."""
        return self.verdict, self.span


class Claim(Base):
    """Who is at a comment, so that two do not read the same; it hinders nobody and ends by itself."""

    __tablename__ = "claim"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    staff_name: Mapped[str] = mapped_column(String(80))
    since: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)


class Batch(Base):
    """Comments one person chose to decide about together, as they were then; forgotten after a day.

    `items` are numbers and versions, `results` number, decision and a sentence where there is none.
    """

    __tablename__ = "batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    made_at: Mapped[datetime] = mapped_column(index=True)
    items: Mapped[list[list[int]]] = mapped_column(JSON)
    matching_count: Mapped[int] = mapped_column(
        "matching", default=0
    )  # how many there were, of which these are the oldest
    verdict: Mapped[str] = mapped_column(String(10), default="")
    decision_fields: Mapped[dict[str, str]] = mapped_column(
        "said", JSON, default=dict
    )  # reason, facts, note, rules
    results: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    undo_until: Mapped[datetime | None]


class ConflictDeclaration(Base):
    """Somebody's word that a letter or a comment is too near to them to decide about."""

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
    """A decided comment drawn for a second reading by somebody who is not told the decision.

    `verdict` and `reason` are what the second reader would have decided; "" until they say.
    """

    __tablename__ = "blind_review"
    __table_args__ = (Index(None, "month"), Index(None, "comment_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7))  # of the decision, as 2026-03
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), unique=True)
    drawn_at: Mapped[datetime]
    verdict: Mapped[str] = mapped_column(String(10), default="")
    rule: Mapped[str] = mapped_column("reason", String(4), default="")
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    answered_at: Mapped[datetime | None]
