"""TODO docstring of commentsite.comments.screening.models."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class ExternalCheck(Base):
    """The promise to ask a service of others about the words of a comment, and what became of it."""

    __tablename__ = "outside_check"
    __table_args__ = (Index(None, "state", "next_attempt_at"),)

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[str] = mapped_column(
        String(10), default="waiting"
    )  # waiting, spam, clean, failed
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
