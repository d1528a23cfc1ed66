"""TODO docstring of commentsite.comments.sanctions.models."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class Sanction(Base):
    """What was decided about the writer at an address, known only by its keyed hash; it ends by itself."""

    __tablename__ = "sanction"
    __table_args__ = (Index(None, "email_hash"), Index(None, "until"))

    id: Mapped[int] = mapped_column(primary_key=True)
    email_hash: Mapped[str] = mapped_column(String(64))
    level: Mapped[str] = mapped_column(String(10))  # note, hold, suspended
    clause: Mapped[str] = mapped_column(String(4))
    rules_version: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="SET NULL"))
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    set_by_name: Mapped[str] = mapped_column(String(80))
    set_at: Mapped[datetime]
    until: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SanctionLevel(StrEnum):
    """How far a decision about whoever writes from an address goes, each further than the one before."""

    NOTE = "note"
    HOLD = "hold"
    SUSPENDED = "suspended"
