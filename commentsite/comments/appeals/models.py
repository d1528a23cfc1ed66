"""Table of the appeals against decisions about comments."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.comments.appeals.states import AppealState
from commentsite.db.base import Base


class Appeal(Base):
    """An author's appeal against one decision, with at most one question of the reviewer, and the ruling."""

    __tablename__ = "appeal"
    __table_args__ = (Index(None, "state", "filed_at", "id"), Index(None, "comment_id", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), unique=True)
    state: Mapped[AppealState] = mapped_column(String(12))
    version: Mapped[int] = mapped_column(default=1)  # counts changes, for optimistic locking
    text: Mapped[str] = mapped_column("words", Text)
    # "nobody" while no moderator is eligible to review the appeal, otherwise "".
    awaiting: Mapped[str] = mapped_column("waits_for", String(10), default="")
    filed_at: Mapped[datetime]
    question: Mapped[str] = mapped_column(Text, default="")
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]
    facts: Mapped[str] = mapped_column(Text, default="")  # the reasons of the ruling
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    decided_by_name: Mapped[str] = mapped_column(String(80), default="")
    decided_by_group: Mapped[str] = mapped_column(String(8), default="")
    changed_at: Mapped[datetime]  # when it came into its state
