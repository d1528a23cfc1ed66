"""Table of the external spam checks that the worker runs."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class ExternalCheckState(StrEnum):
    WAITING = "waiting"
    SPAM = "spam"
    CLEAN = "clean"
    FAILED = "failed"  # the service gave no answer in any attempt


class ExternalCheck(Base):
    """The external spam check of one comment: queued, or with its result."""

    __tablename__ = "outside_check"
    __table_args__ = (Index(None, "state", "next_attempt_at"),)

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[str] = mapped_column(String(10), default=ExternalCheckState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
