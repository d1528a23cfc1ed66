"""What was decided, by whom and why; never changed afterwards."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db import Base


class Decision(Base):
    """One verdict on one version of a comment."""

    __tablename__ = "decision"
    # What the books ask of decisions is answered from these alone.
    __table_args__ = (Index("ix_decision_books", "comment_id", "decided_at", "moderator_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), index=True)
    comment_version: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(4), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    moderator_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    moderator_name: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[datetime] = mapped_column(index=True)


class BlindReview(Base):
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
    reason: Mapped[str] = mapped_column(String(4), default="")
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    answered_at: Mapped[datetime | None]
