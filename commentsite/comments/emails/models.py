"""TODO docstring of commentsite.comments.emails.models."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class PendingNotification(Base):
    """What the author of one comment is to hear of another; gone once they are told.

    No foreign keys: they would lock comments after the audit log, and others lock them before.
    """

    __tablename__ = "notice"

    comment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reply_id: Mapped[int] = mapped_column(
        "answer_id", primary_key=True, autoincrement=False, index=True
    )
    is_daily: Mapped[bool]
    due_at: Mapped[datetime] = mapped_column(index=True)
