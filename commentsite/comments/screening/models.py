"""Tables of the comments that the worker is to examine, and of the external spam checks that it runs."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class Examination(Base):
    """A comment that is still to be examined, with the facts that only its request knew.

    The row is deleted when the comment has been examined.
    """

    __tablename__ = "comment_examination"

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    letter_id: Mapped[int]
    is_honeypot_filled: Mapped[bool]
    form_age: Mapped[float]  # seconds between showing and sending the form
    is_burst: Mapped[bool]  # the letter received unusually many comments


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
